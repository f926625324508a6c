"""Narrowing the objects of a consent and of every grant under it, so that the next request feels it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider import targets
from oauth_provider.models import AuditEvent, Consent, Grant
from oauth_provider.models.retry import retried
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Client


@retried
def to(
    user: AbstractBaseUser,
    client: Client,
    kept: Mapping[str, Sequence[str]],
    *,
    source: Source = Source(),  # noqa: B008  # frozen
    actor: str = "",
) -> int:
    """Keep, of each kind named, only these keys (`"*"`: as it is); how many grants have fewer objects now.

    1 for a consent that has fewer without any grant.

    Never widens: what a grant lacks it does not get, and kinds that are not named stay as they are. A token that was
    issued before is held to its grant at its next use.
    """
    wanted = targets.load(kept)
    with transaction.atomic():
        # The consent first: whoever makes a grant without asking holds it too, and reads it afterwards.
        Consent.objects.hold(user.pk, client)
        Grant.objects.hold_between(user.pk, client)
        consent = Consent.objects.of(user, client)
        before = {} if consent is None else consent.targets
        is_narrowed = consent is not None and _narrow(consent, wanted)
        grants = Grant.objects.filter(user_id=user.pk, client=client, revoked_at=None)
        narrowed = sum([_narrow(grant, wanted) for grant in grants])
        if is_narrowed or narrowed:
            AuditEvent.objects.record(
                Event.TARGETS_NARROWED, client=client, user=user, actor=actor, source=source,
                detail={
                    "from": before,
                    "to": {} if consent is None else consent.targets,
                    "grants": narrowed,
                },
            )  # fmt: skip
    return max(narrowed, int(is_narrowed))


def _narrow(row: Consent | Grant, wanted: Mapping[str, targets.Keys]) -> bool:
    before = targets.load(row.targets)
    after = {kind: targets.both(keys, wanted[kind]) if kind in wanted else keys for kind, keys in before.items()}
    if after == before:
        return False
    row.narrow(targets.dump(after))
    return True

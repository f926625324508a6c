"""Taking one permission away from an app and leaving it the others: it holds at the app's next request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider import scopes
from oauth_provider.models import AuditEvent, Consent, Grant
from oauth_provider.models.retry import retried
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Client
    from oauth_provider.values import Source


def carrying(scope: str, among: Collection[str]) -> tuple[str, ...]:
    """Which of these permissions contain this one: while the app has one of them it is not without it."""
    return tuple(other for other in among if other != scope and scope in scopes.expand([other]))


def removable(client: Client, among: Collection[str]) -> frozenset[str]:
    """Which of an app's permissions its person may take away one by one.

    Not who they are, which is the sign-in itself, nor the last one: for that the app's access is ended. None of an
    app of this site: it is not asked about, and would have it back at the next sign-in.
    """
    if client.first_party or len(among) == 1:
        return frozenset()
    return frozenset(scope for scope in among if scope != scopes.OPENID and not carrying(scope, among))


def leave_out(user: AbstractBaseUser, client: Client, scope: str, *, source: Source) -> bool:
    """Take one permission out of consent and grants; whether the app had it.

    Tokens issued before are held against their grant, so it is gone from the next request on. A silent
    authorization that is under way may store its grant meanwhile: the second look finds it, and its code is refused
    where it is redeemed after that (R14).
    """
    taken = frozenset({scope})
    if not _leave_out(user, client, taken, source=source):
        return False
    with transaction.atomic():
        Grant.objects.leave_out(user.pk, client, taken)
    return True


def follow(consent: Consent, *, user: AbstractBaseUser) -> int:
    """Take what this answer left out of the grants of earlier ones; how many had it. The caller holds the transaction.

    Who unticks a permission means the app, not the browser in front of them. No statement when nothing was lost.
    """
    return Grant.objects.leave_out(user.pk, consent.client, consent.lost) if consent.lost else 0


@retried
@transaction.atomic
def _leave_out(user: AbstractBaseUser, client: Client, taken: frozenset[str], *, source: Source) -> bool:
    grants = Grant.objects.leave_out(user.pk, client, taken)
    if not Consent.objects.leave_out(user.pk, client, taken) and not grants:
        return False
    AuditEvent.objects.record(
        Event.CONSENT_NARROWED, client=client, user=user, source=source,
        detail={"scopes": sorted(taken), "grants": grants},
    )  # fmt: skip
    return True

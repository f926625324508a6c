"""Initial access tokens: who gets one may register clients, as often and with as much as it says (RFC 7591 §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from oauth_provider import credentials
from oauth_provider import scopes as known_scopes
from oauth_provider.models import AuditEvent, InitialAccessToken
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

MOST_USES = 10_000
_TOO_MANY = ngettext_lazy("At most %d registration.", "From 1 to %d registrations.")
_NOTE_LENGTH = 255


def make(
    *,
    note: str,
    expires_at: datetime,
    uses: int = 1,
    scopes: Iterable[str] = (),
    owner: AbstractBaseUser | None = None,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
    value: str | None = None,
) -> tuple[InitialAccessToken, str]:
    """Make a token for so many registrations and return its row with the value, which is shown this once.

    Its clients get these scopes at most, REGISTRATION_SCOPES where none are named, and belong to `owner`. Raises
    ValidationError keyed by argument name, and IntegrityError for a `value` that was made before.
    """
    wanted = list(dict.fromkeys(scopes))
    _check(note=note, expires_at=expires_at, uses=uses, scopes=wanted)
    with transaction.atomic():
        row, value = InitialAccessToken.objects.make(
            note=note, expires_at=expires_at, uses=uses, scopes=wanted, owner=owner, value=value
        )
        detail = {"token": row.pk, "note": note, "uses": uses, "scopes": wanted, "expires_at": expires_at.isoformat()}
        AuditEvent.objects.record(
            Event.INITIAL_ACCESS_TOKEN_MADE, user=owner, actor=actor, source=source, detail=detail
        )
    return row, value


def revoke(row: InitialAccessToken, *, actor: str = "", source: Source = Source()) -> bool:  # noqa: B008  # frozen
    """End a token; whether it was alive until now. Clients registered with it stay."""
    with transaction.atomic():
        was_alive = row.revoke()
        if was_alive:
            detail = {"token": row.pk, "note": row.note}
            AuditEvent.objects.record(Event.INITIAL_ACCESS_TOKEN_REVOKED, actor=actor, source=source, detail=detail)
    return was_alive


def find(value: str) -> InitialAccessToken | None:
    """The live token of this value; a value that cannot be one costs no statement."""
    if not credentials.is_kind(value, credentials.Kind.INITIAL_ACCESS_TOKEN):
        return None
    return InitialAccessToken.objects.live(credentials.digest(value))


def _check(*, note: str, expires_at: datetime, uses: int, scopes: list[str]) -> None:
    unknown = [scope for scope in scopes if scope not in known_scopes.registered()]
    found: dict[str, list[object]] = {
        "note": [] if note.strip() and len(note) <= _NOTE_LENGTH else [_("Say in at most 255 signs what it is for.")],
        "expires_at": [] if expires_at > timezone.now() else [_("It must end in the future.")],
        "uses": [] if 1 <= uses <= MOST_USES else [_TOO_MANY % MOST_USES],
        "scopes": [_("These scopes do not exist: %s.") % ", ".join(unknown)] if unknown else [],
    }
    wrong = {name: sentences for name, sentences in found.items() if sentences}
    if wrong:
        raise ValidationError(wrong)

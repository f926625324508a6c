"""Secrets of a client: added beside the old one, then the old one retired."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from oauth_provider import credentials, signals
from oauth_provider.clients import known
from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.models.client_secret import STORED_HASH_HINT
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# 22 digits of base64 hold 128 random bits: what is shorter needs a password hasher, not a digest.
SHORTEST = 22
LONGEST = 255
# RFC 6749 appendix A.2: visible characters; a space inside is allowed and at an end only ever a mistake.
_VISIBLE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", re.ASCII)
_HASHES = re.compile(r"(pbkdf2_|argon2|bcrypt|scrypt|md5\$|sha1\$|sha256\$)", re.ASCII)


def add(
    client: Client,
    *,
    expires_at: datetime | None = None,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
) -> tuple[ClientSecret, str]:
    """Add a live secret and return its row with the plain value, which is shown this once."""
    with transaction.atomic():
        row, value = ClientSecret.objects.add(client, expires_at=expires_at)
        _added(client, {"hint": row.hint}, actor=actor, source=source)
    return row, value


def rotate(
    client: Client,
    *,
    grace: int,
    expires_at: datetime | None = None,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
) -> tuple[ClientSecret, str]:
    """Add a secret, and let every older live one end in `grace` seconds at the latest; none is prolonged.

    Returns the new row with the plain value, which is shown this once. Raises ValidationError for a public client.
    """
    _check_confidential(client)
    with transaction.atomic():
        client.lock()
        ClientSecret.objects.show_stored_hash(client)
        row, value = ClientSecret.objects.add(client, expires_at=expires_at)
        older = ClientSecret.objects.shorten(client, seconds=grace, except_for=row)
        transaction.on_commit(known.forget)
        detail = {"hint": row.hint, "older": [old.hint for old in older], "grace": grace}
        _added(client, detail, actor=actor, source=source)
    return row, value


def keep(
    client: Client,
    value: str,
    *,
    expires_at: datetime | None = None,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
) -> ClientSecret:
    """Keep the digest of a secret that was made elsewhere; the same one again changes nothing, not even its end.

    Raises ValidationError, which never holds the value, for one that `check_value` refuses, and for one that was
    revoked here: what leaked once must not come back with a file.
    """
    _check_confidential(client)
    check_value(value)
    with transaction.atomic():
        client.lock()
        row = ClientSecret.objects.filter(client=client, digest=credentials.digest(value)).first()
        if row is not None:
            check_not_revoked(row)
            return row
        row = ClientSecret.objects.keep(client, value, expires_at=expires_at)
        _added(client, {"hint": row.hint, "made": "elsewhere"}, actor=actor, source=source)
    return row


def check_value(value: str) -> None:
    """Raise ValidationError when a secret made elsewhere cannot be kept as a digest; the sentence never shows it."""
    sentence = _complaint(value)
    if sentence is not None:
        raise ValidationError(str(sentence), code="secret")


def _complaint(value: str) -> object | None:
    if not SHORTEST <= len(value) <= LONGEST:
        return _("A secret has %(shortest)d to %(longest)d characters.") % {"shortest": SHORTEST, "longest": LONGEST}
    if not _VISIBLE.fullmatch(value):
        return _("A secret consists of visible ASCII characters, with no space at either end.")
    if _HASHES.match(value):
        return _("This looks like a stored hash; the secret itself is needed.")
    if len(set(value)) == 1:
        return _("This is one character, repeated.")
    if credentials.is_ours(value) and not credentials.is_kind(value, credentials.Kind.CLIENT_SECRET):
        return _("It starts like a credential of this provider and is not a whole client secret.")
    return None


def check_not_revoked(row: ClientSecret) -> None:
    """Raise ValidationError for a secret that was ended by hand."""
    if row.revoked_at is not None:
        raise ValidationError(
            _("The secret ending in %(hint)s was revoked here; make a new one."),
            params={"hint": row.hint},
            code="revoked",
        )


def set_expiry(
    row: ClientSecret,
    expires_at: datetime | None,
    *,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
) -> None:
    """Let one secret end at another time, earlier or later."""
    with transaction.atomic():
        row.set_expiry(expires_at)
        transaction.on_commit(known.forget)
        detail = {"fields": ["secret"], "hint": row.hint, "expires_at": expires_at and expires_at.isoformat()}
        AuditEvent.objects.record(Event.CLIENT_CHANGED, client=row.client, actor=actor, source=source, detail=detail)


def retire(row: ClientSecret, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """End one secret now, while another live one stays; raises ValidationError (code `last`) for the last one."""
    with transaction.atomic():
        # Two that retire one each must not leave none.
        row.client.lock()
        ClientSecret.objects.show_stored_hash(row.client)
        if is_last(row):
            raise ValidationError(
                _("The secret ending in %(hint)s is the last live one of %(name)s."),
                params={"hint": row.hint, "name": row.client.name},
                code="last",
            )
        revoke(row, actor=actor, source=source)


def is_last(row: ClientSecret) -> bool:
    """Whether the client cannot authenticate any more once this secret has ended."""
    live = set(ClientSecret.objects.live(row.client).values_list("pk", flat=True))
    return live == {row.pk}


def revoke(row: ClientSecret, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """End one secret now, also the last one: whoever calls this has asked."""
    with transaction.atomic():
        row.revoke()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(
            Event.SECRET_REVOKED, client=row.client, actor=actor, source=source, detail={"hint": row.hint}
        )


def named(client: Client, mark: str) -> list[ClientSecret]:
    """The secrets that an operator may mean: by the hint, or `#` and the number of the row. Revoked ones are left out.

    `hash` is the secret that django-oauth-toolkit hashed and nobody has sent yet.
    """
    if mark == STORED_HASH_HINT:
        ClientSecret.objects.show_stored_hash(client)
    rows = ClientSecret.objects.filter(client=client, revoked_at=None).select_related("client__application")
    if mark.startswith("#") and mark[1:].isdecimal():
        return list(rows.filter(pk=int(mark[1:])))
    return list(rows.filter(hint=mark).order_by("pk"))


def _check_confidential(client: Client) -> None:
    if client.is_public:
        raise ValidationError(_("A public client has no secret."), code="public")


def _added(client: Client, detail: Mapping[str, object], *, actor: str, source: Source) -> None:
    AuditEvent.objects.record(Event.SECRET_ADDED, client=client, actor=actor, source=source, detail=detail)
    transaction.on_commit(
        lambda: signals.secret_rotated.send_robust(Client, client=client, user=None, grant=None, request=None)
    )

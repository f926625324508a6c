"""Ending what was found, without its grant: pages pass on a signed reference to the token, never the token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from django.core import signing
from django.db import transaction

from oauth_provider.models import AccessToken, Client, Grant, dot_token
from oauth_provider.models.retry import retried
from oauth_provider.tokens import revoke

if TYPE_CHECKING:
    from collections.abc import Callable

    from oauth_provider.insight.found import Found
    from oauth_provider.values import Source

_SALT = "oauth_provider.insight.revocable"
# Seconds between the page that found it and the page that ends it.
_MAX_AGE = 3600

Kind = Literal["opaque", "jwt", "dot_access_token", "dot_refresh_token"]


@dataclass(frozen=True, slots=True)
class Reference:
    """One token by its row, or by its `jti`; `expires_at` (seconds) and `grant_id` are a JWT's."""

    kind: Kind
    name: str
    client_pk: str
    expires_at: int = 0
    grant_id: str = ""

    def signed(self) -> str:
        """As a hidden field carries it; nobody can write another."""
        members = (self.kind, self.name, self.client_pk, self.expires_at, self.grant_id)
        return signing.dumps(members, salt=_SALT)


def reference_to(found: Found) -> Reference | None:
    """What is needed to end it alone; None for what has ended, or ends with its grant or its client only."""
    token = found.access_token
    if found.client is None:
        return None
    client_pk = str(found.client.pk)
    if found.dot_refresh_token is not None:
        return Reference("dot_refresh_token", str(found.dot_refresh_token.pk), client_pk)
    if token is None:
        return None
    if token.opaque is not None:
        return Reference("opaque", str(token.opaque.pk), client_pk)
    if token.dot is not None:
        return Reference("dot_access_token", str(token.dot.pk), client_pk)
    grant_id = "" if token.grant is None else str(token.grant.pk)
    return Reference("jwt", token.jti, client_pk, int(token.expires_at.timestamp()), grant_id)


def read(signed: str) -> Reference | None:
    """The reference of a hidden field; None when it is not ours or an hour old."""
    try:
        return Reference(*signing.loads(signed, salt=_SALT, max_age=_MAX_AGE))
    except (signing.BadSignature, TypeError):
        return None


@retried
@transaction.atomic
def end(reference: Reference, *, actor: str, source: Source) -> Client | None:
    """End the token and nothing else; its client, or None where there was nothing left to end."""
    client = Client.objects.select_related("application").filter(pk=reference.client_pk).first()
    if client is None or not _ENDERS[reference.kind](reference, client, actor, source):
        return None
    return client


def _opaque(reference: Reference, client: Client, actor: str, source: Source) -> bool:
    row = AccessToken.objects.select_related("grant", "user", "client__application").filter(
        pk=reference.name, client=client
    )
    token = row.first()
    return token is not None and revoke.revoke_opaque(token, source=source, actor=actor)


def _jwt(reference: Reference, client: Client, actor: str, source: Source) -> bool:
    grant = Grant.objects.filter(pk=reference.grant_id).first() if reference.grant_id else None
    expires_at = datetime.fromtimestamp(reference.expires_at, UTC)
    revoke.revoke_jti(reference.name, expires_at=expires_at, client=client, grant=grant, source=source, actor=actor)
    return True


def _dot_access_token(reference: Reference, client: Client, actor: str, source: Source) -> bool:
    row = dot_token.access_token_of(reference.name)
    if row is not None:
        revoke.revoke_dot_access_token(row, client=client, source=source, actor=actor)
    return row is not None


def _dot_refresh_token(reference: Reference, client: Client, actor: str, source: Source) -> bool:
    row = dot_token.refresh_token_of(reference.name)
    return row is not None and revoke.revoke_dot_refresh_token(row, client=client, source=source, actor=actor)


_ENDERS: dict[Kind, Callable[[Reference, Client, str, Source], bool]] = {
    "opaque": _opaque,
    "jwt": _jwt,
    "dot_access_token": _dot_access_token,
    "dot_refresh_token": _dot_refresh_token,
}

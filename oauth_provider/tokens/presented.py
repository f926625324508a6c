"""Revoking the token a client presents (RFC 7009): its own only, and silently nothing otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider import credentials
from oauth_provider.models import RefreshToken, dot_token
from oauth_provider.models.retry import retried
from oauth_provider.tokens import revoke
from oauth_provider.tokens.lookup import TokenNotLive, find_access_token

if TYPE_CHECKING:
    from oauth_provider.models import Client
    from oauth_provider.values import Source


@retried
def revoke_presented(value: str, *, client: Client, source: Source) -> None:
    """A refresh token ends its grant, an access token itself (RFC 7009 §2.1); `token_type_hint` is not needed."""
    if credentials.is_kind(value, credentials.Kind.REFRESH_TOKEN):
        row = RefreshToken.objects.find(credentials.digest(value), client)
        if row is not None:
            with transaction.atomic():
                revoke.revoke_grant(row.grant, reason="revoked_by_client", source=source, client=client)
        return
    try:
        token = find_access_token(value)
    except TokenNotLive:
        _revoke_dot_refresh_token(value, client=client, source=source)
        return
    if token.client.pk == client.pk:
        with transaction.atomic():
            revoke.revoke_access_token(token, client=client, source=source)


def _revoke_dot_refresh_token(value: str, *, client: Client, source: Source) -> None:
    if credentials.is_ours(value):
        return
    row = dot_token.find_refresh_token(value)
    if row is None or row.application_id != client.application_id:
        return
    with transaction.atomic():
        revoke.revoke_dot_refresh_token(row, client=client, source=source)

"""Refresh tokens of a grant: the first one, and the successor of a spent one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.models import RefreshToken
from oauth_provider.tokens import lifetimes
from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from oauth_provider.models import Client, Grant


def is_given(client: Client) -> bool:
    """Whether a grant of this client gets refresh tokens."""
    return client.allows_grant(GrantType.REFRESH_TOKEN)


def start(grant: Grant, *, client: Client) -> str | None:
    """The first refresh token of a grant; None for a client that gets none (AS13)."""
    if not is_given(client):
        return None
    return RefreshToken.objects.start(grant, client, expires_at=lifetimes.refresh_token_ends(client, grant))


def succeed(row: RefreshToken, presented: str, *, client: Client) -> str:
    """Spend a refresh token and return its one successor; the caller holds the family's lock."""
    row.rotate()
    return row.make_successor(presented, expires_at=lifetimes.refresh_token_ends(client, row.grant))

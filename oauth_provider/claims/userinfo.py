"""Claims of the UserInfo response (OpenID Connect Core §5.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider import scopes as known_scopes
from oauth_provider.claims import registry, requested

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oauth_provider.models import Client


def claims_of(
    subject: str, *, user: Any, client: Client, scopes: Iterable[str], asked: Mapping[str, Any]
) -> dict[str, object]:
    """What the response says of this subject: what the scopes give, and what was asked for by itself.

    `asked` is what the grant keeps of the `claims` parameter.
    """
    granted = known_scopes.expand(scopes)
    told = registry.of(user, client=client, scopes=granted, asked=requested.load(asked).userinfo)
    return {**told, "sub": subject}

"""`act`: who acts with a token that stands for a person, where that is an AI agent (RFC 8693 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth_provider.models import Client, Grant
    from oauth_provider.tokens.lookup import LiveToken

CLAIM = "act"


def claim_of(client: Client, grant: Grant | None) -> dict[str, Any] | None:
    """The claim for a person's token of this client; None for what is no agent, and for a machine: its `sub` it is."""
    return {"sub": client.client_id} if grant is not None and client.is_agent else None


def actor_of(token: LiveToken, *, check_state: bool = True) -> Mapping[str, Any] | None:
    """Who acts with a live token: what it says itself, or what its client has been said to be since.

    Costs no statement: a JWT that is believed unread (`check_state` false) is held to its claim alone.
    """
    claimed = (token.claims or {}).get(CLAIM)
    if isinstance(claimed, dict):
        return claimed
    if token.claims is not None and not check_state:
        return None
    return claim_of(token.client, token.grant)

"""Which objects an access token is limited to: what its scopes are about, its grant's row and its own claim say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider import scopes, targets

if TYPE_CHECKING:
    from oauth_provider.tokens.lookup import LiveToken

# RFC 9396 §9.1.
CLAIM = "authorization_details"


def targets_of(token: LiveToken, *, check_state: bool = True) -> dict[str, targets.Keys]:
    """Kind → keys, without a statement: the grant was read with the token. Whatever nobody chose is not there.

    A JWT that is believed unread (`check_state` false) is held to its claim alone. A machine acts as its service
    account, for whose objects nobody else could have been asked; without one it has none.
    """
    if not targets.registered():
        return {}
    kinds = scopes.targets_of(token.scopes)
    if not kinds or token.dot is not None:
        return {}
    if token.grant is None:
        return dict.fromkeys(kinds, targets.EVERY) if token.user is not None else {}
    if token.claims is None:
        return targets.only(targets.load(token.grant.targets), kinds)
    claimed = targets.only(targets.from_details(token.claims.get(CLAIM)), kinds)
    return targets.meet(claimed, targets.load(token.grant.targets)) if check_state else claimed

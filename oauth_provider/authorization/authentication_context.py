"""`acr_values` and the `acr` claim: how a person must have signed in, and what a sign-in reached (OpenID Connect Core
§3.1.2.1, §5.5.1.1; RFC 9470).

`ACR_VALUES` lists the site's values, the weakest first: whoever reached one has reached those before it. Asked for
voluntarily, a value is tried for and what was reached is told; asked for as essential, the answer is an error without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth_provider.conf import conf

if TYPE_CHECKING:
    from oauth_provider.authorization.parameters import Asked
    from oauth_provider.claims.requested import Requested
    from oauth_provider.models import Client

ACR = "acr"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values that would do, in the client's order; none: any sign-in does."""

    values: tuple[str, ...] = ()
    essential: bool = False

    @property
    def is_reachable(self) -> bool:
        """Whether somebody who signs in again could reach one of them here."""
        return any(value in conf.ACR_VALUES for value in self.values)

    def met_by(self, reached: str) -> str | None:
        """The first of the values that a sign-in which reached this one meets; None when it meets none."""
        return next((value for value in self.values if value in _meets(reached)), None)

    def is_met_by(self, reached: str) -> bool:
        """Whether this sign-in will do."""
        return not self.values or self.met_by(reached) is not None

    def told(self, reached: str) -> str:
        """What the client is told of this sign-in: the value it asked for, else the one that was reached."""
        return self.met_by(reached) or reached


def wanted(asked: Asked, claims: Requested, client: Client) -> Wanted:
    """What a request wants: the essential claim before `acr_values`, which are always voluntary, and what the client
    wants where its request speaks of neither (OpenID Connect Registration §2).
    """
    by_claim, named = claims.id_token.get(ACR), (asked.get("acr_values") or "").split()
    if by_claim is not None and by_claim.values:
        return Wanted(tuple(map(str, by_claim.values)), essential=by_claim.essential)
    if not named and by_claim is None:
        named = client.default_acr_values
    return Wanted(tuple(dict.fromkeys(named))[:_MOST])


def _meets(reached: str) -> tuple[str, ...]:
    if not reached:
        return ()
    known = conf.ACR_VALUES
    return known[: known.index(reached) + 1] if reached in known else (reached,)

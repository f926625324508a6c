"""Response types: the authorization code, and the legacy ones a site switches on by name.

RFC 9700 §2.1.2 and OAuth 2.1 have the code only: what comes from the authorization endpoint itself passes the browser,
its history and whatever runs in the page. `LEGACY_RESPONSE_TYPES` and the profile `legacy` are for apps that cannot
do better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth_provider.conf import conf
from oauth_provider.values import GrantType, Profile, ResponseType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.models import Client

# The order in which they are listed; each word is something that is answered.
LEGACY = tuple(response_type for response_type in ResponseType if response_type != ResponseType.CODE)
# RFC 7591 §2.1: what a client that gets tokens by them has among its grant types.
IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class Given:
    """What the authorization endpoint itself answers."""

    code: bool
    token: bool
    id_token: bool

    @property
    def is_front(self) -> bool:
        """Whether anything but a code is among it."""
        return self.token or self.id_token


def canonical(sent: str) -> str:
    """The value with its words in our order: `token id_token` is `id_token token` (Multiple Response Types §3)."""
    return " ".join(sorted(sent.split(" ")))


def given_by(sent: str | None) -> Given:
    """What this value stands for; nothing where nobody serves it."""
    name = canonical(sent or "")
    words = name.split() if name in served() else ()
    return Given("code" in words, "token" in words, "id_token" in words)


def served() -> tuple[ResponseType, ...]:
    """The code, and the legacy ones that are switched on."""
    wanted = set(conf.LEGACY_RESPONSE_TYPES)
    return (ResponseType.CODE, *(response_type for response_type in LEGACY if response_type in wanted))


def may_use(client: Client, response_type: str) -> bool:
    """Whether the client may use a type that is served; a legacy one only where its profile says what it is."""
    is_modern = response_type == ResponseType.CODE
    return client.allows_response_type(response_type) and (is_modern or client.profile == Profile.LEGACY)


def kept(response_types: Iterable[str], grant_types: Iterable[str]) -> list[str]:
    """The response types that go with these grant types (RFC 7591 §2.1): the code with its own; legacy ones stay."""
    has_code = GrantType.AUTHORIZATION_CODE in set(grant_types)
    legacy = [name for name in response_types if name in LEGACY and (has_code or "code" not in name.split())]
    return [*([ResponseType.CODE.value] if has_code else []), *legacy]

"""What a client presented to authenticate itself, before anybody looked it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from oauth_provider.values import AuthMethod, TokenRequest


@dataclass(frozen=True, slots=True)
class Presented:
    """A claimed identity and, unless the client is public, its proof."""

    client_id: str
    method: AuthMethod
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Method:
    """One way to authenticate: is it used in this request, and what does it present?"""

    name: AuthMethod
    is_used_by: Callable[[TokenRequest], bool]
    read: Callable[[TokenRequest], Presented]

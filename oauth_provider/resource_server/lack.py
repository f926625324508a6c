"""What a token lacks, and what its app can ask for to have it: what a refusal is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

INSUFFICIENT_SCOPE = "insufficient_scope"
# RFC 9470 §3.
INSUFFICIENT_USER_AUTHENTICATION = "insufficient_user_authentication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an app can ask its issuer for. Said whole, also what the token has: a new one shall have all of it."""

    scope: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    max_age: int | None = None

    def __add__(self, other: Asked) -> Asked:
        ages = [age for age in (self.max_age, other.max_age) if age is not None]
        both = tuple(value for value in self.acr_values if value in other.acr_values)
        return Asked(
            scope=tuple(dict.fromkeys(self.scope + other.scope)),
            acr_values=both or tuple(dict.fromkeys(self.acr_values + other.acr_values)),
            max_age=min(ages, default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What a token lacks, told twice: `detail` and `body` to the app, `rule`, `cause`, `compared` to the operator.

    `error` is that of the challenge; empty where no other token of this app would do.
    """

    code: str
    detail: str
    status: int = 403
    error: str = ""
    description: str = ""
    body: Mapping[str, object] = field(default_factory=dict)
    rule: str
    cause: str
    compared: Mapping[str, str] = field(default_factory=dict)

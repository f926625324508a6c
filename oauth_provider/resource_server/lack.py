"""What a condition of a view is, what a token lacks of it, and what its app can ask for to have it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access

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


class Condition(ABC):
    """One thing a view asks of a token; in text as its permission class is written: `HasFreshLogin(300)`."""

    permission: ClassVar[str]
    # Whether judging may cost statements: then only where nothing else is lacking.
    costs: ClassVar[bool] = False

    def __str__(self) -> str:
        given: list[object] = [getattr(self, name) for name in getattr(self, "__dataclass_fields__", ())]
        written = ", ".join(", ".join(one) if isinstance(one, tuple) else str(one) for one in given)
        return f"{self.permission}({written})" if written else self.permission

    def asks(self, access: Access) -> Asked:
        """What of it can be asked for at the issuer."""
        del access
        return Asked()

    @abstractmethod
    def lack(self, access: Access) -> Lack | None:
        """What the token lacks, or None: it holds."""


def refused_by(
    permission: str, *, code: str, detail: str, body: Mapping[str, object] | None = None, **compared: str
) -> Lack:
    """403 that nothing at the issuer helps against. The operator knows the conditions by their permission classes."""
    return Lack(
        code=code,
        detail=detail,
        body=body or {},
        rule="permission_refused",
        cause=f"{permission} refuses",
        compared={"permission": permission, **compared},
    )


def user_lack(*, permission: str) -> Lack:
    """403: a person is needed, and nobody is behind the token."""
    return refused_by(permission, code="user_required", detail=_("This needs a person, not a machine."))

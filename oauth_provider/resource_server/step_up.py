"""How and when the person signed in (RFC 9470): `Acr`, `FreshLogin`, and the answer to who has to sign in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider.conf import conf
from oauth_provider.resource_server.lack import INSUFFICIENT_USER_AUTHENTICATION, Asked, Condition, Lack, user_lack

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access


@dataclass(frozen=True, slots=True)
class Acr(Condition):
    """The person signed in by one of these authentication context classes, best first."""

    permission = "HasAcr"

    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.values or any(not value or value.split() != [value] for value in self.values):
            raise ImproperlyConfigured("Name at least one acr value; each is one word.")

    def asks(self, access: Access) -> Asked:
        return Asked(acr_values=self.values)

    def lack(self, access: Access) -> Lack | None:
        return None if _has_acr(self.values, access) else step_up_lack(self.asks(access), access)


@dataclass(frozen=True, slots=True)
class FreshLogin(Condition):
    """The person signed in at most so many seconds ago; a token that does not say when is not fresh."""

    permission = "HasFreshLogin"

    max_age: int

    def __post_init__(self) -> None:
        if self.max_age < 1:
            raise ImproperlyConfigured("max_age is at least one second: no sign-in is younger than that.")

    def asks(self, access: Access) -> Asked:
        return Asked(max_age=self.max_age)

    def lack(self, access: Access) -> Lack | None:
        return None if _is_fresh(self.max_age, access) else step_up_lack(self.asks(access), access)


def seconds(max_age: float | timedelta) -> int:
    """A `max_age` as it is written on a view: seconds, or a timedelta."""
    return int(max_age.total_seconds() if isinstance(max_age, timedelta) else max_age)


def step_up_lack(asked: Asked, access: Access) -> Lack:
    """401 `insufficient_user_authentication` (RFC 9470 §3); 403 to a machine, which signs in nowhere."""
    if access.is_machine:
        return user_lack(permission=(Acr if asked.max_age is None else FreshLogin).permission)
    told: list[str] = []
    described: list[str] = []
    body: dict[str, object] = {}
    if asked.acr_values:
        body |= {"acr_values": list(asked.acr_values), "acr": access.acr or None}
        if not _has_acr(asked.acr_values, access):
            told.append(_("This needs another way of signing in."))
            described.append("The person has to sign in another way.")
    if asked.max_age is not None:
        signed_in = None if access.auth_time is None else int(access.auth_time.timestamp())
        body |= {"max_age": asked.max_age, "auth_time": signed_in}
        if not _is_fresh(asked.max_age, access):
            told.append(
                ngettext(
                    "This needs a sign-in of the last second.",
                    "This needs a sign-in of the last %(seconds)d seconds.",
                    asked.max_age,
                )
                % {"seconds": asked.max_age}
            )
            described.append("The person has to sign in again.")
    return Lack(
        code=INSUFFICIENT_USER_AUTHENTICATION,
        detail=" ".join(told),
        status=401,
        error=INSUFFICIENT_USER_AUTHENTICATION,
        description=" ".join(described),
        body=body,
        rule="sign_in_not_enough",
        cause=f"signed in at {access.auth_time}, acr {access.acr!r}",
        compared={
            "required": f"acr_values={' '.join(asked.acr_values)} max_age={asked.max_age or ''}",
            "sent": f"acr={access.acr} auth_time={access.auth_time or ''}",
        },
    )


def _has_acr(values: tuple[str, ...], access: Access) -> bool:
    return not access.is_machine and access.acr in values


def _is_fresh(max_age: int, access: Access) -> bool:
    if access.is_machine or access.auth_time is None:
        return False
    age = timezone.now() - access.auth_time
    # Clocks may differ as for every JWT; who is further ahead has said when nobody can know.
    return timedelta(seconds=-conf.CLOCK_SKEW) <= age <= timedelta(seconds=max_age)

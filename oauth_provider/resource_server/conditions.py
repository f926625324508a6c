"""What a view asks of a token, one condition each: judged on an `Access` alone, whichever framework asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider.conf import conf
from oauth_provider.resource_server.lack import INSUFFICIENT_SCOPE, INSUFFICIENT_USER_AUTHENTICATION, Asked, Lack
from oauth_provider.resource_server.requirement import Requirement, missing
from oauth_provider.resource_server.user import for_app

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access


class Condition(ABC):
    """One thing a view asks of a token."""

    # Whether judging may cost statements: then only where nothing else is lacking.
    costs: ClassVar[bool] = False

    def asks(self, access: Access) -> Asked:
        """What of it can be asked for at the issuer."""
        del access
        return Asked()

    @abstractmethod
    def lack(self, access: Access) -> Lack | None:
        """What the token lacks, or None: it holds."""


def lacks_of(conditions: Iterable[Condition], *, access: Access) -> tuple[Lack, ...]:
    """Everything the token lacks; of what costs statements no more than the first, and only where it decides."""
    given = tuple(conditions)
    found = tuple(lack for condition in given if not condition.costs if (lack := condition.lack(access)) is not None)
    if found:
        return found
    costly = (lack for condition in given if condition.costs if (lack := condition.lack(access)) is not None)
    return tuple(lack for lack in (next(costly, None),) if lack is not None)


def asked_by(conditions: Iterable[Condition], *, access: Access) -> Asked:
    """What an app would have to ask for to hold all of them."""
    return sum((condition.asks(access) for condition in conditions), Asked())


# ── scopes ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Scopes(Condition):
    """Carries the scopes of one alternative."""

    requirement: Requirement

    def asks(self, access: Access) -> Asked:
        return Asked(scope=self.requirement.nearest(access))

    def lack(self, access: Access) -> Lack | None:
        return None if self.requirement.is_held_by(access) else scope_lack(self.asks(access), access)


def scope_lack(asked: Asked, access: Access) -> Lack:
    """403 `insufficient_scope` (RFC 6750 §3.1), naming all that is missing."""
    lacking = missing(asked.scope, access=access)
    if lacking:
        names = ", ".join(f"'{name}'" for name in lacking)
        detail = ngettext(
            "This needs the permission %(names)s.", "This needs the permissions %(names)s.", len(lacking)
        ) % {"names": names}
    else:
        detail = _("Apps may not do this here.")
    return Lack(
        code=INSUFFICIENT_SCOPE,
        detail=detail,
        error=INSUFFICIENT_SCOPE,
        body={"required": list(asked.scope), "granted": sorted(access.scopes)},
        rule="scope_missing",
        cause=f"the token lacks {list(lacking)}",
        compared={"required": " ".join(asked.scope), "granted": access.scope},
    )


# ── how and when the person signed in (RFC 9470) ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Acr(Condition):
    """The person signed in by one of these authentication context classes, best first."""

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
        return _user_lack(permission="HasFreshLogin" if asked.max_age is not None else "HasAcr")
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


# ── what the token is for, and who has it ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Audience(Condition):
    """For one of these audiences."""

    audiences: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.audiences:
            raise ImproperlyConfigured("HasAudience needs at least one audience.")

    def lack(self, access: Access) -> Lack | None:
        if set(self.audiences) & set(access.audience):
            return None
        return _refused_by(
            "HasAudience",
            code="insufficient_audience",
            detail=_("This needs an access token for another resource."),
            body={"required_audience": list(self.audiences), "audience": list(access.audience)},
            required=" ".join(self.audiences),
        )


@dataclass(frozen=True, slots=True)
class Targets(Condition):
    """Limited to some object of this kind."""

    kind: str

    def lack(self, access: Access) -> Lack | None:
        """Because none was chosen, or no scope of the token is about any."""
        if access.has_targets(self.kind):
            return None
        granted = sorted(access.targets)
        return Lack(
            code="insufficient_targets",
            detail=_("This needs objects of the kind '%(kind)s', and the app was given none.") % {"kind": self.kind},
            error=INSUFFICIENT_SCOPE,
            description=f"The access token is limited to no object of the type {self.kind}.",
            body={"required_targets": [self.kind], "granted_targets": granted},
            rule="targets_missing",
            cause=f"the token has no object of the kind {self.kind}",
            compared={"required": self.kind, "granted": " ".join(granted)},
        )


class User(Condition):
    """A person is behind it; no machine, service account or not (RS10)."""

    def lack(self, access: Access) -> Lack | None:
        return _user_lack(permission="IsUser") if access.is_machine or access.user is None else None


def _user_lack(*, permission: str) -> Lack:
    return _refused_by(permission, code="user_required", detail=_("This needs a person, not a machine."))


class Machine(Condition):
    """The client acts for itself."""

    def lack(self, access: Access) -> Lack | None:
        if access.is_machine:
            return None
        return _refused_by("IsMachine", code="machine_required", detail=_("This needs a machine, not a person."))


class FirstParty(Condition):
    """The client belongs to this site."""

    def lack(self, access: Access) -> Lack | None:
        if access.client.first_party:
            return None
        return _refused_by(
            "IsFirstParty", code="first_party_required", detail=_("This is for the apps of this site alone.")
        )


@dataclass(frozen=True, slots=True)
class DjangoPermission(Condition):
    """The person, or the machine's service account, has this permission of Django's **now**.

    `users_only`: a machine without service account, whom no permission bounds, lacks it.
    """

    costs: ClassVar[bool] = True

    name: str
    users_only: bool = True

    def lack(self, access: Access) -> Lack | None:
        user: Any = bounded_by(access)
        if user is None:
            if access.is_machine and not self.users_only:
                return None
            return _user_lack(permission="HasModelScope")
        if user.has_perm(self.name):
            return None
        return _refused_by(
            "HasModelScope",
            code="insufficient_permission",
            detail=_("The person behind the app may not do this: it needs '%(name)s'.") % {"name": self.name},
            body={"required_permissions": [self.name]},
            required=self.name,
        )


def bounded_by(access: Access) -> Any:
    """Whose permissions bound the token: its person's, the service account's, or nobody's (None)."""
    if access.user is not None or not access.is_machine:
        return access.user
    try:
        # Where JWT_STATE_CHECK is `never`, a token comes without the account; the client has it.
        account = access.registered_client.service_account
    except PermissionDenied:
        return None
    return None if account is None else for_app(account, scopes=access.scopes)


def _refused_by(
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


_KINDS: Mapping[str, type[Condition]] = {"user": User, "machine": Machine, "first_party": FirstParty}


def build(
    *,
    acr: str | Iterable[str] = (),
    max_age: float | timedelta | None = None,
    targets: str | Iterable[str] = (),
    audience: str | Iterable[str] = (),
    only: str | Iterable[str] = (),
) -> tuple[Condition, ...]:
    """The conditions beside scopes, by the keywords of `scope_required`; raises ImproperlyConfigured."""
    unknown = [kind for kind in _listed(only) if kind not in _KINDS]
    if unknown:
        raise ImproperlyConfigured(f"only={unknown[0]!r}: there are {', '.join(map(repr, _KINDS))}.")
    return (
        *(_KINDS[kind]() for kind in _listed(only)),
        *((Audience(_listed(audience)),) if audience else ()),
        *((Acr(_listed(acr)),) if acr else ()),
        *((FreshLogin(seconds(max_age)),) if max_age is not None else ()),
        *(Targets(kind) for kind in _listed(targets)),
    )


def _listed(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)

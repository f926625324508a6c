"""What a view asks of a token, one condition each: judged on an `Access` alone, whichever framework asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider.resource_server.lack import INSUFFICIENT_SCOPE, Asked, Condition, Lack, refused_by, user_lack
from oauth_provider.resource_server.requirement import Requirement, missing
from oauth_provider.resource_server.step_up import Acr, FreshLogin, seconds
from oauth_provider.resource_server.user import for_app

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access


def lacks_of(conditions: Iterable[Condition], *, access: Access) -> tuple[Lack, ...]:
    """Everything the token lacks; of what costs statements no more than the first, and only where it decides."""
    given = tuple(conditions)
    found = tuple(lack for condition in given if not condition.costs if (lack := condition.lack(access)) is not None)
    if found:
        return found
    costly = (lack for condition in given if condition.costs if (lack := condition.lack(access)) is not None)
    first = next(costly, None)
    return () if first is None else (first,)


def asked_by(conditions: Iterable[Condition], *, access: Access) -> Asked:
    """What an app would have to ask for to hold all of them."""
    return sum((condition.asks(access) for condition in conditions), Asked())


# ── scopes ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Scopes(Condition):
    """Carries the scopes of one alternative."""

    permission = "HasScope"

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


# ── what the token is for, and who has it ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Audience(Condition):
    """For one of these audiences."""

    permission = "HasAudience"

    audiences: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.audiences:
            raise ImproperlyConfigured("HasAudience needs at least one audience.")

    def lack(self, access: Access) -> Lack | None:
        if set(self.audiences) & set(access.audience):
            return None
        return refused_by(
            self.permission,
            code="insufficient_audience",
            detail=_("This needs an access token for another resource."),
            body={"required_audience": list(self.audiences), "audience": list(access.audience)},
            required=" ".join(self.audiences),
        )


@dataclass(frozen=True, slots=True)
class Targets(Condition):
    """Limited to some object of this kind."""

    permission = "HasTargets"

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

    permission = "IsUser"

    def lack(self, access: Access) -> Lack | None:
        return user_lack(permission=self.permission) if access.is_machine or access.user is None else None


class Machine(Condition):
    """The client acts for itself."""

    permission = "IsMachine"

    def lack(self, access: Access) -> Lack | None:
        if access.is_machine:
            return None
        return refused_by(self.permission, code="machine_required", detail=_("This needs a machine, not a person."))


class FirstParty(Condition):
    """The client belongs to this site."""

    permission = "IsFirstParty"

    def lack(self, access: Access) -> Lack | None:
        if access.client.first_party:
            return None
        return refused_by(
            self.permission, code="first_party_required", detail=_("This is for the apps of this site alone.")
        )


@dataclass(frozen=True, slots=True)
class DjangoPermission(Condition):
    """The person, or the machine's service account, has this permission of Django's **now**.

    `users_only`: a machine without service account, whom no permission bounds, lacks it.
    """

    permission = "HasModelScope"
    costs: ClassVar[bool] = True

    name: str
    users_only: bool = True

    def lack(self, access: Access) -> Lack | None:
        user: Any = bounded_by(access)
        if user is None:
            if access.is_machine and not self.users_only:
                return None
            return user_lack(permission=self.permission)
        if user.has_perm(self.name):
            return None
        return refused_by(
            self.permission,
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

"""Judging a tree of permissions for a token: allowed, and was a scope requirement what allowed it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import AND, NOT, OR

from oauth_provider.drf.permissions import AppPermission, ScopePermission
from oauth_provider.resource_server import conditions
from oauth_provider.resource_server.conditions import Scopes
from oauth_provider.resource_server.lack import INSUFFICIENT_SCOPE, Asked, Condition, Lack
from oauth_provider.resource_server.requirement import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.resource_server.access import Access


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wanted` is what was asked of the token, `lacks` what it lacks of that.

    `refused_by` is a permission that said no and cannot say what it wants.
    """

    allowed: bool
    held: bool = False
    wanted: tuple[Condition, ...] = ()
    lacks: tuple[Lack, ...] = ()
    refused_by: object = None

    @property
    def enters(self) -> bool:
        """The rule."""
        return self.allowed and self.held

    def asked_of(self, access: Access) -> Asked:
        """What the app would have to ask its issuer for."""
        return conditions.asked_by(self.wanted, access=access)

    @property
    def asks_for_scope(self) -> bool:
        """Whether a scope was asked for at all."""
        return any(isinstance(condition, Scopes) and condition.requirement.alternatives for condition in self.wanted)

    @property
    def lacks_scope(self) -> bool:
        """Whether a scope is among what the token lacks."""
        return any(lack.code == INSUFFICIENT_SCOPE for lack in self.lacks)


def judge(permissions: Iterable[Any], *, request: Any, view: Any) -> Verdict:
    """The verdict on a view's list of permissions, which are all needed."""
    verdict = Verdict(allowed=True)
    for permission in permissions:
        verdict = _both(verdict, _judge(permission, request, view, ours_only=not verdict.allowed))
    return verdict


def _judge(permission: Any, request: Any, view: Any, *, ours_only: bool) -> Verdict:
    """`ours_only`: already refused; other permissions may count on the earlier ones and are not run."""
    if isinstance(permission, AND):
        first, second = operands(permission)
        verdict = _judge(first, request, view, ours_only=ours_only)
        return _both(verdict, _judge(second, request, view, ours_only=ours_only or not verdict.allowed))
    if isinstance(permission, OR):
        first, second = operands(permission)
        verdict = _judge(first, request, view, ours_only=ours_only)
        if verdict.enters:
            return verdict
        return _either(verdict, _judge(second, request, view, ours_only=ours_only))
    if isinstance(permission, NOT):
        # Lacking a scope opens nothing.
        (operand,) = operands(permission)
        return Verdict(allowed=not _judge(operand, request, view, ours_only=ours_only).allowed)
    if isinstance(permission, AppPermission):
        return _judge_ours(permission, request, view, ours_only=ours_only)
    allowed = not ours_only and bool(permission.has_permission(request, view))
    if is_of_dot(permission):
        needed = asked_by_dot(permission, request, view).nearest(request.auth)
        return _on_dot(needed, allowed=allowed, access=request.auth)
    return Verdict(allowed=allowed, refused_by=None if allowed or ours_only else permission)


def operands(operator: Any) -> tuple[Any, ...]:
    """What `&`, `|` or `~` combines."""
    return tuple(getattr(operator, name) for name in ("op1", "op2") if hasattr(operator, name))


def opens_the_gate(permission: object) -> bool:
    """Whether holding it is enough for a token to enter: it is about scopes, or AllowAppsWithoutScope."""
    return (isinstance(permission, AppPermission) and permission.opens_the_gate) or is_of_dot(permission)


def requirement_of(permission: Any, request: Any, view: Any) -> Requirement | None:
    """What this permission asks of a token's scopes, django-oauth-toolkit's too; None where it asks nothing of them."""
    if isinstance(permission, ScopePermission):
        return permission.requirement(request, view)
    return asked_by_dot(permission, request, view) if is_of_dot(permission) else None


def _judge_ours(permission: AppPermission, request: Any, view: Any, *, ours_only: bool) -> Verdict:
    """Also where already refused: a token is told all that it lacks, at once."""
    wanted = permission.conditions(request, view)
    judged = tuple(condition for condition in wanted if not condition.costs) if ours_only else wanted
    lacks = conditions.lacks_of(judged, access=request.auth)
    allowed = not lacks and not ours_only and _agrees(permission, request, view)
    return Verdict(
        allowed=allowed,
        held=allowed and permission.opens_the_gate,
        wanted=wanted,
        lacks=lacks,
        refused_by=None if allowed or lacks or ours_only else permission,
    )


def _agrees(permission: AppPermission, request: Any, view: Any) -> bool:
    """A subclass may ask more than its conditions say, never less."""
    if type(permission).has_permission is AppPermission.has_permission:
        return True
    return bool(permission.has_permission(request, view))


def _both(first: Verdict, second: Verdict) -> Verdict:
    allowed = first.allowed and second.allowed
    return Verdict(
        allowed=allowed,
        held=first.held or second.held,
        wanted=first.wanted + second.wanted,
        # Of an operand that something else allowed, what it lacks is told only where that is why nothing was held.
        lacks=tuple(lack for one in (first, second) if allowed or not one.allowed for lack in one.lacks),
        refused_by=first.refused_by or second.refused_by,
    )


def _either(first: Verdict, second: Verdict) -> Verdict:
    """One of the two is enough, but the one that allows must be the one that held a scope."""
    if second.enters:
        return second
    told = max((first, second), key=_tells)
    return replace(told, allowed=first.allowed or second.allowed, held=False)


def _tells(verdict: Verdict) -> tuple[bool, ...]:
    """Of two ways in, that of which there is more to tell an app."""
    return verdict.lacks_scope, verdict.asks_for_scope, bool(verdict.lacks)


def _on_dot(needed: tuple[str, ...], *, allowed: bool, access: Access) -> Verdict:
    wanted = (Scopes(Requirement((needed,) if needed else ())),)
    # Without a name to tell, that it said no is all there is to say.
    lacks = conditions.lacks_of(wanted, access=access) if needed and not allowed else ()
    return Verdict(allowed=allowed, held=allowed, wanted=wanted, lacks=lacks)


def is_of_dot(permission: object) -> bool:
    """Whether this is a permission of django-oauth-toolkit, or a subclass; all of them are about scopes."""
    return any(kind.__module__.startswith("oauth2_provider.") for kind in type(permission).__mro__)


def dot_lets_people_in(permission: object) -> bool:
    """Whether such a permission lets in people who are signed in without a token: one does."""
    return any(kind.__name__ == "IsAuthenticatedOrTokenHasScope" for kind in type(permission).__mro__)


def asked_by_dot(permission: Any, request: Any, view: Any) -> Requirement:
    """The scopes such a permission asks for, to name them; an empty list of them is held by no token of ours."""
    if hasattr(permission, "get_required_alternate_scopes"):
        alternatives = permission.get_required_alternate_scopes(request, view).get(request.method, ())
    elif hasattr(permission, "get_scopes"):
        alternatives = [permission.get_scopes(request, view)]
    else:
        alternatives = [getattr(view, "required_scopes", ())]
    return Requirement(tuple(tuple(scopes) for scopes in alternatives if scopes))


def scopes_to_ask_for(permissions: Iterable[Any], *, request: Any, view: Any) -> tuple[str, ...]:
    """The scopes that whoever has no token yet should ask for; none where the view leaves a choice."""
    return tuple(dict.fromkeys(scope for permission in permissions for scope in _to_ask_for(permission, request, view)))


def _to_ask_for(permission: Any, request: Any, view: Any) -> tuple[str, ...]:
    if isinstance(permission, AND):
        return scopes_to_ask_for(operands(permission), request=request, view=view)
    if isinstance(permission, OR):
        ways = [_to_ask_for(operand, request, view) for operand in operands(permission)]
        told = [scopes for scopes in ways if scopes]
        return told[0] if len(told) == 1 else ()
    return permission.requirement(request, view).only if isinstance(permission, ScopePermission) else ()

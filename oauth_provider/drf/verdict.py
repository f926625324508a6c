"""Judging a tree of permissions for a token: allowed, and was a scope requirement what allowed it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import AND, NOT, OR

from oauth_provider.drf.permissions import AppPermission, ScopePermission
from oauth_provider.resource_server.requirement import Requirement, missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.resource_server.access import Access


@dataclass(frozen=True, slots=True)
class Verdict:
    """`needed` are the scopes that are enough, `missing` those of them that the token lacks."""

    allowed: bool
    held: bool = False
    needed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refused_by: object = None

    @property
    def enters(self) -> bool:
        """The rule."""
        return self.allowed and self.held


def judge(permissions: Iterable[Any], *, request: Any, view: Any) -> Verdict:
    """The verdict on a view's list of permissions, which are all needed."""
    verdict = Verdict(allowed=True)
    for permission in permissions:
        verdict = _both(verdict, _judge(permission, request, view, scopes_only=not verdict.allowed))
    return verdict


def _judge(permission: Any, request: Any, view: Any, *, scopes_only: bool) -> Verdict:
    """`scopes_only`: already refused; other permissions may count on the earlier ones and are not run."""
    if isinstance(permission, AND):
        first, second = operands(permission)
        verdict = _judge(first, request, view, scopes_only=scopes_only)
        return _both(verdict, _judge(second, request, view, scopes_only=scopes_only or not verdict.allowed))
    if isinstance(permission, OR):
        first, second = operands(permission)
        verdict = _judge(first, request, view, scopes_only=scopes_only)
        if verdict.enters:
            return verdict
        return _either(verdict, _judge(second, request, view, scopes_only=scopes_only))
    if isinstance(permission, NOT):
        # Lacking a scope opens nothing.
        (operand,) = operands(permission)
        return Verdict(allowed=not _judge(operand, request, view, scopes_only=scopes_only).allowed)
    return _judge_leaf(permission, request, view, scopes_only=scopes_only)


def operands(operator: Any) -> tuple[Any, ...]:
    """What `&`, `|` or `~` combines."""
    return tuple(getattr(operator, name) for name in ("op1", "op2") if hasattr(operator, name))


def _judge_leaf(permission: Any, request: Any, view: Any, *, scopes_only: bool) -> Verdict:
    if isinstance(permission, ScopePermission):
        wanted = permission.requirement(request, view)
        allowed = permission.has_permission(request, view)
        return _on_scopes(wanted.nearest(request.auth), allowed=allowed, access=request.auth)
    allowed = not scopes_only and bool(permission.has_permission(request, view))
    if is_of_dot(permission):
        asked = asked_by_dot(permission, request, view)
        return _on_scopes(asked.nearest(request.auth), allowed=allowed, access=request.auth)
    held = isinstance(permission, AppPermission) and permission.opens_the_gate
    return Verdict(allowed=allowed, held=held, refused_by=None if allowed or scopes_only else permission)


def _both(first: Verdict, second: Verdict) -> Verdict:
    return Verdict(
        allowed=first.allowed and second.allowed,
        held=first.held or second.held,
        needed=tuple(dict.fromkeys(first.needed + second.needed)),
        missing=tuple(dict.fromkeys(first.missing + second.missing)),
        refused_by=first.refused_by or second.refused_by,
    )


def _either(first: Verdict, second: Verdict) -> Verdict:
    """One of the two is enough, but the one that allows must be the one that held a scope."""
    if second.enters:
        return second
    told = next((one for one in (first, second) if one.missing), second if second.needed else first)
    return replace(told, allowed=first.allowed or second.allowed, held=False)


def _on_scopes(needed: tuple[str, ...], *, allowed: bool, access: Access) -> Verdict:
    return Verdict(allowed=allowed, held=allowed, needed=needed, missing=missing(needed, access=access))


def is_of_dot(permission: object) -> bool:
    """Whether this is a permission of django-oauth-toolkit, or a subclass; all of them are about scopes."""
    return any(kind.__module__.startswith("oauth2_provider.") for kind in type(permission).__mro__)


def asked_by_dot(permission: Any, request: Any, view: Any) -> Requirement:
    """The scopes such a permission asks for, to name them."""
    if hasattr(permission, "get_required_alternate_scopes"):
        alternatives = permission.get_required_alternate_scopes(request, view)
        return Requirement(tuple(map(tuple, alternatives.get(request.method, ()))))
    if hasattr(permission, "get_scopes"):
        return Requirement((tuple(permission.get_scopes(request, view)),))
    return Requirement((tuple(getattr(view, "required_scopes", ())),))

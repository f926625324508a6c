"""Who comes in: a view's tree of permissions, read for everybody at once instead of judged for one token.

What `verdict` decides for a request is told here beforehand, for a description: every way through the tree, and
of each way which scopes open it to apps, what it asks beside, and whether people without a token may take it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import (
    AND,
    NOT,
    OR,
    AllowAny,
    IsAdminUser,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
)

from oauth_provider import scopes as known_scopes
from oauth_provider.drf import verdict
from oauth_provider.drf.permissions import (
    AllowAppsWithoutScope,
    AppPermission,
    IsMachine,
    IsSessionUser,
    IsUser,
    ScopePermission,
)
from oauth_provider.resource_server.requirement import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.resource_server.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Condition:
    """A permission that must hold, or must not."""

    permission: Any
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Entrance:
    """A token with all of these scopes enters if the conditions hold too. No scope: any token of this audience."""

    scopes: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Entrances:
    """All ways into one operation of a view."""

    apps: tuple[Entrance, ...]
    is_open: bool
    by_session: bool
    by_other_authentication: bool

    def lets_in(self, authenticator: object) -> bool:
        """Whether a person whom this authentication (no bearer token) knows may come in."""
        return self.by_session if isinstance(authenticator, SessionAuthentication) else self.by_other_authentication


_Way = tuple[Condition, ...]


def of_view(view: Any, request: Any, *, has_gate: bool = True) -> Entrances:
    """The ways into what this request asks of the view; raises ImproperlyConfigured for an empty requirement.

    Without our gate (a view of django-oauth-toolkit's own authentication) whatever permission lets a token in does.
    """
    ways = _all_of(_ways(permission) for permission in view.get_permissions())
    is_safe = request.method in SAFE_METHODS
    return Entrances(
        apps=tuple(
            dict.fromkeys(entrance for way in ways for entrance in _of_apps(way, request, view, has_gate=has_gate))
        ),
        is_open=any(all(_holds_for_nobody(each, is_safe=is_safe) for each in way) for way in ways),
        by_session=any(all(_may_hold(each, by_session=True) for each in way) for way in ways),
        by_other_authentication=any(all(_may_hold(each, by_session=False) for each in way) for way in ways),
    )


def _ways(permission: Any, *, negated: bool = False) -> tuple[_Way, ...]:
    """The tree as alternatives, each a list of what must hold at once."""
    if isinstance(permission, NOT):
        (operand,) = verdict.operands(permission)
        return _ways(operand, negated=not negated)
    if isinstance(permission, AND | OR):
        operands = [_ways(operand, negated=negated) for operand in verdict.operands(permission)]
        return _all_of(operands) if isinstance(permission, AND) is not negated else sum(operands, ())
    return ((Condition(permission, negated),),)


def _all_of(operands: Iterable[tuple[_Way, ...]]) -> tuple[_Way, ...]:
    return tuple(tuple(each for way in chosen for each in way) for chosen in product(*operands))


# ── with a token ────────────────────────────────────────────────────────────────────────────────────────────


def _of_apps(way: _Way, request: Any, view: Any, *, has_gate: bool) -> Iterable[Entrance]:
    """What opens this way to a token: at the gate nothing where it holds no scope requirement."""
    asked: list[Requirement] = []
    excluded: list[Requirement] = []
    conditions: list[Condition] = []
    opens = False
    for each in way:
        wanted = verdict.requirement_of(each.permission, request, view)
        known = _for_tokens(each.permission, is_safe=request.method in SAFE_METHODS)
        if wanted is not None and not each.negated:
            asked.append(wanted)
            if _asks_for_more(each.permission):
                conditions.append(each)
        elif wanted is not None:
            excluded.append(wanted)
            conditions.append(each)
        elif known is None:
            conditions.append(each)
        elif known is each.negated:
            return
        opens = opens or (not each.negated and verdict.opens_the_gate(each.permission))
    if (has_gate and not opens) or _contradict(conditions):
        return
    for chosen in product(*(wanted.alternatives for wanted in asked)):
        scopes = tuple(dict.fromkeys(name for names in chosen for name in names))
        if not any(_is_held_by(scopes, unwanted) for unwanted in excluded):
            yield Entrance(scopes, tuple(dict.fromkeys(conditions)))


def _for_tokens(permission: Any, *, is_safe: bool) -> bool | None:
    """Whether any token holds it, or none; None where that depends."""
    if isinstance(permission, IsSessionUser):
        return False
    if type(permission) in {AllowAny, AllowAppsWithoutScope} or (
        type(permission) is IsAuthenticatedOrReadOnly and is_safe
    ):
        return True
    return None


def _asks_for_more(permission: Any) -> bool:
    """Whether it is a scope requirement that looks at more than scopes."""
    if not isinstance(permission, ScopePermission):
        return False
    kind = type(permission)
    return kind.has_permission is not AppPermission.has_permission or kind.conditions is not ScopePermission.conditions


def _contradict(conditions: Iterable[Condition]) -> bool:
    """A machine is no person."""
    held = [each.permission for each in conditions if not each.negated]
    return any(isinstance(each, IsUser) for each in held) and any(isinstance(each, IsMachine) for each in held)


def _is_held_by(scopes: tuple[str, ...], wanted: Requirement) -> bool:
    carried = known_scopes.expand(scopes)
    return any(carried.issuperset(names) for names in wanted.alternatives)


# ── without one ─────────────────────────────────────────────────────────────────────────────────────────────


def _may_hold(condition: Condition, *, by_session: bool) -> bool:
    """Whether it may hold for a person who is signed in; of a permission that is not ours: perhaps."""
    permission = condition.permission
    if verdict.is_of_dot(permission):
        holds = verdict.dot_lets_people_in(permission)
    elif isinstance(permission, IsSessionUser):
        holds = by_session
    elif isinstance(permission, AppPermission):
        holds = isinstance(permission, IsUser)
    else:
        return not (condition.negated and type(permission) in {AllowAny, IsAuthenticated, IsAuthenticatedOrReadOnly})
    return holds is not condition.negated


# What the framework's own permissions say to somebody who is not signed in: to read, and to change something.
_TO_NOBODY = {
    AllowAny: (True, True),
    IsAuthenticated: (False, False),
    IsAdminUser: (False, False),
    IsAuthenticatedOrReadOnly: (True, False),
}


def _holds_for_nobody(condition: Condition, *, is_safe: bool) -> bool:
    """Whether it surely holds for a request without any credentials."""
    permission = condition.permission
    if isinstance(permission, AppPermission) or verdict.is_of_dot(permission):
        return condition.negated
    told = _TO_NOBODY.get(type(permission))
    return told is not None and told[0 if is_safe else 1] is not condition.negated

"""What an app gets from one view: by the first of these readers that knows its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.views import View

from oauth_provider.drf import standing_in
from oauth_provider.insight.routes import ninja
from oauth_provider.insight.routes.covered import GAPS, Outcome, Verdict
from oauth_provider.insight.routes.layers import behind, closed_over, layers, name_of
from oauth_provider.resource_server import audience
from oauth_provider.resource_server.decorators import ScopeRequiredMixin
from oauth_provider.resource_server.entrance import Entrance
from oauth_provider.resource_server.ways import Way, through
from oauth_provider.scopes import OPENID

ANY_METHOD = "*"

# Method, verdict, and the view where it is not the one behind the callback.
Judged = Iterator[tuple[str, Verdict, Any]]

_OURS = "oauth_provider."
_IN_A_SESSION = "only a signed-in session enters, and a token is none"
# The functions that keep their methods in a closure, and its name there.
_METHODS = {"django.views.decorators.http": "request_method_list", "oauth_provider.endpoints.base": "methods"}


class AskedTheDatabase(Exception):
    """A permission wanted rows of a request that is none."""


def judge(callback: Any) -> Judged:
    """What each method gets; never raises, never asks the database."""
    with _no_statements():
        read = next(found for found in (reader(callback) for reader in READERS) if found is not None)
        yield from read


@contextmanager
def _no_statements() -> Iterator[None]:
    def refuse(*_: Any) -> None:
        raise AskedTheDatabase

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(refuse))
        yield


def _tried(decide: Callable[[], Verdict]) -> Verdict:
    try:
        return decide()
    except ImproperlyConfigured as error:
        return Verdict(Outcome.MISCONFIGURED, why=str(error))
    except AskedTheDatabase:
        return Verdict(Outcome.UNCLEAR, why="its permissions ask the database before anybody has come")
    except Exception as error:  # noqa: BLE001  # a view of the site may raise whatever it likes
        return Verdict(Outcome.UNCLEAR, why=f"without a request its permissions raise {type(error).__name__}")


# ── Our own ───────────────────────────────────────────────────────────────────────────────────────────────

_OWN = {
    "oauth_provider.endpoints.userinfo.userinfo": Verdict(
        Outcome.SCOPES, (Way((OPENID,), ("IsUser",)),), "the provider's own: claims about the person"
    ),
    "oauth_provider.api.view.NotServed": Verdict(Outcome.REFUSED, why="the provider's own: nothing is served there"),
}


def _own(callback: Any) -> Judged | None:
    name = name_of(behind(callback))
    verdict = _OWN.get(name)
    if verdict is None and name.startswith(f"{_OURS}endpoints."):
        verdict = Verdict(Outcome.REFUSED, why="the provider's own: an access token opens nothing there")
    return None if verdict is None else ((method, verdict, None) for method in _methods_of_function(callback))


# ── Django REST framework ─────────────────────────────────────────────────────────────────────────────────


def _drf(callback: Any) -> Judged | None:
    view = next((layer for layer in layers(callback) if standing_in.view_class(layer) is not None), None)
    return None if view is None else _judge_drf(callback, view)


def _judge_drf(callback: Any, view: Any) -> Judged:
    session_first = _session_first(callback) or _session_first(standing_in.view_class(view).dispatch)  # type: ignore[union-attr]
    wanted = tuple(entrances_on(callback))
    judged = {
        method: session_first or _tried(partial(_of_drf, view, method, wanted)) for method in standing_in.methods(view)
    }
    yield from ((method, verdict, None) for method, verdict in _worth_saying(judged))


def _worth_saying(judged: dict[str, Verdict]) -> Iterator[tuple[str, Verdict]]:
    """HEAD where it is not what GET is; OPTIONS, which describes the view, where it is a gap and the others are not."""
    others = {verdict.outcome for method, verdict in judged.items() if method not in {"HEAD", "OPTIONS"}}
    for method, verdict in judged.items():
        is_as_get = method == "HEAD" and verdict == judged.get("GET")
        is_description = method == "OPTIONS" and (verdict.outcome not in GAPS or verdict.outcome in others)
        if not (is_as_get or is_description):
            yield method, verdict


def _of_drf(view: Any, method: str, wanted: tuple[Entrance, ...]) -> Verdict:
    asked = standing_in.asked(view, method)
    if not wanted:
        return _of_asked(asked)
    # `scope_required` around it: nobody enters without a token, and the view's own permissions come after.
    inside = asked.ways if asked.reads_tokens else (Way(),) if asked.is_open else ()
    return _of_entrances(wanted, within=inside)


def _of_asked(asked: standing_in.Asked) -> Verdict:
    if asked.is_open:
        return Verdict(Outcome.OPEN, asked.ways, f"anybody enters without a token; {_with_token(asked)}")
    if asked.ways:
        return of_ways(asked.ways)
    if not asked.reads_tokens:
        return Verdict(Outcome.REFUSED, why="its authentication_classes do not know our tokens")
    return Verdict(Outcome.REFUSED, why="none of its permissions is a scope requirement that can be held")


def _with_token(asked: standing_in.Asked) -> str:
    if not asked.reads_tokens:
        return "a token is not looked at"
    return f"with one an app needs: {' | '.join(map(str, asked.ways))}" if asked.ways else "with one an app is refused"


def of_ways(ways: tuple[Way, ...]) -> Verdict:
    """With at least one way in."""
    if all(way.scopes for way in ways):
        return Verdict(Outcome.SCOPES, ways)
    return Verdict(Outcome.ANY_APP, ways, "an app enters whatever its scopes")


# ── Plain Django views ────────────────────────────────────────────────────────────────────────────────────


def _mixin(callback: Any) -> Judged | None:
    view = next((layer for layer in layers(callback) if issubclass(_class_of(layer), ScopeRequiredMixin)), None)
    return None if view is None else _judge_mixin(callback, view)


def _class_of(layer: Any) -> type:
    found = getattr(layer, "view_class", None)
    return found if isinstance(found, type) else object


def _judge_mixin(callback: Any, view: Any) -> Judged:
    kind: Any = _class_of(view)
    given = getattr(view, "view_initkwargs", {})
    session_first = _session_first(callback) or _session_first(kind.dispatch)
    for method in _methods_of_class(kind):
        verdict = session_first or _tried(partial(_of_mixin, kind, given, method, entrances_on(callback)))
        yield method, verdict, None


def _of_mixin(kind: Any, given: dict[str, Any], method: str, of_decorators: Iterable[Entrance]) -> Verdict:
    order = kind.__mro__
    if order.index(ScopeRequiredMixin) > order.index(View):
        raise ImproperlyConfigured("ScopeRequiredMixin stands behind View among the bases, so it never runs.")
    if any(issubclass(base, AccessMixin) for base in order):
        return Verdict(Outcome.REFUSED, why=_IN_A_SESSION)
    return _of_entrances([kind(**given).entrance_for(method), *of_decorators])


def _decorated(callback: Any) -> Judged | None:
    wanted = list(entrances_on(callback))
    if not wanted:
        return None
    verdict = _session_first(callback) or _tried(partial(_of_entrances, wanted))
    return ((method, verdict, None) for method in _methods_of_function(callback))


def entrances_on(callback: Any) -> Iterator[Entrance]:
    """Those of `@scope_required`, once each: decorators around it carry a copy of what it notes."""
    found = (getattr(layer, "entrance", None) for layer in layers(callback))
    yield from {id(own): own for own in found if isinstance(own, Entrance)}.values()


def _of_entrances(wanted: Iterable[Entrance], *, within: tuple[Way, ...] = (Way(),)) -> Verdict:
    wanted = list(wanted)
    for entrance in wanted:
        audience.expected(entrance.resource)
    ways = through(wanted, within=within)
    return of_ways(ways) if ways else Verdict(Outcome.REFUSED, why="no scope opens this method")


def _session_first(callback: Any) -> Verdict | None:
    """Refused, where a decorator wants a session: an app has none (`request.user` is never set from a token)."""
    for layer in layers(callback):
        closed = dict(closed_over(layer))
        # method_decorator keeps those it applies.
        if (_is_of_auth(layer) and "test_func" in closed) or any(map(_is_of_auth, closed.get("decorators", ()))):
            return Verdict(Outcome.REFUSED, why=_IN_A_SESSION)
    return None


def _is_of_auth(decorator: Any) -> bool:
    module: str = getattr(decorator, "__globals__", {}).get("__name__", "")
    return module == "django.contrib.auth.decorators" and str(decorator.__name__) != "login_not_required"


def _plain(callback: Any) -> Judged:
    kind = next((_class_of(layer) for layer in layers(callback) if _class_of(layer) is not object), None)
    methods = _methods_of_function(callback) if kind is None else _methods_of_class(kind)
    verdict = Verdict(Outcome.REFUSED, why="a plain Django view: a token is not looked at")
    return ((method, verdict, None) for method in methods)


def _methods_of_class(kind: Any) -> list[str]:
    names = [name.upper() for name in getattr(kind, "http_method_names", ()) if hasattr(kind, name)]
    return [name for name in names if name not in {"OPTIONS", "HEAD"} or (name == "HEAD" and "GET" not in names)] or [
        ANY_METHOD
    ]


def _methods_of_function(callback: Any) -> list[str]:
    for layer in layers(callback):
        name = _METHODS.get(getattr(layer, "__globals__", {}).get("__name__", ""))
        methods = dict(closed_over(layer)).get(name) if name else None
        if methods:
            return [method for method in methods if method != "HEAD" or "GET" not in methods]
    return [ANY_METHOD]


# ── Django Ninja ──────────────────────────────────────────────────────────────────────────────────────────


def _ninja(callback: Any) -> Judged | None:
    operations = ninja.operations(callback)
    return None if operations is None else _judge_ninja(operations)


def _judge_ninja(operations: list[Any]) -> Judged:
    for operation in operations:
        ways = ninja.ways_in(operation, around_it=list(entrances_on(operation.view_func)))
        if ways:
            verdict = of_ways(ways)
        elif operation.auth_callbacks:
            verdict = Verdict(Outcome.REFUSED, why="its auth does not know our tokens")
        else:
            verdict = Verdict(Outcome.OPEN, why="anybody enters without a token; it has no auth")
        for method in operation.methods:
            yield method, verdict, operation.view_func


READERS: tuple[Callable[[Any], Judged | None], ...] = (_own, _drf, _ninja, _mixin, _decorated, _plain)

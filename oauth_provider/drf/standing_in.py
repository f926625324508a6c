"""A view of Django REST framework as it is when a request comes, without one: for `oauth_routes`.

Permissions may depend on method and action, so they are asked of the view itself, as the framework does.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.views import APIView

from oauth_provider.drf.asked import ways_in
from oauth_provider.drf.authentication import OAuth2Authentication
from oauth_provider.drf.verdict import is_of_dot
from oauth_provider.resource_server import audience
from oauth_provider.resource_server.ways import Way


@dataclass(frozen=True, slots=True)
class Asked:
    """What one method asks: of apps (the ways in; none: refused), and whether a stranger without any token enters."""

    reads_tokens: bool
    ways: tuple[Way, ...]
    is_open: bool


def view_class(callback: Any) -> type[APIView] | None:
    """The class behind a URL pattern's callback, if it is one of Django REST framework."""
    for name in ("cls", "view_class"):
        found = getattr(callback, name, None)
        if isinstance(found, type) and issubclass(found, APIView):
            return found
    return None


def methods(callback: Any) -> tuple[str, ...]:
    """The HTTP methods it answers, HEAD and OPTIONS among them."""
    kind: Any = view_class(callback)
    known = _arguments(callback).get("http_method_names", kind.http_method_names)
    actions = getattr(callback, "actions", None) or {}
    answered = [name for name in known if name in actions or hasattr(kind, name)]
    # The framework lets GET answer HEAD.
    return tuple(dict.fromkeys(name.upper() for name in (*answered, *(["head"] if "get" in answered else []))))


def _arguments(callback: Any) -> dict[str, Any]:
    """What `as_view` was given."""
    return getattr(callback, "initkwargs", None) or getattr(callback, "view_initkwargs", None) or {}


def asked(callback: Any, method: str) -> Asked:
    """What it asks for this method; raises what the view and its permissions raise."""
    view = _stand_in(callback, method)
    authenticators = view.get_authenticators()
    is_ours = any(isinstance(own, OAuth2Authentication) for own in authenticators)
    if is_ours:
        resource = getattr(view, "resource", None)
        audience.expected(resource if isinstance(resource, str) else None)
    ways: tuple[Way, ...] = ()
    if is_ours or any(map(is_of_dot, authenticators)):
        ways = ways_in(view, view.request, has_gate=is_ours)
    return Asked(
        reads_tokens=is_ours or any(map(is_of_dot, authenticators)),
        ways=ways,
        is_open=_lets_strangers_in(view),
    )


def _lets_strangers_in(view: APIView) -> bool:
    # The view's own answer, overridden or not.
    try:
        view.check_permissions(view.request)
    except (APIException, PermissionDenied, Http404):
        return False
    return True


def _stand_in(callback: Any, method: str) -> Any:
    kind: Any = view_class(callback)
    view = kind(**_arguments(callback))
    actions = dict(getattr(callback, "actions", None) or {})
    if actions:
        # The framework adds it at the first request.
        if "get" in actions:
            actions.setdefault("head", actions["get"])
        view.action_map = actions
        for name, action in actions.items():
            setattr(view, name, getattr(view, action))
    view.args, view.kwargs, view.format_kwarg, view.headers = (), {}, None, {}
    view.request = _nobody(method)
    view.request = view.initialize_request(view.request)
    view.request._not_authenticated()  # noqa: SLF001  # nobody: no authenticator is asked
    view.request.version = view.request.versioning_scheme = None
    return view


def _nobody(method: str) -> Any:
    request: Any = HttpRequest()
    request.method = method
    request.path = request.path_info = "/"
    request.META = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
    }
    request.user = AnonymousUser()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    return request

"""GET /.well-known/oauth-protected-resource: who issues tokens for a resource of this site, and for what (RFC 9728)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.urls import Resolver404, get_urlconf, resolve
from django.views.decorators.http import require_safe

from oauth_provider import resources, scopes, targets
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest

# Seconds a client may keep the document.
MAX_AGE = 3600
WELL_KNOWN = "/.well-known/oauth-protected-resource"
# Not what an API is for: a client that asks for these does so on its own account (MCP authorization, "Scopes").
_NOT_OF_AN_API = scopes.ABOUT_PERSON | {scopes.OFFLINE_ACCESS}


@require_safe
def protected_resource(request: HttpRequest, path: str = "") -> HttpResponse:
    """The metadata of the resource whose path this is; 404 where there is none."""
    resource = _at(path.strip("/"), host=request.get_host())
    if resource is None:
        raise Http404
    response = HttpResponse(
        _document(
            resource,
            name=str(conf.RESOURCES.get(resource, "")),
            issuers=issuers(),
            scope_names=tuple(name for name in scopes.registered() if name not in _NOT_OF_AN_API),
            target_names=tuple(sorted(targets.registered())),
        ),
        content_type="application/json",
    )
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return response


def url_of(resource: str | None) -> str:
    """Where the metadata of this resource (None: of the site's only one) is served; empty where it is not."""
    wanted = resource or _only()
    return "" if wanted is None else _url_of(wanted, get_urlconf())


def issuers() -> tuple[str, ...]:
    """Whose tokens are accepted here, our own first."""
    return (conf.ISSUER,) if conf.ISSUER else ()


def _only() -> str | None:
    """The resource of a view that names none."""
    declared = tuple(conf.RESOURCES)
    if not declared:
        return conf.ISSUER or None
    return declared[0] if len(declared) == 1 else None


def _at(path: str, *, host: str) -> str | None:
    """The resource with this path; of several that differ in their host, the one that was asked."""
    known = resources.registered() or ((conf.ISSUER,) if conf.ISSUER else ())
    found = [uri for uri in known if _is_web(uri) and urlsplit(uri).path.strip("/") == path]
    if not path and conf.ISSUER and conf.ISSUER not in found and not found:
        only = _only()
        found = [only] if only is not None and _is_web(only) else []
    return next((uri for uri in found if urlsplit(uri).netloc.lower() == host.lower()), found[0] if found else None)


def _is_web(uri: str) -> bool:
    return urlsplit(uri).scheme in {"https", "http"}


@lru_cache(maxsize=32)
def _url_of(resource: str, urlconf: str | None) -> str:
    parts = urlsplit(resource)
    # RFC 9728 §3.1: the well-known part stands between host and path.
    path = WELL_KNOWN + parts.path.rstrip("/")
    try:
        served = _is_web(resource) and resolve(path, urlconf).func is protected_resource
    except Resolver404:
        served = False
    return f"{parts.scheme}://{parts.netloc}{path}" if served else ""


@lru_cache(maxsize=32)
def _document(
    resource: str, *, name: str, issuers: tuple[str, ...], scope_names: tuple[str, ...], target_names: tuple[str, ...]
) -> bytes:
    return json.dumps(
        {
            "resource": resource,
            **({"resource_name": name} if name else {}),
            "authorization_servers": list(issuers),
            **({"scopes_supported": list(scope_names)} if scope_names else {}),
            "bearer_methods_supported": ["header"],
            **({"authorization_details_types_supported": list(target_names)} if target_names else {}),
        }
    ).encode()

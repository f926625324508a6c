"""GET /.well-known/oauth-protected-resource: who issues tokens for a resource of this site, and for what (RFC 9728)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import Resolver404, get_urlconf, resolve
from django.views.decorators.http import require_safe

from oauth_provider import mcp, resources, scopes, targets
from oauth_provider.conf import conf
from oauth_provider.keys import proof

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
            scope_names=_scope_names(resource),
            target_names=tuple(sorted(targets.registered())),
        ),
        content_type="application/json",
    )
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return response


def url_of(resource: str | None) -> str:
    """Where the metadata of this resource (None: of the site's only one) is served; empty where it is not."""
    wanted = resource or _only()
    return "" if wanted is None else _url_of(wanted, get_urlconf() or getattr(settings, "ROOT_URLCONF", None))


def issuers() -> tuple[str, ...]:
    """Whose tokens are accepted here, our own first."""
    return (*((conf.ISSUER,) if conf.ISSUER else ()), *conf.TRUSTED_ISSUERS)


def _scope_names(resource: str) -> tuple[str, ...]:
    if resource == mcp.resource():
        return tuple(name for name in scopes.of_mcp() if name not in _NOT_OF_AN_API)
    return tuple(name for name in scopes.registered() if name not in _NOT_OF_AN_API)


def _only() -> str | None:
    """The resource of a view that names none; of a site that has nothing else, the one of MCP."""
    declared = resources.of_site()
    if not declared:
        return conf.ISSUER or mcp.resource() or _of_other_issuers()
    return declared[0] if len(declared) == 1 else None


def _of_other_issuers() -> str | None:
    """Where this site issues nothing and declares nothing: the URL that other issuers know the API by."""
    # Checking settings imports functions of the site; the framework imports this module before the apps are ready.
    from oauth_provider.resource_server.issuers.trusted import trusted  # noqa: PLC0415

    audiences = {name for issuer in trusted().values() for names in issuer.audience.values() for name in names}
    addresses = [name for name in audiences if _is_web(name)]
    return addresses[0] if len(addresses) == 1 else None


def _at(path: str, *, host: str) -> str | None:
    """The resource with this path; of several that differ in their host, the one that was asked."""
    # The site's own first: it keeps the root, which an MCP server with a path of its own does not need.
    only = _only()
    own = resources.of_site() or ((only,) if only is not None else ())
    known = dict.fromkeys((*own, *resources.registered()))
    found = [uri for uri in known if _is_web(uri) and urlsplit(uri).path.strip("/") == path]
    if not path and not found:
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
            "dpop_signing_alg_values_supported": list(proof.ALGORITHMS),
            **({"authorization_details_types_supported": list(target_names)} if target_names else {}),
        }
    ).encode()

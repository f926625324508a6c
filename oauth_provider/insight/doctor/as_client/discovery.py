"""Does a client find us? Metadata at every well-known address, the issuer sign for sign, keys, the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oauth_provider.insight.doctor.as_client.asking import NOBODY, Site, json_object, shown
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning
from oauth_provider.insight.doctor.pieces import well_known_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOUNT = 'Add path("", include("oauth_provider.well_known")) to the root URLconf, and let the proxy pass /.well-known/.'
# RFC 7518 §6: what a key set must never hold.
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


def examine(site: Site) -> Iterator[Diagnosis]:
    """Reads the metadata into `site`."""
    for path in well_known_paths(site.path):
        yield from _document(site, f"{site.origin}{path}")
    if not site.document:
        return
    yield from _endpoints(site)
    yield from _keys(site)
    yield from _resource(site)


def _document(site: Site, url: str) -> Iterator[Diagnosis]:
    answer = site.ask("discovery", url, headers={"Origin": NOBODY, "Accept": "application/json"})
    if isinstance(answer, Diagnosis):
        yield answer
        return
    found = json_object(answer)
    if answer.status != 200 or found is None:  # noqa: PLR2004  # HTTP's own number
        kind = answer.headers.get("content-type", "nothing")
        yield problem("discovery", f"{url} answers {answer.status} with {shown(kind)} instead of metadata.", _MOUNT)
        return
    if found.get("issuer") != site.issuer:
        yield problem(
            "issuer",
            f"{url} says the issuer is {shown(found.get('issuer'))}; you asked for {site.issuer!r}. Clients compare "
            "them sign for sign (RFC 8414 §3.3).",
            f"OAUTH_PROVIDER['ISSUER'] = {site.issuer!r}, or give clients the other address.",
        )
    elif site.document and site.document != found:
        yield problem("discovery", f"{url} says something else than the well-known address before.", _MOUNT)
    else:
        yield ok("discovery", f"{url} is the metadata of {site.issuer}.")
    if answer.headers.get("access-control-allow-origin") is None:
        yield warning(
            "discovery-cors",
            f"{url} may not be read by a page of another origin: apps in the browser do not find us.",
            "Put 'corsheaders.middleware.CorsMiddleware' first in MIDDLEWARE, and let the proxy pass its headers.",
        )
    site.document = site.document or found


def _endpoints(site: Site) -> Iterator[Diagnosis]:
    named = {
        name: value
        for name, value in site.document.items()
        if isinstance(value, str) and (name.endswith("_endpoint") or name == "jwks_uri")
    }
    elsewhere = [f"{name} {shown(value)}" for name, value in named.items() if _origin(value) != site.origin]
    if elsewhere:
        yield problem(
            "endpoints",
            f"The metadata of {site.origin} names another origin: {', '.join(elsewhere[:3])}.",
            "They are made from OAUTH_PROVIDER['ISSUER']: correct that.",
        )
    else:
        yield ok("endpoints", f"All {len(named)} endpoints are at {site.origin}.")


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _keys(site: Site) -> Iterator[Diagnosis]:
    url = site.endpoint("jwks_uri", "/jwks")
    answer = site.ask("jwks", url)
    if isinstance(answer, Diagnosis):
        yield answer
        return
    found = json_object(answer)
    keys: Any = found.get("keys") if found is not None else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        yield problem("jwks", f"{url} answers {answer.status} and no key set.", "See that it reaches the site.")
        return
    if any(_PRIVATE & set(key) for key in keys):
        yield problem(
            "jwks",
            f"{url} publishes a private key: whoever reads it signs tokens of this site.",
            "Take it down, and run oauth_rotate_keys --revoke for each key.",
        )
        return
    algorithms = {key.get("alg") for key in keys}
    missing = set(site.document.get("id_token_signing_alg_values_supported", ())) - algorithms
    if missing:
        yield problem("jwks", f"{url} has no key for {', '.join(sorted(map(str, missing)))}.", "Run oauth_rotate_keys.")
    else:
        yield ok("jwks", f"{url} has {len(keys)} public keys: {', '.join(sorted(map(str, algorithms)))}.")


def _resource(site: Site) -> Iterator[Diagnosis]:
    url = f"{site.origin}/.well-known/oauth-protected-resource{site.path}"
    answer = site.ask("protected-resource", url)
    if isinstance(answer, Diagnosis):
        yield answer
        return
    found = json_object(answer)
    if answer.status == 404:  # noqa: PLR2004  # HTTP's own number
        yield ok("protected-resource", f"{url} is not served: only APIs that name themselves (RFC 9728, MCP) have it.")
    elif found is None or site.issuer not in (found.get("authorization_servers") or ()):
        yield problem(
            "protected-resource",
            f"{url} answers {answer.status} and does not name {site.issuer} among its authorization_servers.",
            "See which view answers there, and what it says.",
        )
    else:
        yield ok("protected-resource", f"{url} names {site.issuer}.")

"""Do the endpoints refuse as they must? Nothing that is sent is a credential of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from oauth_provider.insight.doctor.as_client.asking import NOBODY, UNKNOWN_CLIENT, Site, json_object, shown
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.outbound.visit import Visited

_REDIRECTS = range(300, 400)
_ERRORS = range(400, 500)
_ALLOW = "access-control-allow-origin"
_REACHES = "See that the proxy lets the request reach the site as it is."


def examine(site: Site) -> Iterator[Diagnosis]:
    """Each endpoint once or twice."""
    yield from _authorize(site)
    yield from _token_by_get(site)
    yield from _token_of_nobody(site)
    yield from _preflight(site)
    yield from _userinfo(site)


def _authorize(site: Site) -> Iterator[Diagnosis]:
    """An unknown client or redirect URI is shown an error and never sent on (RFC 6749 §4.1.2.1)."""
    query = urlencode(
        {"response_type": "code", "client_id": UNKNOWN_CLIENT, "redirect_uri": f"{NOBODY}/callback", "state": "doctor"}
    )
    url = site.endpoint("authorization_endpoint", "/authorize")
    answer = site.ask("authorize", f"{url}?{query}")
    if isinstance(answer, Diagnosis):
        yield answer
        return
    location = answer.headers.get("location", "")
    if answer.status in _REDIRECTS and location.startswith(NOBODY):
        yield problem(
            "authorize",
            f"{url} sends an unknown client's visitor on to {NOBODY}: anybody can use the site to lead people astray.",
            "Another view answers there: take it out of the URLconf.",
        )
    elif answer.status not in _ERRORS:
        yield problem(
            "authorize",
            f"{url} answers an unknown client with {answer.status}"
            f"{f' to {shown(location.partition(chr(63))[0])}' if location else ''} instead of an error page.",
            _REACHES,
        )
    else:
        yield ok("authorize", f"{url} shows an unknown client's visitor an error page ({answer.status}).")
    if "frame-ancestors" not in answer.headers.get("content-security-policy", "") and not answer.headers.get(
        "x-frame-options"
    ):
        yield warning(
            "frames", f"{url} may be shown inside of another site's page.", "See that the proxy passes our headers on."
        )


def _token_by_get(site: Site) -> Iterator[Diagnosis]:
    url = site.endpoint("token_endpoint", "/token")
    answer = site.ask("token-method", url)
    yield answer if isinstance(answer, Diagnosis) else _as_error(answer, name="token-method", what="a GET", error=None)


def _token_of_nobody(site: Site) -> Iterator[Diagnosis]:
    url = site.endpoint("token_endpoint", "/token")
    form = {"grant_type": "client_credentials", "client_id": UNKNOWN_CLIENT, "client_secret": "none"}
    answer = site.ask("token-client", url, method="POST", form=form)
    yield (
        answer
        if isinstance(answer, Diagnosis)
        else _as_error(answer, name="token-client", what="an unknown client", error="invalid_client")
    )


def _as_error(answer: Visited, *, name: str, what: str, error: str | None) -> Diagnosis:
    """RFC 6749 §5.2: JSON with `error`, never to be kept by a cache."""
    found = json_object(answer)
    given = found.get("error") if found is not None else None
    if answer.status not in _ERRORS or given is None or (error is not None and given != error):
        said = shown(given) if given is not None else shown(answer.headers.get("content-type", "nothing"))
        return problem(
            name,
            f"{answer.url} answers {what} with {answer.status} and {said} instead of a JSON error"
            f"{f' {error}' if error else ''}.",
            _REACHES,
        )
    if "no-store" not in answer.headers.get("cache-control", ""):
        return problem(
            name,
            f"{answer.url} does not forbid caches to keep its answers: Cache-Control is "
            f"{shown(answer.headers.get('cache-control', ''))}.",
            "See which proxy or middleware changes Cache-Control, and keep it off this address.",
        )
    return ok(name, f"{answer.url} answers {what} with {answer.status} {given}, not to be kept.")


def _preflight(site: Site) -> Iterator[Diagnosis]:
    """Fetch §3.2.2: whom a browser lets call."""
    headers = {"Origin": NOBODY, "Access-Control-Request-Method": "POST"}
    token = site.ask("cors", site.endpoint("token_endpoint", "/token"), method="OPTIONS", headers=headers)
    if isinstance(token, Diagnosis):
        yield token
    else:
        yield _of_nobody(token)
    keys = site.ask("cors-public", site.endpoint("jwks_uri", "/jwks"), headers={"Origin": NOBODY})
    if isinstance(keys, Diagnosis):
        yield keys
    elif keys.headers.get(_ALLOW) is None:
        yield warning(
            "cors-public",
            f"{keys.url} may not be read by a page of another origin: no CORS header came.",
            "Put 'corsheaders.middleware.CorsMiddleware' first in MIDDLEWARE, and let the proxy pass its headers.",
        )
    else:
        yield ok("cors-public", f"{keys.url} may be read by any page, as it should be.")


def _of_nobody(answer: Visited) -> Diagnosis:
    allowed = answer.headers.get(_ALLOW)
    if allowed is None:
        return ok("cors", f"{answer.url} is closed to pages of an origin that no client registered.")
    if answer.headers.get("access-control-allow-credentials") == "true":
        return problem(
            "cors",
            f"{answer.url} lets any page call it with the visitor's cookies: it allows {shown(allowed)}, credentials "
            "too.",
            "CORS_ALLOW_ALL_ORIGINS = False and CORS_ALLOW_CREDENTIALS = False, in the site and in the proxy.",
        )
    return warning(
        "cors",
        f"{answer.url} lets any page call it: it allows {shown(allowed)}.",
        "CORS_ALLOW_ALL_ORIGINS = False: origins of registered clients are allowed by themselves.",
    )


def _userinfo(site: Site) -> Iterator[Diagnosis]:
    url = site.endpoint("userinfo_endpoint", "/userinfo")
    answer = site.ask("challenge", url)
    if isinstance(answer, Diagnosis):
        yield answer
    elif answer.status == 401 and answer.headers.get("www-authenticate", "").lower().startswith("bearer"):  # noqa: PLR2004
        yield ok("challenge", f"{url} answers 401 with a challenge to a request without a token.")
    else:
        yield problem(
            "challenge",
            f"{url} answers {answer.status} to a request without a token, with the challenge "
            f"{shown(answer.headers.get('www-authenticate', ''))}; 401 and Bearer are due (RFC 6750 §3).",
            _REACHES,
        )

"""Pieces of the site around the provider: middleware, sign-in, well-known addresses, proxies, apps that clash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from oauth_provider.conf import conf
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning
from oauth_provider.insight.doctor.said import about
from oauth_provider.insight.routes.layers import behind, name_of

if TYPE_CHECKING:
    from oauth_provider.insight.doctor.said import Said

_CORS = "corsheaders.middleware.CorsMiddleware"
# What answers by itself: an answer from there carries no CORS header.
_ANSWERS_BY_ITSELF = ("CommonMiddleware", "WhiteNoiseMiddleware", "SecurityMiddleware", "LoginRequiredMiddleware")
_METADATA = "oauth_provider.endpoints.metadata."


def examine(said: Said) -> Iterator[Diagnosis]:
    """In the order in which they are met."""
    yield from about(said, "apps", ("E021", "E022", "E023"), lambda: "Every app and middleware that we need is there.")
    yield from _cors(said)
    yield from about(said, "login-url", ("I001",), lambda: f"LOGIN_URL {str(settings.LOGIN_URL)!r} is served.")
    yield from about(
        said, "authentication-order", ("W020",), lambda: "A token is looked at before the session is, where both are."
    )
    if is_mounted():
        yield from _well_known()
    yield from _clashes(said)
    yield from _proxies(said)


def is_mounted() -> bool:
    """Whether our URLs are included."""
    try:
        reverse("oauth_provider:token")
    except NoReverseMatch:
        return False
    return True


def _cors(said: Said) -> Iterator[Diagnosis]:
    missing = said.of("E020")
    names = list(settings.MIDDLEWARE)
    if missing or _CORS not in names:
        yield from about(said, "cors", ("E020",), lambda: "A subclass of CorsMiddleware is in MIDDLEWARE.")
        return
    before = [name for name in names[: names.index(_CORS)] if name.endswith(_ANSWERS_BY_ITSELF)]
    if before:
        yield warning(
            "cors",
            f"{before[0]} stands before {_CORS}: what it answers by itself, a redirect for instance, no browser app "
            "may read.",
            f"Put {_CORS!r} first in MIDDLEWARE.",
        )
    elif getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False) and getattr(settings, "CORS_ALLOW_CREDENTIALS", False):
        yield problem(
            "cors",
            "CORS_ALLOW_ALL_ORIGINS and CORS_ALLOW_CREDENTIALS are on: any page on the internet reads this site in "
            "the name of its visitors.",
            "CORS_ALLOW_ALL_ORIGINS = False; our own paths are opened to the origins of registered clients anyway.",
        )
    else:
        yield ok("cors", "CorsMiddleware stands before whatever answers by itself.")


def _well_known() -> Iterator[Diagnosis]:
    path = urlsplit(conf.ISSUER).path.rstrip("/")
    for address in well_known_paths(path):
        try:
            view = name_of(behind(resolve(address).func))
        except Resolver404:
            yield problem(
                "well-known",
                f"{address} is not served: a client that looks there does not find us.",
                'Add path("", include("oauth_provider.well_known")) to the root URLconf.',
            )
            continue
        if view.startswith(_METADATA):
            yield ok("well-known", f"{address} is ours.")
        else:
            yield problem(
                "well-known",
                f"{address} is answered by {view}, not by {_METADATA}metadata: clients find another provider there.",
                "Include our URLs before that app's, or take its well-known URLs out.",
            )


def well_known_paths(path: str) -> tuple[str, ...]:
    """Where clients look for the metadata of an issuer with this path (RFC 8414 §3.1, OpenID Connect Discovery §4)."""
    places = (
        f"/.well-known/oauth-authorization-server{path}",
        f"/.well-known/openid-configuration{path}",
        f"{path}/.well-known/openid-configuration",
    )
    return tuple(dict.fromkeys(places))


def _clashes(said: Said) -> Iterator[Diagnosis]:
    yield from about(said, "import-name", ("E024",), lambda: "No other distribution brings a package oauth_provider.")
    # As an app, or by its configuration's name.
    if any(name.startswith("allauth.idp.") for name in settings.INSTALLED_APPS):
        yield warning(
            "allauth-idp",
            "django-allauth's own identity provider (allauth.idp.oidc) is installed: two servers over one set of "
            "people, and both want /.well-known/openid-configuration.",
            "Take allauth.idp.oidc out of INSTALLED_APPS and its URLs out of the URLconf; the rest of django-allauth "
            "stays.",
        )
    else:
        yield ok("allauth-idp", "No other OpenID provider is installed.")
    yield from about(
        said, "dot-pages", ("W030", "W031"), lambda: "No page or middleware of django-oauth-toolkit is beside ours."
    )


def _proxies(said: Said) -> Iterator[Diagnosis]:
    header, hops = settings.SECURE_PROXY_SSL_HEADER, conf.TRUSTED_PROXIES
    said.of("W110")
    if settings.SECURE_SSL_REDIRECT and not header and hops:
        yield problem(
            "proxy",
            f"SECURE_SSL_REDIRECT is on, TRUSTED_PROXIES is {hops} and SECURE_PROXY_SSL_HEADER is not set: behind a "
            "proxy that speaks http to us every request is redirected to itself.",
            "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https'), if the proxy sets it on each request.",
        )
    elif header and not hops:
        yield warning(
            "proxy",
            f"SECURE_PROXY_SSL_HEADER is {header[0]}, so there is a proxy, but TRUSTED_PROXIES is 0: limits and audit "
            "count the proxy's address for everybody.",
            "OAUTH_PROVIDER['TRUSTED_PROXIES'] = 1, or how many proxies stand in a row.",
        )
    elif hops and not header and conf.ISSUER.startswith("https:"):
        yield warning(
            "proxy",
            f"TRUSTED_PROXIES is {hops} and SECURE_PROXY_SSL_HEADER is not set: if the proxy speaks http to us, Django "
            "takes https requests for http.",
            "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https'), if the proxy sets it on each request.",
        )
    elif header:
        yield ok(
            "proxy", f"{hops} in a row; {header[0]} says whether it was https. They must remove what visitors send."
        )
    else:
        yield ok("proxy", "No proxy is trusted: addresses and https are those of the connection itself.")
    if settings.USE_X_FORWARDED_HOST and not (header or hops):
        yield warning(
            "forwarded-host",
            "USE_X_FORWARDED_HOST is on and no proxy is trusted: a visitor may name the host of the site.",
            "USE_X_FORWARDED_HOST = False, or OAUTH_PROVIDER['TRUSTED_PROXIES'] with the number of proxies.",
        )
    else:
        yield ok("forwarded-host", f"USE_X_FORWARDED_HOST is {settings.USE_X_FORWARDED_HOST}.")

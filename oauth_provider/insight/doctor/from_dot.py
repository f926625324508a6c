"""A site that runs django-oauth-toolkit: what `oauth_adopt` would do there, and what has no counterpart here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.db.models import Exists, OuterRef, QuerySet

from oauth_provider.insight.doctor.diagnosis import Diagnosis, State, ok, problem, warning
from oauth_provider.insight.doctor.pieces import is_mounted
from oauth_provider.insight.doctor.said import about
from oauth_provider.insight.routes.layers import behind, name_of
from oauth_provider.insight.routes.walk import walk
from oauth_provider.models import Client
from oauth_provider.models.application import application_model

if TYPE_CHECKING:
    from oauth_provider.insight.doctor.said import Said

_SHOWN = 3
_VALIDATOR = "oauth_provider.server.validator.Validator"
# One table of what becomes of a grant type, the one that adopts.
_GRANT_TYPES: Mapping[str, list[str]] = import_module("oauth_provider.migrations.0002_adopt_applications").GRANT_TYPES
_HALF_SERVED = {
    "implicit": "is not served: its clients must move to the authorization code with PKCE",
    "password": "is not served: tokens that exist are refreshed, nobody signs in that way any more",
    "openid-hybrid": "is served as the authorization code: no token comes back in the redirect",
}


def examine(said: Said) -> Iterator[Diagnosis]:
    """Reads only."""
    yield from _applications()
    yield from _grant_types()
    yield _secrets()
    yield from _settings()
    yield from about(said, "dot-scopes", ("W002", "W206"), lambda: "Every scope that clients have is one of ours.")
    yield from _pages(said)
    yield _authentication()


def _all() -> QuerySet[Any]:
    # The base manager: a site's own may hide rows, and every row is a client of somebody.
    return cast("QuerySet[Any]", application_model()._base_manager.order_by("pk"))


def _listed(names: Iterable[Any]) -> str:
    given = [str(name) for name in names]
    more = f" and {len(given) - _SHOWN} more" if len(given) > _SHOWN else ""
    return ", ".join(given[:_SHOWN]) + more


def _applications() -> Iterator[Diagnosis]:
    total = _all().count()
    orphans = _all().filter(~Exists(Client.objects.filter(application_id=OuterRef("pk"))))
    names = list(orphans.values_list("name", "client_id"))
    if not names:
        yield ok("dot-applications", f"Each of the {total} Applications has a Client.")
        return
    kinds = Counter(orphans.values_list("authorization_grant_type", flat=True))
    would = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    yield problem(
        "dot-applications",
        f"{len(names)} of {total} Applications have no Client and are refused: "
        f"{_listed(name or client_id for name, client_id in names)}.",
        f"Run oauth_adopt --all: it makes a Client of the profile imported for each ({would}), which may do what the "
        "Application could do before. Nothing of the Application is changed.",
    )


def _grant_types() -> Iterator[Diagnosis]:
    kinds = Counter(_all().values_list("authorization_grant_type", flat=True))
    for kind, number in sorted(kinds.items()):
        if kind in _HALF_SERVED:
            state = warning if _GRANT_TYPES.get(kind) else problem
            yield state(
                "dot-grant-types",
                f"{number} Applications use {kind}, which {_HALF_SERVED[kind]}.",
                "Tell their developers; docs/from-dot.md says what changes for them.",
            )
        elif kind not in _GRANT_TYPES:
            yield problem(
                "dot-grant-types",
                f"{number} Applications use {kind!r}, which has no counterpart here: they get no grant.",
                "Register a client of another profile in their place.",
            )
    if not set(kinds) - (set(_GRANT_TYPES) - set(_HALF_SERVED)):
        yield ok("dot-grant-types", f"Every grant type in use is served: {', '.join(sorted(kinds)) or 'none'}.")


def _secrets() -> Diagnosis:
    stored = _all().filter(client_type="confidential").exclude(client_secret="").values_list("client_secret", flat=True)
    hashed = plain = 0
    for secret in stored.iterator():
        if _is_hashed(secret):
            hashed += 1
        else:
            plain += 1
    if plain:
        return warning(
            "dot-secrets",
            f"{plain} secrets stand readable in django-oauth-toolkit's table, {hashed} are hashed. All go on working.",
            "Rotate the readable ones with oauth_rotate_secret: ours are stored as digests.",
        )
    return ok("dot-secrets", f"{hashed} secrets are hashed; each is verified as it stands once, then kept as a digest.")


def _is_hashed(secret: str) -> bool:
    try:
        identify_hasher(secret)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Setting:
    """One of django-oauth-toolkit's; `is_met` says whether there is nothing to do. Values are never printed."""

    name: str
    is_met: Callable[[Any], bool]
    state: State
    sentence: str
    fix: str


def _ours() -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", getattr(settings, "OAUTH_PROVIDER", {}))


def _is_falsy(value: Any) -> bool:
    return not value


_SETTINGS = (
    _Setting(
        "SCOPES",
        lambda value: set(value) <= set(_ours().get("SCOPES", {})) or set(value) == {"read", "write"},
        State.WARNING,
        "OAUTH2_PROVIDER['SCOPES'] names scopes that OAUTH_PROVIDER['SCOPES'] does not.",
        "Copy those you still give into OAUTH_PROVIDER['SCOPES'], or declare them in a scopes.py.",
    ),
    _Setting(
        "OIDC_ISS_ENDPOINT",
        lambda value: not value or str(value).rstrip("/") == _ours().get("ISSUER"),
        State.PROBLEM,
        "OAUTH2_PROVIDER['OIDC_ISS_ENDPOINT'] is not OAUTH_PROVIDER['ISSUER']: relying parties compare `iss`.",
        "Set ISSUER to the address that relying parties are configured with, or tell them the new one.",
    ),
    _Setting(
        "OIDC_RSA_PRIVATE_KEY",
        _is_falsy,
        State.OK,
        "OIDC_RSA_PRIVATE_KEY stays in the key set, so that ID tokens it signed still verify. Leave it there.",
        "",
    ),
    _Setting(
        "ALLOW_URI_WILDCARDS",
        _is_falsy,
        State.PROBLEM,
        "ALLOW_URI_WILDCARDS is on: here a redirect URI matches sign for sign, and a wildcard matches nothing.",
        "Register each address in full.",
    ),
    _Setting(
        "PKCE_REQUIRED",
        lambda value: value is True,
        State.WARNING,
        "PKCE_REQUIRED is not simply on: clients it excused are taken over without PKCE.",
        "Let them send a challenge (S256), then switch PKCE on for each.",
    ),
    _Setting(
        "OAUTH2_VALIDATOR_CLASS",
        lambda value: value in {_VALIDATOR, "oauth2_provider.oauth2_validators.OAuth2Validator"},
        State.WARNING,
        "OAUTH2_VALIDATOR_CLASS is a class of the site: claims and rules in it are not asked here.",
        f"Move what it adds; where views keep django-oauth-toolkit's classes, name {_VALIDATOR}.",
    ),
    _Setting(
        "REFRESH_TOKEN_EXPIRE_SECONDS",
        lambda value: value is not None,
        State.WARNING,
        "REFRESH_TOKEN_EXPIRE_SECONDS is None: there refresh tokens never ended, here they end after 14 days unused.",
        "OAUTH_PROVIDER['REFRESH_TOKEN_IDLE_LIFETIME'], where that is too short.",
    ),
)


def _settings() -> Iterator[Diagnosis]:
    given = cast("Mapping[str, Any]", getattr(settings, "OAUTH2_PROVIDER", None) or {})
    found = [
        Diagnosis("dot-settings", setting.state, setting.sentence, setting.fix)
        for setting in _SETTINGS
        if setting.name in given and not setting.is_met(given[setting.name])
    ]
    yield from found
    if not found:
        yield ok("dot-settings", "OAUTH2_PROVIDER holds nothing that we would need to know.")


def _pages(said: Said) -> Iterator[Diagnosis]:
    routes = [route for route, view in walk() if name_of(behind(view)).startswith("oauth2_provider.views.")]
    if routes and not is_mounted():
        yield ok(
            "dot-pages",
            f"django-oauth-toolkit's {len(routes)} pages are mounted ({_listed(routes)}) and ours are not: nothing "
            "has changed for anybody yet. include('oauth_provider.dot_urls') serves the same paths.",
        )
        return
    yield from about(
        said, "dot-pages", ("W030", "W031"), lambda: "No page or middleware of django-oauth-toolkit is beside ours."
    )


def _authentication() -> Diagnosis:
    rest = getattr(settings, "REST_FRAMEWORK", None) or {}
    paths = [
        item if isinstance(item, str) else f"{item.__module__}.{item.__qualname__}"
        for item in rest.get("DEFAULT_AUTHENTICATION_CLASSES") or ()
    ]
    theirs = [path for path in paths if path.startswith("oauth2_provider.")]
    given = getattr(settings, "OAUTH2_PROVIDER", None) or {}
    if theirs and given.get("OAUTH2_VALIDATOR_CLASS") != _VALIDATOR:
        return warning(
            "dot-authentication",
            f"REST_FRAMEWORK authenticates with {theirs[0]}, which knows django-oauth-toolkit's tokens only.",
            "Name oauth_provider.drf.OAuth2Authentication there: it takes both kinds, under the same permissions.",
        )
    return ok("dot-authentication", "REST_FRAMEWORK's default authentication takes our tokens, or no tokens.")

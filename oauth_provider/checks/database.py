"""Clients in the database that are refused, too free, or of no use: one message each with the first names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Now, NullIf

from oauth_provider import scopes as known_scopes
from oauth_provider.checks.messages import message
from oauth_provider.checks.tables import on_each_database
from oauth_provider.conf import conf
from oauth_provider.models import Client, ClientSecret
from oauth_provider.models.application import application_model
from oauth_provider.values import AuthMethod, ClientStatus, Profile

_SHOWN = 3
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def _first(names: Iterable[str]) -> str:
    """The first names, then how many more."""
    names = list(names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _alive(alias: str) -> QuerySet[Client]:
    return Client.objects.using(alias).exclude(status=ClientStatus.ARCHIVED).order_by("pk")


def _named(rows: QuerySet[Any], prefix: str = "application__") -> QuerySet[Any]:
    """With `shown_name`: the Application's name, or its client_id when it has none."""
    name = NullIf(F(f"{prefix}name"), Value(""))
    named: QuerySet[Any] = rows.annotate(shown_name=Coalesce(name, F(f"{prefix}client_id")))
    return named


@on_each_database
def check_adopted(alias: str) -> Iterable[CheckMessage]:
    """W202: an Application that appeared after the first migrate."""
    orphans = (
        application_model()
        ._base_manager.using(alias)
        .filter(~Exists(Client.objects.filter(application_id=OuterRef("pk"))))
    )
    count = orphans.count()
    if count:
        first = list(_named(orphans, "").order_by("pk").values_list("shown_name", flat=True)[:_SHOWN])
        more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
        yield message("W202", count=count, names=", ".join(first) + more)


@on_each_database
def check_imported(alias: str) -> Iterable[CheckMessage]:
    """W203: one message that sums up what imported clients may do beyond a modern profile."""
    columns = ("shown_name", "auth_method", "grant_types", "require_pkce", "allowed_scopes",
               "resource_server_for", "access_token_lifetime", "application__algorithm")  # fmt: skip
    deviations: dict[str, list[str]] = {}
    count = 0
    rows = _named(_alive(alias).filter(profile=Profile.IMPORTED)).values(*columns)
    for row in rows.iterator():
        found = list(_deviations(row))
        count += bool(found)
        for deviation in found:
            deviations.setdefault(deviation, []).append(row["shown_name"])
    if count:
        summary = "; ".join(f"{what}: {len(names)} ({_first(names)})" for what, names in deviations.items())
        yield message("W203", count=count, deviations=summary)


def _deviations(row: dict[str, Any]) -> Iterator[str]:
    if "authorization_code" in row["grant_types"] and not row["require_pkce"]:
        yield "no PKCE required"
    if row["auth_method"] == AuthMethod.NONE and "client_credentials" in row["grant_types"]:
        yield "client credentials without a secret"
    if "*" in row["allowed_scopes"]:
        yield "every permission"
    if "*" in row["resource_server_for"]:
        yield "may introspect every token"
    if (row["access_token_lifetime"] or 0) > conf.ACCESS_TOKEN_LIFETIME:
        yield "longer access tokens"
    if row["application__algorithm"] == "HS256":
        yield "expected HS256 ID tokens, gets RS256"


@on_each_database
def check_redirect_uris(alias: str) -> Iterable[CheckMessage]:
    """W204: RFC 9700 §2.6."""
    rows = _named(_alive(alias).filter(application__redirect_uris__contains="http://")).values_list(
        "shown_name", "application__redirect_uris"
    )
    names = [name for name, uris in rows.iterator() if any(map(_is_open_http, uris.split()))]
    if names:
        yield message("W204", count=len(names), names=_first(names))


def _is_open_http(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return parts.scheme == "http" and parts.hostname not in _LOOPBACK
    except ValueError:
        return True


@on_each_database
def check_secrets(alias: str) -> Iterable[CheckMessage]:
    """W205. An imported client's secret stands in its Application until it is used for the first time."""
    live = ClientSecret.objects.filter(client=OuterRef("pk"), revoked_at=None).exclude(expires_at__lte=Now())
    rows = _alive(alias).exclude(auth_method=AuthMethod.NONE).filter(~Exists(live))
    any_secret = Exists(ClientSecret.objects.filter(client=OuterRef("pk")))
    rows = rows.filter(~Q(registration_source="dot") | Q(application__client_secret="") | any_secret)
    names = list(_named(rows).values_list("shown_name", flat=True))
    if names:
        yield message("W205", count=len(names), names=_first(names))


@on_each_database
def check_offers(alias: str) -> Iterable[CheckMessage]:
    """W206: scopes a client names that nobody registered, for instance django-oauth-toolkit's; W209: algorithms."""
    columns = ("allowed_scopes", "default_scopes", "id_token_signed_response_alg", "userinfo_signed_response_alg")
    scopes, algs = _Missing({*known_scopes.registered(), "*"}), _Missing({"", *conf.ID_TOKEN_SIGNING_ALGS})
    for name, allowed, default, *signed in _named(_alive(alias)).values_list("shown_name", *columns).iterator():
        scopes.look(name, (*allowed, *default))
        algs.look(name, signed)
    if scopes.names:
        yield message("W206", count=len(scopes.names), scopes=_first(scopes.values), names=_first(scopes.names))
    if algs.names:
        yield message("W209", count=len(algs.names), algs=_first(algs.values), names=_first(algs.names))


class _Missing:
    """What clients name that is not among the known, and which clients do."""

    def __init__(self, known: set[str]) -> None:
        self._known = known
        self.values: dict[str, None] = {}
        self.names: list[str] = []

    def look(self, name: str, values: Iterable[str]) -> None:
        missing = [value for value in values if value not in self._known]
        if missing:
            self.names.append(name)
            self.values.update(dict.fromkeys(missing))


@on_each_database
def check_old_ways(alias: str) -> Iterable[CheckMessage]:
    """W207: what django-oauth-toolkit called implicit or password; W208: the one profile that may do without PKCE."""
    gone = Q(profile=Profile.IMPORTED, application__authorization_grant_type__in=["implicit", "password"])
    without_pkce = Q(profile=Profile.LEGACY, require_pkce=False) & ~Q(auth_method=AuthMethod.NONE)
    rows = list(_named(_alive(alias).filter(gone | without_pkce)).values_list("shown_name", "profile"))
    for message_id, profile in (("W207", Profile.IMPORTED), ("W208", Profile.LEGACY)):
        names = [name for name, own in rows if own == profile]
        if names:
            yield message(message_id, count=len(names), names=_first(names))


CHECKS = (
    check_adopted,
    check_imported,
    check_redirect_uris,
    check_secrets,
    check_offers,
    check_old_ways,
)

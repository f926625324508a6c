"""Settings: the issuer and where it is, what production needs, cookies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from oauth_provider.conf import conf
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning
from oauth_provider.insight.doctor.said import about

if TYPE_CHECKING:
    from oauth_provider.insight.doctor.said import Said


@dataclass(frozen=True, slots=True)
class _Topic:
    name: str
    ids: tuple[str, ...]
    fine: Callable[[], str]


_TOPICS = (
    _Topic("settings", ("E001", "E002", "E003", "W001", "W002"), lambda: "OAUTH_PROVIDER can be read."),
    _Topic("debug", ("W101",), lambda: "DEBUG is off."),
    _Topic("secret-key", ("W102",), lambda: "SECRET_KEY is long and not startproject's."),
    _Topic("session-cookie", ("W103",), lambda: "The session cookie is sent over https only."),
    _Topic("csrf-cookie", ("W104",), lambda: "The CSRF cookie is sent over https only."),
    _Topic("hsts", ("W105",), lambda: f"HSTS is sent for {settings.SECURE_HSTS_SECONDS} seconds."),
    _Topic("hosts", ("W106",), lambda: f"ALLOWED_HOSTS names {', '.join(settings.ALLOWED_HOSTS) or 'none'}."),
    _Topic("loggers", ("W111",), lambda: "No logger of the libraries underneath writes DEBUG messages."),
)


def examine(said: Said) -> Iterator[Diagnosis]:
    """Each topic, then the issuer, which wants settings that can be read."""
    for topic in _TOPICS:
        yield from about(said, topic.name, topic.ids, topic.fine)
    yield from _same_site()
    yield from _issuer(said)


def _issuer(said: Said) -> Iterator[Diagnosis]:
    try:
        token = reverse("oauth_provider:token")
    except NoReverseMatch:
        yield warning(
            "mount",
            "Our URLs are not included: no app can get a token here.",
            'Add path("", include("oauth_provider.urls")) to the root URLconf; a site that only checks tokens of '
            "others needs none.",
        )
        return
    # Read by the checks' ids: form, path and well-known place of the issuer.
    yield from about(
        said,
        "issuer",
        ("E010", "E011", "E012", "E013", "E014"),
        lambda: f"The issuer is {conf.ISSUER!r}, and {token!r} is where that says.",
    )


def _same_site() -> Iterator[Diagnosis]:
    value = settings.SESSION_COOKIE_SAMESITE
    if value == "Strict":
        yield warning(
            "same-site",
            "SESSION_COOKIE_SAMESITE is 'Strict': who comes from an app is not recognised and signs in each time.",
            "SESSION_COOKIE_SAMESITE = 'Lax'",
        )
    elif value == "None" and not settings.SESSION_COOKIE_SECURE:
        yield problem(
            "same-site",
            "SESSION_COOKIE_SAMESITE is 'None' and SESSION_COOKIE_SECURE is off: browsers drop such a cookie.",
            "SESSION_COOKIE_SAMESITE = 'Lax'",
        )
    elif value != "Lax":
        yield warning(
            "same-site",
            f"SESSION_COOKIE_SAMESITE is {value!r}: other sites' requests carry the session.",
            "SESSION_COOKIE_SAMESITE = 'Lax'",
        )
    else:
        yield ok("same-site", "The session cookie is SameSite=Lax.")

"""What lies between: TLS, http, the clock, cookies."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from oauth_provider.conf import conf
from oauth_provider.insight.doctor.as_client.asking import Site, shown
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning
from oauth_provider.outbound.refused import Refused
from oauth_provider.outbound.visit import Visited, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

_RENEW_DAYS, _LATE_DAYS = 21, 7
_YEAR = 31_536_000
_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}


def examine(site: Site) -> Iterator[Diagnosis]:
    """After the others: it looks at what they were answered."""
    if site.is_https:
        yield from certificate(site)
        yield from _http(site)
        yield from _hsts(site)
    elif _is_this_machine(site):
        yield ok("tls", "http, which is fine on this machine and nowhere else.")
    else:
        yield problem(
            "tls", f"{site.issuer} is not https: codes and tokens can be read on the way.", "Serve the site by https."
        )
    yield from _clock(site)
    yield from _cookies(site)


def _is_this_machine(site: Site) -> bool:
    host = urlsplit(site.issuer).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def certificate(site: Site) -> Iterator[Diagnosis]:
    """Until when the certificate holds that was seen."""
    ends = next((answer.certificate_ends for answer in site.visited if answer.certificate_ends), None)
    if ends is None:
        return  # nothing was answered, and that was said
    days = (ends - datetime.now(tz=UTC)).days
    told = f"The certificate is trusted and ends on {ends:%Y-%m-%d}, in {days} days"
    if days < _LATE_DAYS:
        yield problem("tls", f"{told}.", "Renew it now, and see why that did not happen by itself.")
    elif days < _RENEW_DAYS:
        yield warning("tls", f"{told}.", "See that it is renewed by itself.")
    else:
        yield ok("tls", f"{told}.")


def _http(site: Site) -> Iterator[Diagnosis]:
    parts = urlsplit(site.issuer)
    if parts.port not in {None, 443}:
        yield ok("http", f"The site is at port {parts.port}: there is no http address that belongs to it.")
        return
    url = f"http://{parts.hostname}{site.path}/"
    try:
        answer = visit(url)
    except Refused as refused:
        yield ok("http", f"{url} is not served ({refused.reason}).")
        return
    location = answer.headers.get("location", "")
    if answer.status in _PERMANENT and location.startswith(f"https://{parts.hostname}"):
        yield ok("http", f"{url} leads to https for good ({answer.status}).")
    elif location.startswith(f"https://{parts.hostname}"):
        yield warning("http", f"{url} leads to https with {answer.status}.", "Answer 301 or 308.")
    else:
        yield problem(
            "http",
            f"{url} answers {answer.status} and does not lead to https: people who type the address stay readable.",
            "SECURE_SSL_REDIRECT = True, or a redirect in the proxy.",
        )


def _hsts(site: Site) -> Iterator[Diagnosis]:
    header = next(
        (answer.headers.get("strict-transport-security", "") for answer in site.visited),
        "",
    )
    age = re.search(r"max-age=\"?(\d+)", header)
    seconds = int(age[1]) if age else 0
    if not seconds:
        yield warning(
            "hsts",
            "Strict-Transport-Security is not sent: a first visit over http can be led to another sign-in page.",
            "SECURE_HSTS_SECONDS = 31536000, once everything is served over https.",
        )
    elif seconds < _YEAR:
        yield warning("hsts", f"HSTS holds for {seconds} seconds only.", f"SECURE_HSTS_SECONDS = {_YEAR}")
    else:
        yield ok("hsts", f"HSTS holds for {seconds} seconds.")


def _clock(site: Site) -> Iterator[Diagnosis]:
    if not site.visited:
        return
    # Read now: the answers of before are as old as the walk took.
    answer = site.ask("clock", site.visited[0].url)
    if isinstance(answer, Diagnosis):
        yield answer
        return
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        yield warning("clock", "The site sends no Date.", "See which proxy takes it away.")
        return
    apart = abs((datetime.now(tz=UTC) - at).total_seconds())
    told = f"The site's clock and this machine's differ by {apart:.0f} seconds"
    fix = "Let both follow a time server (NTP)."
    if apart > conf.CLOCK_SKEW:
        yield problem("clock", f"{told}; {conf.CLOCK_SKEW} are allowed between servers.", fix)
    elif apart > 5:  # noqa: PLR2004  # Date has whole seconds, and the way takes one
        yield warning("clock", f"{told}.", fix)
    else:
        yield ok("clock", f"{told}.")


def _cookies(site: Site) -> Iterator[Diagnosis]:
    """Of the sign-in page, found as a browser finds it: from a page that wants a person."""
    answer = site.ask("sign-in", f"{site.issuer}/connected-apps/")
    for _ in range(3):
        if isinstance(answer, Diagnosis) or "location" not in answer.headers:
            break
        target = urljoin(answer.url, answer.headers["location"])
        if not target.startswith(f"{site.origin}/"):
            yield problem(
                "sign-in",
                f"{answer.url} leads to {shown(target.partition('?')[0])}, which is not {site.origin}.",
                "See that the proxy passes Host on, and USE_X_FORWARDED_HOST.",
            )
            return
        answer = site.ask("sign-in", target)
    if isinstance(answer, Diagnosis):
        yield answer
        return
    if answer.status != HTTPStatus.OK:
        yield problem(
            "sign-in", f"{answer.url.partition('?')[0]} answers {answer.status}: people cannot sign in.", "See its log."
        )
    else:
        yield ok("sign-in", f"People sign in at {answer.url.partition('?')[0]}.")
    yield from _flags(site, [answer, *site.visited])


def _flags(site: Site, answers: list[Visited]) -> Iterator[Diagnosis]:
    """Names only: a cookie's value is a secret."""
    told: dict[str, list[str]] = {}
    for cookie in dict.fromkeys(cookie for answer in answers for cookie in answer.cookies):
        name = cookie.partition("=")[0].strip()
        flags = {part.strip().lower().partition("=")[0] for part in cookie.split(";")[1:]}
        wanted = ["samesite", *(["secure"] if site.is_https else []), *(["httponly"] if "session" in name else [])]
        told[name] = [flag for flag in wanted if flag not in flags]
    for name, lacks in told.items():
        if lacks:
            yield problem(
                "cookies",
                f"The cookie {shown(name)} is sent without {' and '.join(lacks)}.",
                "SESSION_COOKIE_SECURE = True, CSRF_COOKIE_SECURE = True; leave the others as Django has them.",
            )
    if told and not any(told.values()):
        yield ok("cookies", f"Cookies are sent as they should be: {', '.join(map(shown, told))}.")

"""Would this redirect URI match? Which registered one it is and by which rule, or where it differs from the nearest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.utils.translation import gettext as _

from oauth_provider.clients import redirect_uris

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2).
_ADDED = frozenset({"code", "state", "iss", "error"})


@dataclass(frozen=True, slots=True)
class Matches:
    """The asked URI is a registered one; `is_exact` is False where only the free loopback port differs."""

    registered: str
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Differs:
    """The asked URI is none of the registered ones. Both begin with `same`; what follows stands apart."""

    nearest: str
    same: str
    asked_rest: str
    nearest_rest: str
    # What differs, in words.
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NothingRegistered:
    """The client has no redirect URI, so none matches."""


def would_match(asked: str, registered: Iterable[str]) -> Matches | Differs | NothingRegistered:
    """What the authorization endpoint would say to this redirect URI; it asks the same `redirect_uris.match`."""
    known = list(registered)
    for uri in (asked, *known) if asked in known else known:
        if redirect_uris.match(asked, [uri]):
            return Matches(uri, is_exact=uri == asked)
    if not known:
        return NothingRegistered()
    nearest = redirect_uris.nearest_first(asked, known)[0]
    same = asked[: sum(1 for _alike in takewhile(lambda pair: pair[0] == pair[1], zip(asked, nearest, strict=False)))]
    return Differs(nearest, same, asked[len(same) :], nearest[len(same) :], tuple(_why(asked, nearest)))


def _why(asked: str, nearest: str) -> Iterator[str]:
    if asked == nearest:
        yield _("This scheme is never followed.")
        return
    try:
        one, other = urlsplit(asked), urlsplit(nearest)
        ports = {"asked": one.port or _("none"), "registered": other.port or _("none")}
    except ValueError:
        yield _("Its host or port cannot be read.")
        return
    if one.scheme != other.scheme:
        yield _("The scheme is %(asked)s, registered is %(registered)s.") % _pair(one.scheme, other.scheme)
    if one.hostname != other.hostname:
        yield _("The host is %(asked)s, registered is %(registered)s.") % _pair(one.hostname, other.hostname)
    if ports["asked"] != ports["registered"]:
        yield _("The port is %(asked)s, registered is %(registered)s.") % ports
        if "localhost" in {one.hostname, other.hostname}:
            yield _("Any port is right only for 127.0.0.1 and [::1] (RFC 8252 §7.3).")
    yield from _why_in_path(one, other)


def _why_in_path(one: SplitResult, other: SplitResult) -> Iterator[str]:
    if one.path.rstrip("/") == other.path.rstrip("/") and one.path != other.path:
        yield _("Only one of them ends in a slash.")
    elif one.path.lower() == other.path.lower() and one.path != other.path:
        yield _("Capital and small letters differ in the path.")
    elif one.path != other.path:
        yield _("The path is %(asked)s, registered is %(registered)s.") % _pair(one.path, other.path)
    if one.query != other.query:
        yield _("The query differs: it is compared too.")
    if _ADDED & {name for name, _value in parse_qsl(one.query)} - {name for name, _value in parse_qsl(other.query)}:
        yield _("Leave out what this server adds: code, state, iss and error.")
    if one.fragment != other.fragment:
        yield _("A redirect URI has no #fragment.")
    if one.netloc != other.netloc and one.netloc.lower() == other.netloc.lower():
        yield _("Capital and small letters differ in the host.")


def _pair(asked: str | None, registered: str | None) -> dict[str, str]:
    return {"asked": asked or _("none"), "registered": registered or _("none")}

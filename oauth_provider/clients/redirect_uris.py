"""Redirect URIs: which may be registered, and which of an asked one is registered (RFC 9700 §4.1.3, RFC 8252)."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from oauth_provider import mcp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.clients.profiles import Rules

MAX_LENGTH = 2000
# RFC 3986 §2: what a URI may consist of; no spaces, controls, backslashes or anything outside ASCII.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*", re.ASCII)
# RFC 8252 §7.1: a private-use scheme is a domain name under the app's control, reversed: it has a dot.
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)
# RFC 8252 §7.3: loopback by IP literal. `localhost` may be registered, but its port is not free.
_LOOPBACK_LITERALS = {"127.0.0.1", "::1"}
LOOPBACK_HOSTS = {*_LOOPBACK_LITERALS, "localhost"}
# Schemes a browser runs or shows itself; taken over from elsewhere they are registered, never followed.
_NEVER = frozenset({"javascript", "data", "vbscript", "blob", "file", "about", "view-source"})
_FREE_PORT = re.compile(r"http://(127\.0\.0\.1|\[::1\])(:\d{1,5})?(?=[/?]|$)", re.ASCII)


def match(asked: str, registered: Iterable[str]) -> bool:
    """Whether the asked URI is one of the registered ones, sign for sign; only a loopback port is free (AS1)."""
    if not may_be_sent_to(asked):
        return False
    # A free port makes an address longer; one that no row can hold is none.
    return len(asked) <= MAX_LENGTH and any(
        asked == uri or _differs_in_loopback_port_only(asked, uri) for uri in registered
    )


def may_be_sent_to(uri: str) -> bool:
    """Whether a browser may be sent there at all, registered or not: it runs or shows some schemes itself."""
    return uri.partition(":")[0].lower() not in _NEVER


def _differs_in_loopback_port_only(asked: str, registered: str) -> bool:
    asked_start, registered_start = _FREE_PORT.match(asked), _FREE_PORT.match(registered)
    if not asked_start or not registered_start or asked_start[1] != registered_start[1]:
        return False
    port = asked_start[2]
    if port is not None and not 0 < int(port[1:]) <= 65535:  # noqa: PLR2004  # the range of TCP ports
        return False
    return asked[asked_start.end() :] == registered[registered_start.end() :]


def nearest_first(asked: str, registered: Iterable[str]) -> list[str]:
    """The registered URIs, the most alike to the asked one first: what it shares with them at both ends counts."""

    def shared(uri: str) -> int:
        return equal_start(asked, uri) + equal_start(asked[::-1], uri[::-1])

    return sorted(registered, key=shared, reverse=True)


def equal_start(one: str, other: str) -> int:
    """With how many equal signs two addresses begin."""
    return sum(1 for _sign in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def validate(uri: str, *, rules: Rules) -> None:
    """Raise ValidationError, naming the rule, when a client of this profile may not register the URI."""
    if len(uri) > MAX_LENGTH or not _URI.fullmatch(uri):
        raise _refusal(uri, _("it is not an absolute URI in plain ASCII"))
    try:
        parts = urlsplit(uri)
        _port = parts.port
    except ValueError as error:
        raise _refusal(uri, _("its host or port cannot be read")) from error
    # RFC 6749 §3.1.2: the redirection endpoint URI must not include a fragment.
    if "#" in uri:
        raise _refusal(uri, _("it must have no #fragment"))
    if "*" in (parts.hostname or ""):
        raise _refusal(uri, _("wildcards are not allowed; register each address"))
    if parts.username is not None or parts.password is not None:
        raise _refusal(uri, _("it must not contain a user name or password"))
    _validate_scheme(uri, parts, rules=rules)


def _validate_scheme(uri: str, parts: SplitResult, *, rules: Rules) -> None:
    if parts.scheme == "https":
        if not parts.hostname:
            raise _refusal(uri, _("it has no host"))
    elif parts.scheme == "http":
        # RFC 9700 §2.6: no http, except to the loopback interface of the person's own machine.
        if not (rules.allows_http_loopback and parts.hostname in LOOPBACK_HOSTS):
            raise _refusal(uri, _("use https; http is for 127.0.0.1, [::1] and localhost only"))
    elif rules.allows_uris_of_mcp and _is_named_for_mcp(uri):
        return
    elif not rules.allows_private_scheme:
        raise _refusal(uri, _("only https is allowed for this profile"))
    elif not _PRIVATE_SCHEME.fullmatch(uri.partition(":")[0]):
        raise _refusal(uri, _("a private-use scheme must be a reversed domain name, like com.example.app:/callback"))


def _is_named_for_mcp(uri: str) -> bool:
    """Whether the setting MCP names the address, sign for sign: some agents have no other."""
    setting = mcp.setting()
    return setting is not None and uri in setting.redirect_uris


def _refusal(uri: str, why: object) -> ValidationError:
    return ValidationError(
        _("The redirect URI “%(uri)s” cannot be used: %(why)s."),
        params={"uri": uri[:200], "why": why},
        code="redirect_uri",
    )


def is_https(uri: str) -> bool:
    """Whether the URI goes to an https host."""
    return uri.startswith("https://")


def is_loopback(uri: str) -> bool:
    """Whether the URI leads to the person's own machine by http."""
    return urlsplit(uri).scheme == "http" and urlsplit(uri).hostname in LOOPBACK_HOSTS


def corrected(uri: str, *, rules: Rules) -> str | None:
    """A URI that is meant and may be registered, where a refused one can be mended; None where only a person can.

    Spaces around it go, http becomes https, a fragment and a user name go, `127.0.0.1` gets its scheme.
    """
    text = "".join(uri.split())
    if "://" not in text and ":" not in text.partition("/")[0].partition(".")[0]:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        scheme = "https" if parts.scheme == "http" and host not in LOOPBACK_HOSTS else parts.scheme
        netloc = parts.netloc.rpartition("@")[2]
        mended = parts._replace(scheme=scheme, netloc=netloc, fragment="").geturl()
        validate(mended, rules=rules)
    except (ValueError, ValidationError):
        return None
    return None if mended == uri else mended


def is_local(uri: str) -> bool:
    """Whether the URI leads to an app on the person's own device: loopback or a private-use scheme."""
    return not uri.startswith("https://")


def host_of(uri: str) -> str:
    """What people read as the place they will be sent to: the host with its port, or the scheme."""
    parts = urlsplit(uri)
    return parts.netloc or f"{parts.scheme}:"


def origin_of(uri: str) -> str | None:
    """The browser origin of an http or https URI (RFC 6454 §6.2)."""
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in {None, default} else "")

"""What a URL must look like before anything is looked up: https, a host with a name, plain ASCII throughout."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from oauth_provider.outbound.refused import Refused

MAX_LENGTH = 2000
PORT = 443
PLAIN_PORT = 80
# RFC 3986 §2: nothing outside ASCII, which somebody else would map to other signs (UTS #46: full-width digits, dots
# of other scripts); no spaces, controls and backslashes, which parsers read differently.
_URL = re.compile(r"https://[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+", re.ASCII | re.IGNORECASE)
# RFC 1123 §2.1, with at least one dot and without one at the end.
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"({_LABEL}\.)+{_LABEL}", re.ASCII)
_MAX_NAME = 253
# The WHATWG URL standard and inet_aton take a host whose last label is a number for an IPv4 address.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
# RFC 6761 §6.3, RFC 6762 §3, RFC 8375, RFC 7686, and what ICANN keeps for inside.
_INSIDE = ("localhost", "local", "internal", "home.arpa", "onion")


@dataclass(frozen=True, slots=True)
class Url:
    """Where to connect and what to ask for there."""

    host: str
    port: int
    target: str
    is_tls: bool = True
    # Whether the operator wrote it, for an address inside the network.
    is_private: bool = False

    @property
    def authority(self) -> str:
        """The Host header (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (PORT if self.is_tls else PLAIN_PORT) else f"{host}:{self.port}"


def read(url: str, *, ports: Collection[int] = (PORT,)) -> Url:
    """The parts of a URL that may be fetched as far as its text says; raises Refused."""
    if len(url) > MAX_LENGTH:
        raise Refused("it is too long")
    if not _URL.fullmatch(url):
        raise Refused("it is no https URL in plain ASCII, or has a #fragment")
    try:
        parts = urlsplit(url)
        port = PORT if parts.port is None else parts.port
    except ValueError as error:
        raise Refused("its host or port cannot be read") from error
    if parts.username is not None or parts.password is not None:
        raise Refused("it has a user name or password")
    host = parts.hostname or ""
    _check_name(host)
    if port not in ports:
        raise Refused(f"port {port} is not allowed")
    return Url(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def read_private(url: str) -> Url:
    """The parts of a URL the operator wrote, which may name any host and port; raises Refused."""
    scheme, _, rest = url.partition("://")
    is_tls = scheme.lower() == "https"
    if len(url) > MAX_LENGTH or not _URL.fullmatch(f"https://{rest}") or (not is_tls and scheme.lower() != "http"):
        raise Refused("it is no http(s) URL in plain ASCII, or has a #fragment")
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else PORT if is_tls else PLAIN_PORT
    except ValueError as error:
        raise Refused("its host or port cannot be read") from error
    if parts.username is not None or parts.password is not None or not parts.hostname:
        raise Refused("it has a user name or password, or no host")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Url(parts.hostname, port, target, is_tls=is_tls, is_private=True)


def _check_name(host: str) -> None:
    last = host.rpartition(".")[2]
    if ":" in host or _NUMBER.fullmatch(last or host.rstrip(".").rpartition(".")[2]):
        raise Refused("its host is an IP address")
    if len(host) > _MAX_NAME or not _NAME.fullmatch(host):
        raise Refused("its host is no full domain name")
    if any(host == name or host.endswith(f".{name}") for name in _INSIDE):
        raise Refused("its host is known inside a network only")

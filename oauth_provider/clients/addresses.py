"""Addresses on the web that a stranger names: https, a host with a public name, never a place inside (C59).

Nothing is fetched or resolved here. A name that leads inside all the same is refused by whoever fetches it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAX_LENGTH = 2000
# RFC 3986 §2: what a URI may consist of; nothing outside ASCII, which a host would be mapped from (UTS #46).
_URI = re.compile(r"https://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
# The WHATWG URL standard takes a host whose last label is a number for an IPv4 address: 0x7f000001, 2130706433, 127.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
# RFC 6761 §6.3, RFC 6762 §3, RFC 8375, and what ICANN keeps for inside.
_INSIDE = ("localhost", "local", "localdomain", "internal", "home.arpa")


def wrong_with(address: str) -> str:
    """Why nobody may register this address, as the end of a sentence; empty when they may."""
    if len(address) > MAX_LENGTH:
        return "is too long"
    if not _URI.fullmatch(address):
        return "is not an https address in plain ASCII"
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return "has a host or port that cannot be read"
    if parts.username is not None or parts.password is not None:
        return "has a user name or password"
    host = (parts.hostname or "").removesuffix(".")
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        return "does not name a host, but an IP address or nothing"
    if len(labels) == 1 or any(host == name or host.endswith(f".{name}") for name in _INSIDE):
        return "leads to a host that only this site's own network knows"
    return ""

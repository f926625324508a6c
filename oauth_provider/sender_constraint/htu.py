"""`htu`: the address a proof is for, compared with the one that was asked (RFC 9449 §4.3, check 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from django.utils.encoding import repercent_broken_unicode

if TYPE_CHECKING:
    from django.http import HttpRequest

_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host with its port, and path in normal form (RFC 3986 §6.2.2, §6.2.3); no query, no fragment."""

    scheme: str
    host: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"


def of_request(request: HttpRequest) -> Address:
    """What this request asked for, as Django was told: behind a proxy by the headers the site trusts."""
    return _address(f"{request.scheme}://{request.get_host()}", path=request.path)


def of_claim(htu: str) -> Address | None:
    """What a claim names; None when that is no address with a host.

    The path is decoded as Django decodes it: two that it routes alike are alike here.
    """
    try:
        parts = urlsplit(htu)
        if not parts.hostname or "@" in parts.netloc:
            return None
        path = repercent_broken_unicode(unquote_to_bytes(parts.path)).decode()
        return _address(f"{parts.scheme}://{parts.netloc}", path=path)
    except ValueError:
        return None


def _address(origin: str, *, path: str) -> Address:
    parts = urlsplit(origin)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != _DEFAULT_PORTS.get(scheme):
        host = f"{host}:{parts.port}"
    return Address(scheme, host, _without_dots(path))


def _without_dots(path: str) -> str:
    """RFC 3986 §5.2.4: `.` and `..` as steps, taken; an empty path is the root."""
    steps: list[str] = []
    for step in path.split("/")[1:] or [""]:
        if step == "..":
            del steps[-1:]
        elif step != ".":
            steps.append(step)
    if path.endswith(("/.", "/..")):
        steps.append("")
    return "/" + "/".join(steps)

"""The issuer's metadata (OpenID Connect Discovery §4, RFC 8414): whose it is, and where its keys are."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oauth_provider.outbound import Fetched, Refused
from oauth_provider.resource_server.issuers import fetching
from oauth_provider.resource_server.issuers.fresh import Kept, seconds_fresh

if TYPE_CHECKING:
    from oauth_provider.resource_server.issuers.trusted import TrustedIssuer

OK = 200
NOT_FOUND = 404
_REFUSED_TO_US = {401, 403}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is read of it; empty where it says nothing."""

    jwks_uri: str
    introspection_endpoint: str


_kept: dict[str, tuple[TrustedIssuer, Kept[Metadata]]] = {}
_lock = threading.Lock()


def of(issuer: TrustedIssuer) -> Metadata:
    """The issuer's metadata, fetched if need be; raises IssuerUnavailable."""
    with _lock:
        held = _kept.get(issuer.issuer)
        if held is None or held[0] is not issuer:
            held = _kept[issuer.issuer] = issuer, Kept(f"metadata of {issuer.issuer}", lambda: _load(issuer))
    return held[1].get()


def forget() -> None:
    """Ask every issuer afresh."""
    with _lock:
        _kept.clear()


def addresses_of(issuer: str) -> tuple[str, ...]:
    """Where the metadata may be: as OpenID Connect and as RFC 8414 §3.1 put it."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    host = f"{parts.scheme}://{parts.netloc}"
    return (
        f"{host}{path}/.well-known/openid-configuration",
        f"{host}/.well-known/oauth-authorization-server{path}",
    )


def _load(issuer: TrustedIssuer) -> tuple[Metadata, int]:
    urls = (issuer.metadata_url,) if issuer.metadata_url else addresses_of(issuer.issuer)
    for url in urls:
        fetched = fetching.get(issuer, url)
        if fetched.status != NOT_FOUND:
            return _read(issuer, fetched), seconds_fresh(fetched.headers)
    raise Refused(f"no metadata is at {' or '.join(urls)}")


def _read(issuer: TrustedIssuer, fetched: Fetched) -> Metadata:
    members = json_object(fetched)
    # RFC 8414 §3.3: letter by letter, or whoever answers there speaks for somebody else.
    if members.get("issuer") != issuer.issuer:
        raise Refused(
            f"it is of {str(members.get('issuer'))[:200]!r}: write that in TRUSTED_ISSUERS if it is who you mean"
        )
    return Metadata(_address(issuer, members, "jwks_uri"), _address(issuer, members, "introspection_endpoint"))


def _address(issuer: TrustedIssuer, members: dict[str, Any], name: str) -> str:
    """An address in it; empty where there is none. Whether it may be fetched is decided when it is."""
    url = members.get(name, "")
    if not isinstance(url, str):
        raise Refused(f"its {name} is no string")
    return url


def json_object(fetched: Fetched) -> dict[str, Any]:
    """The JSON object of an answer; raises Refused."""
    if fetched.status != OK:
        hint = ": does it know our client_id and client_secret?" if fetched.status in _REFUSED_TO_US else ""
        raise Refused(f"status {fetched.status}{hint}")
    try:
        members = json.loads(fetched.body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"it is no JSON: {type(error).__name__}") from error
    if not isinstance(members, dict):
        raise Refused("it is no JSON object")
    return members

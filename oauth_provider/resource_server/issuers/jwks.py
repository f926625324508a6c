"""The issuer's keys: fetched, parsed once, fetched again for a `kid` that is not among them (RS9)."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from oauth_provider.keys.foreign import KeySet, Unreadable, read_key_set
from oauth_provider.outbound import Refused
from oauth_provider.resource_server.issuers import discovery, fetching
from oauth_provider.resource_server.issuers.fresh import Kept, seconds_fresh

if TYPE_CHECKING:
    from oauth_provider.resource_server.issuers.trusted import TrustedIssuer

logger = logging.getLogger("oauth_provider.resource_server")

_kept: dict[str, tuple[TrustedIssuer, Kept[KeySet]]] = {}
_lock = threading.Lock()


def of(issuer: TrustedIssuer) -> KeySet:
    """The keys as this process knows them, fetched if need be; raises IssuerUnavailable."""
    return _of(issuer).get()


def at_hand(issuer: TrustedIssuer) -> KeySet | None:
    """The keys, if this process need not ask for them."""
    return _of(issuer).at_hand()


def newer(issuer: TrustedIssuer, *, than: KeySet) -> KeySet:
    """The keys asked for anew, at most once a minute however many tokens name keys that are not among them."""
    return _of(issuer).again(than=than)


def forget() -> None:
    """Ask every issuer afresh."""
    with _lock:
        _kept.clear()
    discovery.forget()


def _of(issuer: TrustedIssuer) -> Kept[KeySet]:
    with _lock:
        held = _kept.get(issuer.issuer)
        if held is None or held[0] is not issuer:
            held = _kept[issuer.issuer] = issuer, Kept(f"keys of {issuer.issuer}", lambda: _load(issuer))
    return held[1]


def _load(issuer: TrustedIssuer) -> tuple[KeySet, int]:
    url = issuer.jwks_uri or discovery.of(issuer).jwks_uri
    if not url:
        raise Refused("its metadata has no jwks_uri")
    fetched = fetching.get(issuer, url)
    if fetched.status != discovery.OK:
        raise Refused(f"{url}: status {fetched.status}")
    try:
        keys = read_key_set(fetched.body)
    except Unreadable as error:
        raise Refused(f"{url}: {error}") from error
    for why in keys.left_out:
        logger.info("keys of %s: one is left out: %s", issuer.issuer, why)
    if not keys.keys:
        raise Refused("none of its keys can verify a signature")
    return keys, seconds_fresh(fetched.headers)

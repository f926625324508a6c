"""The JSON Web Key Set: every key that signs, will sign or is still accepted (RFC 7517 §5)."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from oauth_provider.conf import conf
from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import signers, store
from oauth_provider.keys.algorithms import ID_TOKEN_ALG, public_jwk, served
from oauth_provider.models import dot_token

if TYPE_CHECKING:
    from oauth_provider.models import SigningKey

logger = logging.getLogger("oauth_provider.keys")

_MOST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Document:
    """The key set as it is sent, and its entity tag (RFC 9110 §8.8.3)."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class _Written:
    """A document and what it was written from."""

    offered: tuple[str, ...]
    rows: tuple[SigningKey, ...]
    listings: tuple[signers.Listing, ...]
    pems: tuple[str, ...]
    document: Document


_written: _Written | None = None


def max_age() -> int:
    """Seconds the key set may be kept: an hour, and never more than half the time a new key waits before it signs.

    The other half is for a cache before ours that keeps it as long again.
    """
    return min(_MOST_SECONDS, conf.KEY_PUBLISH_LIFETIME // 2)


def document() -> Document:
    """The published keys, made first where the site has none; public parts only, the same bytes until a key comes or
    goes.

    django-oauth-toolkit's own keys stay in it, so that ID tokens it signed can still be verified. Raises
    KeyUnavailable rather than leave out the keys of a signer that does not answer: whoever read such a set would keep
    it for an hour.
    """
    global _written
    offered, rows, listings, pems = served(), store.usable_keys(), signers.listings(), dot_token.signing_pems()
    known = _written
    if (
        known is not None
        and known.rows is rows
        and known.offered == offered
        and all(one is other for one, other in zip(known.listings, listings, strict=False))
        and len(known.listings) == len(listings)
        and known.pems == pems
    ):
        return known.document
    _make_missing(offered)
    rows = store.usable_keys()
    body = json.dumps(key_set(rows, listings, pems)).encode()
    made = Document(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    _written = _Written(offered, rows, listings, pems, made)
    return made


def key_set(
    rows: tuple[SigningKey, ...], listings: tuple[signers.Listing, ...], pems: tuple[str, ...]
) -> dict[str, Any]:
    """The key set: the keys of the signers, ours, and those of django-oauth-toolkit; each id once."""
    keys = [
        *(jwk for listing in listings for jwk in listing.jwks),
        *(row.public_jwk for row in rows),
        *(_public_part(pem) for pem in pems),
    ]
    return {"keys": list({key["kid"]: key for key in reversed(keys)}.values())[::-1]}


def _make_missing(offered: tuple[str, ...]) -> None:
    """A key for each algorithm that is offered, long before the first token asks for it.

    So that a relying party that keeps the key set has the key of each algorithm it may be sent.
    """
    for alg in offered:
        try:
            if signers.signing_key(alg) is None:
                store.active_key(alg)
        except KeyUnavailable as error:
            # Nothing can have been signed with a key that cannot be made.
            logger.critical("There is no signing key for %s, and none can be made: %s", alg, error)


@lru_cache(maxsize=8)
def _public_part(pem: str) -> dict[str, Any]:
    private = cast("Any", load_pem_private_key(pem.encode(), password=None))
    return public_jwk(private.public_key(), alg=ID_TOKEN_ALG)

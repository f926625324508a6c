"""The JSON Web Key Set: every key that signs, will sign or is still accepted (RFC 7517 §5)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, cast

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ALGORITHMS, ID_TOKEN_ALG, public_jwk
from oauth_provider.models import dot_token


def key_set() -> dict[str, Any]:
    """The published keys, made first when the site has none; public parts only.

    django-oauth-toolkit's own keys stay in it, so that ID tokens it signed can still be verified.
    """
    for alg in ALGORITHMS:
        store.active_key(alg)
    return {
        "keys": [
            *(key.public_jwk for key in store.usable_keys()),
            *(_public_part(pem) for pem in dot_token.signing_pems()),
        ]
    }


def document() -> bytes:
    """The key set as it is sent; written anew only when a key has come or gone."""
    for alg in ALGORITHMS:
        store.active_key(alg)
    return _encoded(tuple(key.kid for key in store.usable_keys()), dot_token.signing_pems())


@lru_cache(maxsize=8)
def _encoded(*_of: tuple[str, ...]) -> bytes:
    return json.dumps(key_set()).encode()


@lru_cache(maxsize=8)
def _public_part(pem: str) -> dict[str, Any]:
    private = cast("Any", load_pem_private_key(pem.encode(), password=None))
    return public_jwk(private.public_key(), alg=ID_TOKEN_ALG)

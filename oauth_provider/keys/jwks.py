"""The JSON Web Key Set: every key that signs, will sign or is still accepted (RFC 7517 §5)."""

from __future__ import annotations

from typing import Any

from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ALGORITHMS


def key_set() -> dict[str, Any]:
    """The published keys, made first when the site has none; public parts only."""
    for alg in ALGORITHMS:
        store.active_key(alg)
    return {"keys": [key.public_jwk for key in store.usable_keys()]}

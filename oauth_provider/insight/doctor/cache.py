"""The cache: does it keep and give, and do all workers share it?"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache

from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.insight.doctor.said import Said

_SECONDS = 60
_SHARED = "Use one that all processes share, for instance django.core.cache.backends.redis.RedisCache."
# Backend → how far it reaches.
_NOT_SHARED = {
    "LocMemCache": "each process has its own: limits count guesses once per worker, and what one knows the next "
    "asks for again",
    "FileBasedCache": "processes of one machine share it, those of another do not",
}


def examine(said: Said) -> Iterator[Diagnosis]:
    """One round trip under a random key, which is taken away again."""
    said.of("W107")
    backend = str(settings.CACHES.get("default", {}).get("BACKEND", "")).rpartition(".")[2]
    key, value = f"oauth_provider:doctor:{secrets.token_hex(8)}", secrets.token_hex(8)
    try:
        cache.set(key, value, _SECONDS)
        found = cache.get(key)
        cache.delete(key)
        is_gone = cache.get(key) is None
    except Exception as error:  # noqa: BLE001  # each backend raises its own; its words may hold its URL
        yield problem(
            "cache",
            f"The default cache, {backend}, does not answer: {type(error).__name__}. Limits are counted per process.",
            "Look at CACHES['default'] and whether its server runs.",
        )
        return
    if found != value or not is_gone:
        yield problem(
            "cache",
            f"The default cache, {backend}, does not keep what it is given: limits are counted per process only.",
            _SHARED,
        )
        return
    yield ok("cache", f"The default cache, {backend}, keeps and gives.")
    if backend in _NOT_SHARED:
        yield warning("cache-shared", f"The default cache is {backend}: {_NOT_SHARED[backend]}.", _SHARED)
    else:
        yield ok("cache-shared", f"{backend} is one for all processes that name the same server.")

"""A cache with another name than Django's: as far as anybody can tell all processes share it."""

from __future__ import annotations

from django.core.cache.backends.locmem import LocMemCache


class Shared(LocMemCache):
    pass

"""Profiles of the fuzz: bounded by default, `FUZZ=long` for a night."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_QUIET = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
# Shrinking a failure takes longer than finding it; the first one found is small enough to read.
settings.register_profile(
    "bounded",
    max_examples=150,
    deadline=None,
    suppress_health_check=_QUIET,
    database=None,
    phases={Phase.explicit, Phase.generate},
)
settings.register_profile(
    "thorough", max_examples=10_000, deadline=None, suppress_health_check=_QUIET, database=None, phases=set(Phase)
)
settings.load_profile("thorough" if os.environ.get("FUZZ") == "long" else "bounded")

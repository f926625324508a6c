"""What a new process knows of keys: nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oauth_provider.keys import store


def _forget_everything() -> None:
    store.forget()
    store._private.clear()
    store._public.clear()


@pytest.fixture(autouse=True)
def new_process() -> Callable[[], None]:
    """Call it to stand for a restart: what was opened and parsed in memory is gone."""
    _forget_everything()
    yield _forget_everything
    _forget_everything()

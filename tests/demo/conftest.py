"""A demo that is up, for a module's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.demo import process

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.Demo]:
    with process.running(tmp_path_factory.mktemp("demo")) as running:
        yield running

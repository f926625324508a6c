"""The demo's two sites, and Chromium before them: nothing may complain, and nothing may leave the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser.demo.visitor import Visitor
from tests.demo import process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[process.Demo]:
    with process.running(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def open_window(chromium, demo) -> Iterator[Callable[..., Visitor]]:
    """`open_window(scripts=True)`: a fresh window, signed in nowhere."""
    visitors: list[Visitor] = []

    def open_one(*, scripts: bool = True, **options: Any) -> Visitor:
        context = chromium.new_context(java_script_enabled=scripts, locale="en-GB", **options)
        context.set_default_timeout(10_000)
        visitor = Visitor(demo, context.new_page())
        visitors.append(visitor)
        return visitor

    yield open_one
    for visitor in visitors:
        visitor.page.context.close()
    complaints = [message for visitor in visitors for message in visitor.complaints]
    assert not complaints, f"Chromium complained: {complaints}"
    hosts = {urlsplit(request.url).hostname for visitor in visitors for request in visitor.asked}
    assert hosts <= {"127.0.0.1", None}, "a request left the machine"

"""A real Chromium before the provider on a real socket, with apps on other hosts."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.apps import App, has_ipv6_loopback, listening
from tests.browser.person import Person
from tests.clients.live_site import LiveSite, running_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Any]:
    """Chromium, or the test is skipped."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Apps:
    """`first` sends the browser on to `second`, which is another host; `ipv6` is None where there is no ::1.

    `told` is what an app has for people who sign out; a policy's sources know no IPv6 address.
    """

    first: App
    second: App
    ipv6: App | None
    told: App


@pytest.fixture(scope="session")
def apps() -> Iterator[Apps]:
    with ExitStack() as stack:
        ipv6 = stack.enter_context(listening("::1", written="[::1]")) if has_ipv6_loopback() else None
        second = stack.enter_context(listening("127.0.0.1"))
        # A third host where there is one: the provider's own is 127.0.0.1.
        third = second if ipv6 is None else ipv6
        first = stack.enter_context(listening("127.0.0.1", written="localhost", sends_to=f"{third.url}/welcome"))
        told = stack.enter_context(listening("127.0.0.1", written="localhost"))
        yield Apps(first, third, ipv6, told)


@pytest.fixture(scope="session")
def site(tmp_path_factory, apps) -> Iterator[LiveSite]:
    callbacks = [f"{apps.first.url}/callback", "https://notes.example/callback", "http://[::1]/callback"]
    told = {"LIVE_CALLBACKS": " ".join(callbacks), "LIVE_SIGNED_OUT": apps.told.url}
    with running_site(tmp_path_factory.mktemp("site"), **told) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser a module: its event loop must be gone before a test elsewhere touches the database."""
    with launched() as browser:
        yield browser


@pytest.fixture
def open_browser(chromium, site) -> Iterator[Callable[..., Person]]:
    """`open_browser(scripts=False)`: a fresh person, signed in nowhere. Nothing may break the page's policy."""
    people: list[Person] = []

    def open_one(*, scripts: bool, **options: Any) -> Person:
        context = chromium.new_context(java_script_enabled=scripts, locale="en-GB", **options)
        context.set_default_timeout(10_000)
        person = Person(site, context.new_page())
        people.append(person)
        return person

    yield open_one
    for person in people:
        person.page.context.close()
    broken = [message for person in people for message in person.broken]
    assert not broken, f"Chromium complained: {broken}"


@pytest.fixture
def axe() -> Callable[[Person, str], None]:
    """`axe(person, "what")`: an admin page of ours has no violation in what it adds, and does not scroll sideways."""
    runner = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()

    def look(person: Person, what: str) -> None:
        width = person.page.viewport_size["width"]
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width, f"{what} scrolls sideways"
        found = runner.run(person.page, context="#content")
        assert found.violations_count == 0, f"{what}: {found.generate_report()}"

    return look

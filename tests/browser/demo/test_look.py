"""Every page of the demo: axe finds nothing, it fits 320 px, and pictures of it stand in artifacts/screenshots/."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_look import DESK, FOLDER, NARROW

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.demo.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


def home(visitor: Visitor) -> None:
    visitor.page.goto(visitor.demo.provider)


def web_start(visitor: Visitor) -> None:
    visitor.open("/web/")


def web(visitor: Visitor) -> None:
    visitor.open("/web/login")
    visitor.sign_in("guest")
    visitor.allow()
    visitor.sees("Hello Grace Guest")


def refused(visitor: Visitor) -> None:
    visitor.expected = ("400",)
    visitor.open("/web/callback?code=guessed&state=guessed")


def browser_start(visitor: Visitor) -> None:
    visitor.open("/browser/")
    visitor.page.get_by_role("button", name="Connect my notes").wait_for()


def browser(visitor: Visitor) -> None:
    browser_start(visitor)
    visitor.page.get_by_role("button", name="Connect my notes").click()
    visitor.sign_in()
    visitor.allow()
    visitor.sees("Connected.")


def browser_ended(visitor: Visitor) -> None:
    browser(visitor)
    visitor.expected = ("401",)
    visitor.page.get_by_role("button", name="Disconnect").click()
    visitor.page.get_by_role("button", name="Try the revoked token").click()
    visitor.sees("The API answered 401")


def tv_start(visitor: Visitor) -> None:
    visitor.open("/tv/")


def tv_code(visitor: Visitor) -> None:
    tv_start(visitor)
    visitor.press("Connect this TV")


def machine(visitor: Visitor) -> None:
    visitor.open("/machine/")
    visitor.press("Run the nightly job now")


STATES: dict[str, tuple[Callable[[Visitor], None], str]] = {
    "home": (home, "Touch it"),
    "web-start": (web_start, "Notes on the web"),
    "web": (web, "Hello Grace Guest"),
    "refused": (refused, "Not connected"),
    "browser-start": (browser_start, "Notes in the browser"),
    "browser": (browser, "Hello Ada Demo"),
    "browser-ended": (browser_ended, "Notes in the browser"),
    "tv-start": (tv_start, "Notes for TV"),
    "tv-code": (tv_code, "Type this code"),
    "machine": (machine, "Nightly report"),
}


@pytest.mark.parametrize("name", STATES)
def test_page_of_the_demo_is_accessible_fits_and_is_pictured(open_window, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    walk, heading = STATES[name]
    # axe is a script of our own; the pages' policy would keep it out.
    visitor = open_window(reduced_motion="reduce", bypass_csp=True)
    page = visitor.page
    walk(visitor)
    assert page.get_by_role("heading", level=1).all_inner_texts() == [heading]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for label, (width, height) in {"desk": DESK, "narrow": NARROW}.items():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{label} scrolls sideways"
            page.screenshot(path=FOLDER / f"demo-{name}.{label}.{scheme}.png", full_page=True)
        found = axe.run(page)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"

"""The dashboard in Chromium: under a strict policy, without scripts, in light and dark, down to 320 px."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

DASHBOARD = "/admin/oauth_provider/client/dashboard/"
FOLDER = Path(__file__).resolve().parent.parent.parent / "artifacts" / "screenshots"
# Stricter than most sites: what stands on the page itself may neither run nor dress anything.
POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'"


@pytest.fixture(scope="module", autouse=True)
def _busy_site(site):
    """Tokens of two clients, and refusals of two kinds."""
    for name, secret, scope in (
        *[("machine", site.clients["machine"].secret, "read")] * 5,
        ("api", site.clients["api"].secret, "read"),
        ("machine", "wrong", "read"),
        ("machine", site.clients["machine"].secret, "nonsense"),
    ):
        requests.post(
            f"{site.url}/token",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=(site.clients[name].client_id, secret),
            timeout=10,
        )


def open_dashboard(person, query: str = "") -> None:
    person.open("/admin/")
    person.page.get_by_label("Username").fill("root")
    person.page.get_by_label("Password").fill("root-password")
    person.press("Log in")
    person.open(f"{DASHBOARD}{query}")


def under_policy(route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": POLICY})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_nothing_and_nothing_overflows(open_browser, axe, scheme, width):
    person = open_browser(scripts=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    open_dashboard(person)
    axe(person, f"{scheme} {width}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    person.page.screenshot(path=FOLDER / f"admin-dashboard.{width}.{scheme}.png", full_page=True)


def test_bars_are_as_long_as_their_numbers_under_a_policy_without_inline_styles(open_browser):
    person = open_browser(scripts=True, color_scheme="dark")
    person.page.route(f"**{DASHBOARD}**", under_policy)
    open_dashboard(person)  # the fixture fails when Chromium refuses anything
    chart = person.page.get_by_role("img", name="Tokens by client")
    widths = [bar.bounding_box()["width"] for bar in chart.locator(".oauth-bar").all()]
    numbers = [int(text) for text in chart.locator(".oauth-bar-number").all_text_contents()]
    # Other tests of the session may have got tokens from the same site.
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) > 1
    assert numbers[0] >= 5
    for width, number in zip(widths, numbers, strict=True):
        assert width == pytest.approx(widths[0] * number / numbers[0], rel=0.02)
    assert chart.locator(".oauth-bar").first.evaluate("e => getComputedStyle(e).fill") != "rgb(0, 0, 0)"


def test_the_period_is_changed_with_the_keyboard_and_without_scripts(open_browser):
    person = open_browser(scripts=False)
    open_dashboard(person, "?period=24h")
    current = person.page.locator(".oauth-periods [aria-current=page]")
    assert current.inner_text() == "24 hours"
    person.page.get_by_role("link", name="30 days").focus()
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert person.page.locator(".oauth-periods [aria-current=page]").inner_text() == "30 days"


def test_a_client_of_the_table_is_one_click_away(open_browser):
    person = open_browser(scripts=False)
    open_dashboard(person)
    with person.page.expect_navigation():
        person.page.locator("#oauth-issued-by-client").get_by_role("link", name="Nightly report").click()
    assert re.search(r"/client/\d+/change/$", person.page.url)

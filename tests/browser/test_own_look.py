"""Our pages inside a site's own page: its header and colours, our card, and neither breaks the other.

Pictures stand in artifacts/screenshots/, to be looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clients.live_site import running_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.person import Person
    from tests.clients.live_site import LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

FOLDER = Path(__file__).resolve().parent.parent.parent / "artifacts" / "screenshots"
CALLBACK = "https://notes.example/callback"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[LiveSite]:
    folder = tmp_path_factory.mktemp("branded")
    with running_site(folder, DJANGO_SETTINGS_MODULE="tests.site.branded_settings", LIVE_CALLBACKS=CALLBACK) as running:
        yield running


def colour(person: Person, selector: str, name: str) -> str:
    return person.page.evaluate(
        "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]", [selector, name]
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_consent_stands_in_the_sites_page(open_browser, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    person = open_browser(scripts=True, reduced_motion="reduce", color_scheme=scheme)
    person.open(person.ask("web", CALLBACK))
    person.sign_in()
    assert person.page.title() == "Allow Notes for Web to use your account? – Acme"
    assert person.page.get_by_role("link", name="Shop").is_visible()
    # The site's accent on our button, the site's ground around our card; a light site has no dark card.
    assert colour(person, ".op-button-primary", "backgroundColor") == "rgb(122, 46, 14)"
    assert colour(person, "body", "backgroundColor") == "rgb(247, 241, 229)"
    assert colour(person, ".op-card", "backgroundColor") == "rgb(255, 255, 255)"
    FOLDER.mkdir(parents=True, exist_ok=True)
    for label, (width, height) in {"desk": (1280, 800), "narrow": (320, 640)}.items():
        person.page.set_viewport_size({"width": width, "height": height})
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width, f"{label} scrolls sideways"
        person.page.screenshot(path=FOLDER / f"own-look.{label}.{scheme}.png", full_page=True)
    found = axe.run(person.page)
    assert found.violations_count == 0, found.generate_report()

"""Every page about a client, in Django's admin and in django-unfold's: axe finds nothing, nothing scrolls sideways.

Pictures stand in artifacts/screenshots/admin/, to be looked at: light, dark, a phone, and the narrowest screen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

FOLDER = Path(__file__).resolve().parents[3] / "artifacts" / "screenshots" / "admin"
DESK, PHONE, NARROW = (1280, 800), (390, 844), (320, 640)

# Picture: client, page below the client's address.
PAGES = {
    "settings": ("Payroll", "change/"),
    "secrets-rotation": ("Payroll", "secrets/"),
    "secrets": ("Nightly report", "secrets/"),
    "secrets-public": ("Notes for Desktop", "secrets/"),
    "redirect-uris": ("Payroll", "redirect-uris/"),
    "redirect-uris-no": ("Payroll", "redirect-uris/?uri=https://payroll.example:8443/callback/"),
    "redirect-uris-yes": ("Payroll", "redirect-uris/?uri=https://payroll.example/callback"),
    "scopes": ("Payroll", "scopes/"),
    "scopes-draft": ("A draft", "scopes/"),
    "scopes-submitted": ("Waits for approval", "scopes/"),
    "grants": ("Payroll", "grants/"),
    "grants-none": ("A draft", "grants/"),
    "events": ("Payroll", "events/"),
    "settings-imported": ("Old intranet", "change/"),
    "move": ("Old intranet", "move/"),
    "move-confirm": ("Old intranet", "move/?profile=web"),
    "suspend": ("Payroll", "suspend/"),
    "suspended": ("Was suspended", "change/"),
    "reactivate": ("Was suspended", "reactivate/"),
    "revoke-access": ("Payroll", "revoke-access/"),
    "archive": ("Payroll", "archive/"),
    "archived": ("Was archived", "change/"),
    "restore": ("Was archived", "restore/"),
    "delete": ("Was archived", "delete/"),
}


def look_at(person, axe_runner, name: str) -> None:
    """Take the pictures and let axe look."""
    page = person.page
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()  # django-unfold looks at it when the page opens
        for label, (width, height) in {"desk": DESK, "phone": PHONE, "narrow": NARROW}.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(150)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} {label} scrolls sideways"
            if label != "narrow" or scheme == "light":
                page.screenshot(path=FOLDER / f"{name}.{label}.{scheme}.png", full_page=True)
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        found = axe_runner.run(page, context=".oauth")
        assert found.violations_count == 0, f"{name} {scheme}: {found.generate_report()}"


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_fits_and_is_pictured(open_browser, sign_in, page_of, look, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    client, page = PAGES[name]
    person = open_browser(scripts=True, reduced_motion="reduce")
    sign_in(person)
    person.open(page_of(person, client, page))
    look_at(person, axe, f"{look}.{name}")

"""Every page about a client, in Django's admin and in django-unfold's: axe finds nothing, nothing scrolls sideways.

Pictures stand in artifacts/screenshots/admin/, to be looked at: light, dark, a phone, and the narrowest screen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

FOLDER = Path(__file__).resolve().parents[3] / "artifacts" / "screenshots" / "admin"
DESK, PHONE, NARROW = (1280, 800), (390, 844), (320, 640)
PICTURED = {("desk", "light"), ("narrow", "light"), ("desk", "dark"), ("phone", "dark")}

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


def refused_settings(person, page_of) -> None:
    person.open(page_of(person, "Payroll"))
    person.page.locator("#id_name").fill("")
    person.page.locator("#id_policy_uri").fill("http://payroll.example/privacy")
    person.page.get_by_label("Holders of a permission").check()
    person.press("Save")


def refused_redirect_uris(person, page_of) -> None:
    person.open(page_of(person, "Payroll", "redirect-uris/"))
    person.page.locator("#id_redirect_uris").fill("http://payroll.example/callback#done\nhttps://payroll.example/x")
    person.press("Save")


def retire(person, page_of) -> None:
    person.open(page_of(person, "Payroll", "secrets/"))
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Retire …").first.click()


def retire_last(person, page_of) -> None:
    person.open(page_of(person, "Old intranet", "secrets/"))
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Retire…").first.click()
    person.press("Retire secret")


def revoke_grants(person, page_of) -> None:
    person.open(page_of(person, "Payroll", "grants/"))
    for number in (1, 2, 5):
        person.page.locator(f"#grant-{number}").check()
    person.press("Revoke what is ticked…")


def profile_explained(person, page_of) -> None:
    person.open(page_of(person, "Old intranet"))
    person.page.get_by_text("What this profile implies").click()


# States one gets to by doing something; not opened again for the other colours, so they are pictured in light only.
STATES = {
    "refused-settings": refused_settings,
    "refused-redirect-uris": refused_redirect_uris,
    "retire": retire,
    "retire-last": retire_last,
    "revoke-grants": revoke_grants,
    "profile-explained": profile_explained,
}


# Pages beside those of a client, written with Django's own classes.
PLAIN = {
    "cards": "client/add/",
    "add-web": "client/add/?profile=web",
    "dashboard": "client/dashboard/",
    "explain": "client/explain/",
    "find-token": "client/find-token/",
    "preview": "client/1/preview/?preview=1&user=alice",
    "initial-access-token": "initialaccesstoken/add/",
}


def look_at(person, axe, name: str, *, schemes: tuple[str, ...] = ("light", "dark")) -> None:
    """Take the pictures and let axe look: in light at the desk, in dark at the phone."""
    page = person.page
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        if len(schemes) > 1:
            page.reload()  # django-unfold looks at it when the page opens
        for label, (width, height) in {"narrow": NARROW, "desk": DESK, "phone": PHONE}.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(50)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} {label} scrolls sideways"
            if (label, scheme) in PICTURED:
                page.screenshot(path=FOLDER / f"{name}.{label}.{scheme}.png", full_page=True)
            if (label, scheme) in {("desk", "light"), ("phone", "dark")}:
                found = axe.run(page, context="#content-main")
                assert found.violations_count == 0, f"{name} {scheme}: {found.generate_report()}"


@pytest.fixture
def axe():
    runner = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    return runner.Axe()


@pytest.fixture
def person(open_browser, sign_in):
    somebody = open_browser(scripts=True, reduced_motion="reduce")
    sign_in(somebody)
    return somebody


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_fits_and_is_pictured(person, page_of, look, axe, name):
    person.open(person.site.url + page_of(person, *PAGES[name]))
    look_at(person, axe, f"{look}.{name}")


@pytest.mark.parametrize("name", PLAIN)
def test_page_of_django_s_classes_takes_the_look_of_the_admin_it_is_in(person, look, axe, name):
    person.open(f"/admin/oauth_provider/{PLAIN[name]}")
    assert person.page.locator("#content-main.oauth-plain h1").is_visible()
    look_at(person, axe, f"{look}.{name}")


@pytest.mark.parametrize("name", STATES)
def test_state_is_accessible_fits_and_is_pictured(person, page_of, look, axe, name):
    STATES[name](person, page_of)
    look_at(person, axe, f"{look}.{name}", schemes=("light",))


def test_who_may_only_look_sees_the_same_without_forms(open_browser, sign_in, page_of, look, axe):
    person = open_browser(scripts=True, reduced_motion="reduce")
    sign_in(person, "looker")
    for tab in ("change", "redirect-uris", "scopes", "secrets"):
        person.open(page_of(person, "Payroll", f"{tab}/"))
        assert person.page.locator(".oauth form[method=post]").count() == 0
        look_at(person, axe, f"{look}.looker-{tab}")


def test_copy_buttons_are_added_by_the_one_script(open_browser, sign_in, page_of):
    person = open_browser(scripts=True, permissions=["clipboard-read", "clipboard-write"])
    sign_in(person)
    person.open(page_of(person, "Payroll"))
    client_id = person.page.locator("#oauth-client-id").input_value()
    person.page.get_by_role("button", name="Copy").click()
    person.page.get_by_role("button", name="Copied").wait_for()
    assert person.page.evaluate("navigator.clipboard.readText()") == client_id
    scripts = person.page.locator("script[src*=oauth_provider]")
    assert scripts.count() == 1
    assert person.page.locator(".oauth script").count() == 0

"""Every page in every state: axe finds nothing, it fits 320 px, and pictures of it stand in artifacts/screenshots/.

The pictures are there to be looked at: light, dark, a phone, and the narrowest screen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_sign_out import signed_in_at_the_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

FOLDER = Path(__file__).resolve().parent.parent.parent / "artifacts" / "screenshots"
CHOICES = "read notes:write notes:share pay"
DESK, PHONE, NARROW = (1280, 800), (390, 844), (320, 640)


def sign_in(person: Person, apps: object) -> None:
    person.open("/login")


def sign_in_refused(person: Person, apps: object) -> None:
    person.open("/login")
    person.sign_in(password="wrong")


def signed_in(person: Person, apps: object) -> None:
    person.open("/login")
    person.sign_in()


def signed_out(person: Person, apps: object) -> None:
    signed_in(person, apps)
    person.press("Sign out")


def sign_out(person: Person, apps: object) -> None:
    signed_in(person, apps)
    web = person.site.clients["web"].client_id
    person.open(f"/end_session?client_id={web}")


def signed_out_apps(person: Person, apps: Any) -> None:
    """Apps that are told, apps that are not, and the way on, which a look at the page holds up."""
    signed_in_at_the_app(person, apps)
    person.page.route(f"{apps.told.url}/front*", lambda route: route.fulfill(status=204))
    person.open("/signed-out")
    person.press("Sign out")


def consent(person: Person, apps: object, redirect_uri: str = "https://notes.example/callback", **changes) -> None:
    person.open(person.ask("web", redirect_uri, **changes))
    person.sign_in()


def consent_sign_in(person: Person, apps: object) -> None:
    consent(person, apps, scope="openid")


def consent_profile(person: Person, apps: object) -> None:
    consent(person, apps, scope="openid profile email")


def sign_in_hint(person: Person, apps: object) -> None:
    person.open(person.ask("web", "https://notes.example/callback", login_hint="alice"))
    assert person.page.get_by_label("Username").input_value() == "alice"
    assert person.page.evaluate("document.activeElement.name") == "password"


def form_post(person: Person, apps: object) -> None:
    """The app answers the form with nothing, so that the page stays."""
    consent(person, apps, response_mode="form_post")
    person.page.get_by_role("button", name="Allow Notes for Web").click(no_wait_after=True)
    person.page.wait_for_selector("#op-form-post")


def consent_choices(person: Person, apps: object) -> None:
    person.open(person.ask("choices", "https://notes.example/callback", scope=CHOICES))
    person.sign_in()


def consent_new(person: Person, apps: object) -> None:
    person.open(person.ask("choices", "https://notes.example/callback", scope="read"))
    person.sign_in("bob")
    person.press("Allow Notes for Teams")
    person.open(person.ask("choices", "https://notes.example/callback", scope=CHOICES))


def consent_nothing(person: Person, apps: object) -> None:
    person.open(person.ask("choices", "https://notes.example/callback", scope="notes:share pay"))
    person.sign_in()
    for box in person.page.get_by_role("checkbox").all():
        box.uncheck()  # ticked where a test before has allowed it
    person.press("Allow Notes for Teams")


def consent_again(person: Person, apps: object) -> None:
    person.open(person.ask("stranger", "https://notes.example/callback", scope=CHOICES))
    person.sign_in()
    person.press("Allow Notes Helper")


def consent_local(person: Person, apps: object) -> None:
    person.open(person.ask("native", "http://[::1]:49152/callback"))
    person.sign_in()


def consent_document(person: Person, apps: object) -> None:
    person.open(person.ask("agent", "https://notes.example/callback"))
    person.sign_in()


def allowed(person: Person, apps: object) -> None:
    consent(person, apps)
    person.press("Allow Notes for Web")


def denied(person: Person, apps: object) -> None:
    consent(person, apps)
    person.press("Deny")


def device_enter(person: Person, apps: object) -> None:
    person.open("/device")
    person.sign_in()


def device_enter_refused(person: Person, apps: object) -> None:
    person.open("/device")
    person.sign_in("bob")
    person.page.get_by_label("Type the code your device shows").fill("BBBB-BBBC")
    person.press("Continue")


def device_confirm(person: Person, apps: object) -> None:
    person.open(person.ask_on_tv()["verification_uri_complete"])
    person.sign_in()
    person.press("Continue")


def device_done(person: Person, apps: object) -> None:
    device_confirm(person, apps)
    person.press("Allow Notes for TV")


def device_denied(person: Person, apps: object) -> None:
    device_confirm(person, apps)
    person.press("Deny")


def connected_apps(person: Person, apps: object) -> None:
    consent(person, apps, scope="openid read write")
    person.press("Allow Notes for Web")
    person.open(person.ask("agent", "https://notes.example/callback", scope="read"))
    person.press("Allow Notes Agent")
    person.open(person.ask_on_tv()["verification_uri_complete"])
    person.press("Continue")
    person.press("Allow Notes for TV")
    person.open("/connected-apps/")


def connected_apps_none(person: Person, apps: object) -> None:
    person.open("/connected-apps/")
    person.sign_in("root")


def connected_app(person: Person, apps: object) -> None:
    connected_apps(person, apps)
    person.follow("Notes for Web")
    person.page.get_by_text("What happened").click()


def connected_app_narrowed(person: Person, apps: object) -> None:
    connected_app(person, apps)
    person.press("Take away: Change your notes")


def connected_app_end(person: Person, apps: object) -> None:
    connected_apps(person, apps)
    person.follow("Notes for TV")
    person.follow("End access of Notes for TV")


def connected_app_ended(person: Person, apps: object) -> None:
    connected_app_end(person, apps)
    person.press("End access")


def sign_out_everywhere(person: Person, apps: object) -> None:
    connected_apps(person, apps)
    person.follow("Sign out everywhere")


def sign_out_everywhere_refused(person: Person, apps: object) -> None:
    sign_out_everywhere(person, apps)
    person.page.get_by_label("Your password").fill("wrong")
    person.press("Sign out everywhere")


def not_me(person: Person, apps: object) -> None:
    person.open(person.ask("web", "https://notes.example/callback"))
    person.sign_in("bob")
    person.press("Allow Notes for Web")
    link = person.link_mailed_to("bob@people.example", "/not-me/")
    # The mail is read where nobody is signed in.
    person.page.context.clear_cookies()
    person.open(link)


def not_me_ended(person: Person, apps: object) -> None:
    not_me(person, apps)
    person.press("End access of Notes for Web")


def not_me_wrong(person: Person, apps: object) -> None:
    person.open("/not-me/wrong")


def error(person: Person, apps: object) -> None:
    person.open(person.ask("web", "https://attacker.example/callback"))


STATES: dict[str, tuple[Callable[..., None], str]] = {
    "sign-in": (sign_in, "Sign in"),
    "sign-in-hint": (sign_in_hint, "Sign in"),
    "sign-in-refused": (sign_in_refused, "Sign in"),
    "signed-in": (signed_in, "You are signed in"),
    "signed-out": (signed_out, "You are signed out"),
    "signed-out-apps": (signed_out_apps, "You are signed out"),
    "sign-out": (sign_out, "Sign out of {host}?"),
    "consent": (consent, "Allow Notes for Web to use your account?"),
    "consent-choices": (consent_choices, "Allow Notes for Teams to use your account?"),
    "consent-new": (consent_new, "Allow Notes for Teams to use your account?"),
    "consent-nothing-chosen": (consent_nothing, "Allow Notes for Teams to use your account?"),
    "consent-again": (consent_again, "Are you sure about Notes Helper?"),
    "consent-sign-in": (consent_sign_in, "Sign in to Notes for Web?"),
    "consent-profile": (consent_profile, "Sign in to Notes for Web?"),
    "consent-local": (consent_local, "Allow Notes for Desktop to use your account?"),
    "consent-document": (consent_document, "Allow Notes Agent to use your account?"),
    "continue-allowed": (allowed, "Going back to Notes for Web"),
    "form-post": (form_post, "Going back to Notes for Web"),
    "continue-denied": (denied, "Going back to Notes for Web"),
    "device-enter": (device_enter, "Connect a device"),
    "device-enter-refused": (device_enter_refused, "Connect a device"),
    "device-confirm": (device_confirm, "Connect Notes for TV to your account?"),
    "device-done": (device_done, "Now look at your device"),
    "device-denied": (device_denied, "Not connected"),
    "connected-apps": (connected_apps, "Connected apps"),
    "connected-apps-none": (connected_apps_none, "Connected apps"),
    "connected-app": (connected_app, "Notes for Web"),
    "connected-app-narrowed": (connected_app_narrowed, "Notes for Web"),
    "connected-app-end": (connected_app_end, "End access of Notes for TV?"),
    "connected-app-ended": (connected_app_ended, "Connected apps"),
    "sign-out-everywhere": (sign_out_everywhere, "Sign out everywhere"),
    "sign-out-everywhere-refused": (sign_out_everywhere_refused, "Sign out everywhere"),
    "not-me": (not_me, "This wasn’t you?"),
    "not-me-ended": (not_me_ended, "Access has ended"),
    "not-me-wrong": (not_me_wrong, "This link is not right"),
    "error": (error, "This did not work"),
}


def hit_areas_too_small(page: Any) -> list[str]:
    """What can be pressed and is less than 44 px high, with its label; links inside a sentence may be."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]"
        # A box is ticked by its label too.
        ".filter(e => [e, ...(e.labels ?? [])].every(t => t.getBoundingClientRect().height < 44)"
        " && getComputedStyle(e).display !== 'inline')"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    return found


@pytest.mark.parametrize("name", STATES)
def test_page_is_accessible_fits_and_is_pictured(open_browser, apps, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    walk, heading = STATES[name]
    person = open_browser(scripts=True, reduced_motion="reduce")
    page = person.page
    # No answer to look at: the browser stays on the page that goes on.
    page.route("https://notes.example/**", lambda route: route.fulfill(status=204))
    walk(person, apps)
    assert person.heading == heading.format(host=person.site.url.partition("//")[2])
    if name == "consent":
        assert page.get_by_text("It keeps access for 90 days").is_visible()
    if name == "device-confirm":
        assert page.get_by_text("Just now").is_visible()
    elsewhere = {answer.url for answer in person.answers if not answer.url.startswith(person.site.url)}
    if name != "signed-out-apps":  # the app is at other addresses there
        assert {url.partition("?")[0] for url in elsewhere} <= {"https://notes.example/callback", "data:,"}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for label, (width, height) in {"desk": DESK, "phone": PHONE, "narrow": NARROW}.items():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{label} scrolls sideways"
            if label != "narrow" or scheme == "light":
                page.screenshot(path=FOLDER / f"{name}.{label}.{scheme}.png", full_page=True)
        found = axe.run(page)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
    assert hit_areas_too_small(page) == []
    page.emulate_media(forced_colors="active", color_scheme="dark")
    unframed = page.evaluate(
        "[...document.querySelectorAll('.op-button, .op-input, .op-notice, .op-permissions')]"
        ".filter(e => { const s = getComputedStyle(e);"
        " return parseFloat(s.borderTopWidth) < 1 || s.borderTopStyle === 'none' })"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    assert unframed == [], "grounds are gone in forced colours; what is a thing has a border"
    page.screenshot(path=FOLDER / f"{name}.desk.forced.png", full_page=True)

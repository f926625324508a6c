"""People's pages in German and from right to left, on the narrowest screen: nothing scrolls sideways, axe is content.

Pictures stand in artifacts/screenshots/, to be looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.person import Person
from tests.clients.live_site import running_site
from tests.language import pseudo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.clients.live_site import LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

FOLDER = Path(__file__).resolve().parent.parent.parent / "artifacts" / "screenshots"
PHONE, NARROW = (390, 844), (320, 640)
CALLBACK = "https://notes.example/callback"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[LiveSite]:
    with running_site(
        tmp_path_factory.mktemp("languages"),
        DJANGO_SETTINGS_MODULE="tests.language.site_settings",
        LIVE_LOCALE=str(pseudo.write(tmp_path_factory.mktemp("pseudo"))),
        LIVE_CALLBACKS=f"{CALLBACK} http://[::1]/callback",
    ) as running:
        yield running


@pytest.fixture
def reader(chromium, site) -> Iterator[Callable[[str], Person]]:
    """`reader("ar")`: somebody whose browser asks for that language."""
    people: list[Person] = []

    def start(language: str) -> Person:
        context = chromium.new_context(locale=language, reduced_motion="reduce", java_script_enabled=True)
        context.set_default_timeout(10_000)
        people.append(Person(site, context.new_page()))
        people[-1].page.route("https://notes.example/**", lambda route: route.fulfill(status=204))
        return people[-1]

    yield start
    for person in people:
        person.page.context.close()


def press(person: Person, selector: str) -> None:
    with person.page.expect_navigation():
        person.page.locator(selector).click()


def sign_in(person: Person, password: str = "alice-password") -> None:
    person.page.locator("#id_username").fill("alice")
    person.page.locator("#id_password").fill(password)
    press(person, "main button[type=submit]")
    person.page.wait_for_url(lambda url: "signed_in=yes" not in url)


def login(person: Person) -> None:
    person.open("/login")


def login_refused(person: Person) -> None:
    person.open("/login")
    sign_in(person, "wrong")


def signed_in(person: Person) -> None:
    person.open("/login")
    sign_in(person)


def signed_out(person: Person) -> None:
    signed_in(person)
    press(person, "main button[type=submit]")


def consent(person: Person, name: str = "web", redirect_uri: str = CALLBACK, **changes: str) -> None:
    person.open(person.ask(name, redirect_uri, **changes))
    sign_in(person)


def consent_sign_in(person: Person) -> None:
    consent(person, scope="openid")


def consent_local(person: Person) -> None:
    consent(person, "native", "http://[::1]:49152/callback")


def consent_document(person: Person) -> None:
    consent(person, "agent")


def allowed(person: Person) -> None:
    consent(person)
    press(person, "button[value=allow]")


def denied(person: Person) -> None:
    consent(person)
    press(person, "button[value=deny]")


def device_enter(person: Person) -> None:
    person.open("/device")
    sign_in(person)


def device_refused(person: Person) -> None:
    device_enter(person)
    person.page.locator("#user_code").fill("BBBB-BBBC")
    press(person, "main button[type=submit]")


def device_confirm(person: Person) -> None:
    person.open(person.ask_on_tv()["verification_uri_complete"])
    sign_in(person)
    press(person, "main button[type=submit]")


def device_done(person: Person) -> None:
    device_confirm(person)
    press(person, "button[value=allow]")


def consent_choices(person: Person) -> None:
    consent(person, "choices", scope="read notes:write notes:share pay")


def consent_again(person: Person) -> None:
    consent(person, "stranger", scope="read pay")
    press(person, "button[value=allow]")


def connected_apps(person: Person) -> None:
    allowed(person)
    person.open("/connected-apps/")


def connected_app(person: Person) -> None:
    connected_apps(person)
    with person.page.expect_navigation():
        person.page.locator("main a[href^='/connected-apps/']").first.click()


def sign_out_everywhere(person: Person) -> None:
    connected_apps(person)
    person.open("/connected-apps/sign-out-everywhere")


def error(person: Person) -> None:
    person.open(person.ask("web", "https://attacker.example/callback"))


STATES: dict[str, Callable[[Person], None]] = {
    "sign-in": login,
    "sign-in-refused": login_refused,
    "signed-in": signed_in,
    "signed-out": signed_out,
    "consent": consent,
    "consent-choices": consent_choices,
    "consent-again": consent_again,
    "consent-sign-in": consent_sign_in,
    "consent-local": consent_local,
    "consent-document": consent_document,
    "continue-allowed": allowed,
    "continue-denied": denied,
    "device-enter": device_enter,
    "device-enter-refused": device_refused,
    "device-confirm": device_confirm,
    "device-done": device_done,
    "connected-apps": connected_apps,
    "connected-app": connected_app,
    "sign-out-everywhere": sign_out_everywhere,
    "error": error,
}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), (pseudo.LANGUAGE, "rtl")])
def test_page_fits_in_every_language(reader, name, language, direction):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    person = reader(language)
    STATES[name](person)
    root = person.page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == (language, direction)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for label, (width, height) in {"phone": PHONE, "narrow": NARROW}.items():
        person.page.set_viewport_size({"width": width, "height": height})
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width, f"{label} scrolls sideways"
        outside = person.page.evaluate(
            "[...document.querySelectorAll('main *')].filter(e => e.getClientRects().length"
            " && (e.getBoundingClientRect().left < 0 || e.getBoundingClientRect().right > innerWidth))"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert outside == [], f"{label}: cut off"
        person.page.screenshot(path=FOLDER / f"{name}.{label}.{language}.png", full_page=True)
    found = axe.run(person.page)
    assert found.violations_count == 0, found.generate_report()
    assert person.broken == []

"""Guided add in Chromium: with the keyboard, without scripts, and what the page gives to copy."""

from __future__ import annotations

import re

import pytest

from tests.browser.apps import listening

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

ADD = "/admin/oauth_provider/client/add/"


def sign_in(person) -> None:
    person.open("/admin/")
    person.page.get_by_label("Username").fill("root")
    person.page.get_by_label("Password").fill("root-password")
    person.press("Log in")


def register(person, name: str) -> None:
    """Cards, form, result: as a person who points and types."""
    person.open(ADD)
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Machine or service").click()
    person.page.get_by_label("Name:").fill(name)
    person.page.locator("[name=scopes][value=read]").check()
    person.press("Register")
    assert person.heading == "The client is registered"


def test_machine_is_added_on_two_pages_without_scripts(open_browser):
    person = open_browser(scripts=False)
    sign_in(person)
    register(person, "Two pages")
    secret = person.page.get_by_label("Client secret:")
    assert re.fullmatch(r"op_cs_[0-9A-Za-z]{49}", secret.input_value())
    # Tab selects the whole value, as in every field: it can be copied without a script.
    secret.focus()
    assert secret.evaluate("e => e.readOnly")
    assert person.page.get_by_role("button", name="Copy").count() == 0


def test_whole_journey_with_the_keyboard_alone(open_browser):
    person = open_browser(scripts=False)
    sign_in(person)
    person.open(ADD)
    keyboard = person.page.keyboard
    for _ in range(40):
        keyboard.press("Tab")
        if person.page.locator(":focus").inner_text().strip() == "Machine or service":
            break
    with person.page.expect_navigation():
        keyboard.press("Enter")
    person.page.locator("[name=name]:focus").wait_for()
    keyboard.type("By keyboard")
    keyboard.press("Tab")
    keyboard.press("Space")
    with person.page.expect_navigation():
        keyboard.press("Enter")
    assert person.heading == "The client is registered"


def test_reload_of_the_result_makes_no_second_client_and_shows_no_secret(open_browser):
    person = open_browser(scripts=False)
    sign_in(person)
    register(person, "Reloaded")
    secret = person.page.get_by_label("Client secret:").input_value()
    person.page.reload()
    assert secret not in person.page.content()
    assert "cannot be shown again" in person.page.content()
    person.open("/admin/oauth_provider/client/?q=Reloaded")
    assert person.page.locator("#result_list tbody tr").count() == 1


def test_copy_button_copies_the_whole_value(open_browser, site):
    person = open_browser(scripts=True, permissions=["clipboard-read", "clipboard-write"])
    sign_in(person)
    register(person, "Copied")
    value = person.page.get_by_label("Client secret:").input_value()
    person.page.get_by_label("Client secret:").locator("xpath=following-sibling::button").click()
    person.page.get_by_role("button", name="Copied").wait_for()
    assert person.page.evaluate("navigator.clipboard.readText()") == value


def test_javascript_of_a_browser_app_runs_as_it_stands_on_its_page(open_browser):
    """The module stands on the page of the redirect URI, on another origin; the person is signed in and allows."""
    person = open_browser(scripts=True)
    sign_in(person)
    with listening("127.0.0.1") as app:
        person.open(f"{ADD}?profile=spa")
        person.page.get_by_label("Name:").fill("In the browser")
        person.page.get_by_label("Redirect URIs:").fill(f"{app.url}/spa")
        person.page.locator("[name=scopes][value=read]").check()
        person.press("Register")
        person.page.get_by_text("Try it with JavaScript").click()
        module = person.page.locator("textarea").last.input_value()
        app.page = f'<!doctype html><title>App</title><script type="module">{module}</script>'
        person.page.goto(f"{app.url}/spa")
        with person.page.expect_console_message(lambda message: "access_token" in message.text) as heard:
            person.page.get_by_role("button", name="Allow In the browser").click()
        tokens = heard.value.args[0].json_value()
        assert person.page.url == f"{app.url}/spa"
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "read")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_nothing_and_nothing_overflows(open_browser, axe, scheme, width):
    person = open_browser(scripts=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    sign_in(person)
    for address in (ADD, f"{ADD}?recipe=argocd", f"{ADD}?profile=web"):
        person.open(address)
        axe(person, f"{address} {scheme} {width}")
    person.page.get_by_label("Name:").fill("Looked at")
    person.page.get_by_label("Redirect URIs:").fill("http://a.example/cb")
    person.press("Register")
    axe(person, "refused")
    with person.page.expect_navigation():
        person.page.get_by_role("button", name="Use the corrected value").click()
    person.press("Register")
    axe(person, "result")
    person.open(f"{ADD}?recipe=argocd")
    person.page.get_by_label("Its address:").fill("https://argocd.example")
    person.press("Register")
    axe(person, "configuration")

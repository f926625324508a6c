"""The journey with the keyboard alone, and what Enter does before anything was read."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def person(open_browser):
    return open_browser(scripts=False)


def sign_in(person) -> None:
    keyboard = person.page.keyboard
    person.page.locator("#id_username:focus").wait_for()
    keyboard.type("alice")
    keyboard.press("Tab")
    keyboard.type("alice-password")
    keyboard.press("Enter")


def tab_to(person, words: str) -> list[str]:
    """Press Tab until the thing with these words is focused; what was passed on the way."""
    passed = []
    for _ in range(20):
        person.page.keyboard.press("Tab")
        focused = person.page.locator(":focus")
        passed.append(focused.inner_text().strip() or focused.get_attribute("name") or "")
        if passed[-1] == words:
            return passed
    raise AssertionError(f"{words!r} is not reached: {passed}")


def test_enter_on_a_fresh_consent_page_allows_nothing(person, apps):
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    sign_in(person)
    person.page.get_by_role("button", name="Deny").wait_for()
    before = list(person.posted)
    person.page.keyboard.press("Enter")
    person.page.wait_for_timeout(400)
    assert person.posted == before
    assert person.heading == "Allow Notes for Web to use your account?"


def test_consent_is_read_and_allowed_with_tab_and_enter(person, apps):
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    sign_in(person)
    person.page.get_by_role("button", name="Deny").wait_for()
    passed = tab_to(person, "Allow Notes for Web")
    assert passed == ["Not you?", "Deny", "Allow Notes for Web"]
    ring = person.page.locator(":focus").evaluate(
        "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    )
    assert ring == "solid3px"
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(f"{apps.second.url}/welcome")


def test_choices_are_made_with_the_space_bar_and_enter_on_a_box_allows_nothing(person, apps):
    person.open(person.ask("choices", f"{apps.first.url}/callback", scope="read notes:share pay"))
    sign_in(person)
    person.page.get_by_role("button", name="Deny").wait_for()
    passed = tab_to(person, "scope.pay")
    assert passed == ["Not you?", "scope.pay"]
    person.page.keyboard.press("Space")
    assert person.page.get_by_role("checkbox", name="Pay in your name").is_checked()
    assert not person.page.get_by_role("checkbox", name="Share your notes with others").is_checked()
    passed = tab_to(person, "Allow Notes for Teams")
    assert passed == ["scope.notes:share", "Deny", "Allow Notes for Teams"]
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(f"{apps.second.url}/welcome")


def test_device_is_connected_with_the_keyboard(person):
    started = person.ask_on_tv()
    person.open("/device")
    keyboard = person.page.keyboard
    sign_in(person)
    person.page.locator("#user_code:focus").wait_for()
    keyboard.type(started["user_code"])
    keyboard.press("Enter")
    person.page.get_by_text("Did you start this").wait_for()
    keyboard.press("Enter")
    person.page.wait_for_timeout(300)
    assert person.heading == "Connect Notes for TV to your account?"
    tab_to(person, "Allow Notes for TV")
    keyboard.press("Enter")
    person.page.get_by_text("Now look at your device").wait_for()

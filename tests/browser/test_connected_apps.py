"""Connected apps in Chromium without JavaScript, the pages' policy in force: from the mail to the last app ended."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def person(open_browser):
    person = open_browser(scripts=False)
    # The app's own pages are no part of this: the browser stays on the page that goes on.
    person.page.route("https://notes.example/**", lambda route: route.fulfill(status=204))
    return person


def connect(person, who: str, scope: str = "read write") -> None:
    person.open(person.ask("web", "https://notes.example/callback", scope=scope))
    if person.heading == "Sign in":
        person.sign_in(who)
    person.press("Allow Notes for Web")


def test_permission_is_taken_away_then_the_app_ends(person):
    connect(person, "alice")
    person.open("/connected-apps/")
    person.follow("Notes for Web")
    person.press("Take away: Change your notes")
    assert person.page.get_by_role("status").inner_text() == "The app can no longer do that. It may ask you again."
    assert person.page.get_by_role("button", name="Take away: Change your notes").count() == 0
    person.follow("End access of Notes for Web")
    person.follow("Keep it")
    person.follow("End access of Notes for Web")
    person.press("End access")
    assert "access has ended" in person.page.get_by_role("status").inner_text()
    assert person.page.get_by_role("link", name="Notes for Web").count() == 0


def test_whole_row_leads_to_the_app(person):
    connect(person, "alice")
    person.open("/connected-apps/")
    row = person.page.locator(".op-app", has_text="Notes for Web")
    box = row.bounding_box()
    with person.page.expect_navigation():
        person.page.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8)
    assert person.heading == "Notes for Web"


def test_one_place_ends_and_says_so(person):
    connect(person, "alice")
    person.open("/connected-apps/")
    person.follow("Notes for Web")
    person.page.get_by_role("button", name="End here").first.click()
    person.page.get_by_role("status").wait_for()
    assert person.page.get_by_role("status").inner_text() == "Access has ended in that place."


def test_link_in_the_mail_ends_the_access_from_a_browser_that_knows_nobody(person, open_browser):
    connect(person, "bob")
    link = person.link_mailed_to("bob@people.example", "/not-me/")
    stranger = open_browser(scripts=False)
    stranger.open(link)
    assert stranger.heading == "This wasn’t you?"
    stranger.press("End access of Notes for Web")
    assert stranger.heading == "Access has ended"
    assert stranger.page.context.cookies() == []
    person.open("/connected-apps/")
    assert person.page.get_by_role("link", name="Notes for Web").count() == 0


def test_signing_out_everywhere_signs_out_the_other_browser_only(person, open_browser):
    connect(person, "bob")
    other = open_browser(scripts=False)
    other.open("/connected-apps/")
    other.sign_in("bob")
    assert other.heading == "Connected apps"
    person.open("/connected-apps/")
    person.follow("Sign out everywhere")
    person.page.get_by_label("Your password").fill("bob-password")
    person.press("Sign out everywhere")
    assert "signed out everywhere" in person.page.get_by_role("status").inner_text()
    other.open("/connected-apps/")
    assert other.heading == "Sign in"

"""The apps with a server, in Chromium: sign-in across two ports, the TV beside a phone, the nightly job."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def visitor(open_window):
    return open_window(scripts=False)


def test_web_app_connects_across_ports_writes_refreshes_and_disconnects(visitor, demo):
    visitor.page.goto(demo.provider)
    visitor.page.get_by_role("link", name="A web app").click()
    visitor.page.wait_for_url(f"{demo.apps}/web/")
    visitor.page.get_by_role("link", name="Connect my notes").click()
    visitor.sign_in("guest")
    visitor.allow()
    visitor.page.wait_for_url(f"{demo.apps}/web/")
    assert visitor.heading == "Hello Grace Guest"
    assert visitor.page.get_by_label("Of").inner_text().strip() == "Harbour Choir"
    assert visitor.shown[-4:-3] == ["GET /jwks 200"]

    visitor.page.get_by_label("A new note").fill("Bring <b>biscuits</b>")
    visitor.press("Add the note")
    assert visitor.page.get_by_text("The API took the note.").is_visible()
    assert visitor.page.get_by_label("Notes").get_by_text("Bring <b>biscuits</b>").is_visible()
    visitor.press("Refresh")
    assert visitor.page.get_by_text("Refreshed:").is_visible()
    visitor.press("Disconnect")
    assert visitor.heading == "Notes on the web"
    assert visitor.shown[-1] == "POST /revoke 200"


def test_two_sites_on_one_host_do_not_take_each_others_cookies(visitor, demo):
    visitor.open("/web/login")
    visitor.sign_in("admin")
    visitor.allow()
    visitor.page.wait_for_url(f"{demo.apps}/web/")
    names = {cookie["name"] for cookie in visitor.page.context.cookies()}
    assert {"sessionid", "apps_sessionid"} <= names
    visitor.page.goto(f"{demo.provider}/")
    assert visitor.page.get_by_text("Signed in at the provider as admin").is_visible()


def test_who_allowed_the_app_before_comes_back_to_it_from_the_sign_in_page(open_window, demo):
    for _ in range(2):
        visitor = open_window(scripts=False)
        visitor.expected = ("form-action",)
        visitor.page.context.set_default_timeout(3_000)
        visitor.open("/web/login")
        visitor.sign_in()
        if visitor.heading.startswith("Allow"):
            visitor.allow()
        visitor.page.wait_for_url(f"{demo.apps}/web/")
        assert visitor.heading == "Hello Ada Demo"


@pytest.mark.parametrize("scripts", [True, False])
def test_tv_shows_the_notes_by_itself_once_it_was_allowed_elsewhere(open_window, scripts):
    tv, phone = open_window(scripts=scripts), open_window(scripts=False)
    tv.open("/tv/")
    tv.press("Connect this TV")
    assert tv.heading == "Type this code"
    assert tv.page.get_by_role("img", name="The link below as a QR code").is_visible()
    phone.page.goto(tv.page.get_by_role("link", name="Open it with the code filled in").get_attribute("href"))
    phone.sign_in()
    phone.press("Continue")
    if scripts:
        # What is being read stays open while the TV asks again.
        tv.page.locator("details", has_text="POST /device_authorization").locator("summary").click()
        tv.page.locator(".demo-exchange").nth(3).wait_for()
        assert tv.page.get_by_text('"verification_uri_complete"').is_visible()
    phone.allow()
    phone.sees("Now look at your device")
    # Nobody touches the TV: its page reloads itself.
    tv.page.get_by_role("heading", name="Hello Ada Demo").wait_for()
    assert tv.page.get_by_text("Buy seed potatoes").first.is_visible()
    tv.press("Disconnect this TV")
    assert tv.shown[-1] == "POST /revoke 200"


def test_nightly_job_runs_when_the_button_is_pressed(visitor):
    visitor.open("/machine/")
    visitor.press("Run the nightly job now")
    assert visitor.shown == [
        "GET /.well-known/oauth-authorization-server 200",
        "POST /token 200",
        "GET /api/statistics 200",
        "GET /api/notes 403",
    ]

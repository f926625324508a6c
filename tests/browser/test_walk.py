"""Chromium without JavaScript, the pages' policy in force: every way through, up to the app's own pages."""

from __future__ import annotations

import pytest

from tests.flow import query_of

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@pytest.fixture
def person(open_browser):
    return open_browser(scripts=False)


def test_allow_reaches_a_callback_that_sends_on_to_a_third_host(person, apps):
    apps.first.arrived.clear()
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    assert person.heading == "Sign in"
    person.sign_in()
    assert person.heading == "Allow Notes for Web to use your account?"
    person.press("Allow Notes for Web")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    assert person.heading == "Welcome back"
    (path, referer) = apps.first.arrived[-1]
    assert set(query_of(path)) == {"code", "state", "iss"}
    assert query_of(path)["iss"] == person.site.url
    # The request id stands in our address; nobody else is told.
    assert referer is None


def test_every_page_carries_the_policy(person, apps):
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    person.sign_in()
    person.press("Deny")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    pages = [
        answer
        for answer in person.answers
        if answer.url.startswith(person.site.url) and "text/html" in answer.headers.get("content-type", "")
    ]
    shown = [answer for answer in pages if answer.status == 200]
    assert len(shown) == 4
    assert {answer.headers["content-security-policy"] for answer in shown} == {POLICY}
    assert {answer.headers["cache-control"].partition(",")[0] for answer in shown} <= {
        "no-store",
        "max-age=0",
    }


def test_deny_goes_back_with_access_denied(person, apps):
    apps.first.arrived.clear()
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    person.sign_in()
    person.press("Deny")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    answer = query_of(apps.first.arrived[-1][0])
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "xyz123", person.site.url)


def test_app_on_an_ipv6_loopback_port_is_reached(person, apps):
    if apps.ipv6 is None:
        pytest.skip("this machine has no ::1")
    # RFC 8252 §7.3: the port is chosen when the app starts.
    person.open(person.ask("native", f"{apps.ipv6.url}/callback"))
    person.sign_in()
    person.press("Allow Notes for Desktop")
    assert set(person.answer_at(f"{apps.ipv6.url}/callback")) == {"code", "state", "iss"}


def test_app_with_a_scheme_of_its_own_is_called(person, apps):
    """Chrome holds `form-action` against each hop after a POST; the page that goes on is none (conventions 3)."""
    person.open(person.ask("native", "com.example.notes:/callback"))
    person.sign_in()
    person.press("Allow Notes for Desktop")
    assert person.heading == "Going back to Notes for Desktop"
    link = person.page.get_by_role("link").first.get_attribute("href")
    assert link.startswith("com.example.notes:/callback?")
    assert set(query_of(link)) == {"code", "state", "iss"}
    assert not person.broken


def test_app_nobody_checked_gets_something_sensitive_after_a_second_yes(person, apps):
    apps.first.arrived.clear()
    person.open(person.ask("stranger", f"{apps.first.url}/callback", scope="read pay"))
    person.sign_in()
    person.press("Allow Notes Helper")
    assert person.heading == "Are you sure about Notes Helper?"
    assert apps.first.arrived == []
    person.press("Allow Notes Helper")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    assert "code" in query_of(apps.first.arrived[-1][0])


def test_second_page_can_be_refused(person, apps):
    apps.first.arrived.clear()
    person.open(person.ask("stranger", f"{apps.first.url}/callback", scope="pay"))
    person.sign_in()
    person.press("Allow Notes Helper")
    person.press("Deny")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    assert query_of(apps.first.arrived[-1][0])["error"] == "access_denied"


def test_wrong_password_says_so_and_the_request_goes_on_after_the_right_one(person, apps):
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    person.sign_in(password="wrong")
    assert person.page.title().startswith("Error: Sign in")
    assert person.page.get_by_role("alert").is_visible()
    person.sign_in()
    assert person.heading == "Allow Notes for Web to use your account?"


def test_somebody_else_can_sign_in_from_the_consent_page(person, apps):
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    person.sign_in()
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Not you?").click()
    assert person.heading == "Sign in"
    person.sign_in("bob")
    assert person.page.get_by_text("Signed in as bob").is_visible()


def test_reload_of_the_page_that_goes_on_asks_nobody_again(person, apps):
    """Two clicks: the way back, pressed within a minute, leads to the same answer."""
    apps.first.arrived.clear()
    person.open(person.ask("web", f"{apps.first.url}/callback"))
    person.sign_in()
    person.press("Allow Notes for Web")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    continued = next(answer.url for answer in person.answers if "/authorize/decision?" in answer.url)
    person.page.goto(continued, wait_until="commit")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    codes = {query_of(path)["code"] for path, _ in apps.first.arrived}
    assert len(codes) == 1


def test_device_is_connected_after_its_code_was_typed_and_confirmed(person):
    started = person.ask_on_tv()
    person.open("/device")
    person.sign_in()
    code = person.page.get_by_label("Type the code your device shows")
    code.fill(started["user_code"].replace("-", " ").lower())
    person.press("Continue")
    assert person.page.get_by_text(started["user_code"]).is_visible()
    assert person.page.get_by_text("Did you start this on a device in front of you?").is_visible()
    person.press("Allow Notes for TV")
    assert person.heading == "Now look at your device"


def test_link_with_the_code_only_fills_the_field(person):
    started = person.ask_on_tv()
    person.open(started["verification_uri_complete"])
    person.sign_in()
    code = person.page.get_by_label("Type the code your device shows")
    assert code.input_value() == started["user_code"]
    person.press("Continue")
    person.press("Deny")
    assert person.heading == "Not connected"


def test_wrong_device_code_says_so_beside_the_field(person):
    person.open("/device")
    person.sign_in("bob")
    person.page.get_by_label("Type the code your device shows").fill("BBBB-BBBB")
    person.press("Continue")
    assert person.page.title().startswith("Error: Connect a device")
    assert "not right" in person.page.get_by_role("alert").inner_text()


def test_unregistered_callback_ends_on_our_error_page(person, apps):
    apps.second.arrived.clear()
    person.open(person.ask("web", f"{apps.second.url}/elsewhere"))
    assert person.heading == "This did not work"
    assert person.page.get_by_text("If you ask for help, quote this number:").is_visible()
    assert not apps.second.arrived


def test_signing_out_says_who_was_signed_out(person):
    person.open("/login")
    person.sign_in()
    assert person.heading == "You are signed in"
    person.press("Sign out")
    assert person.heading == "You are signed out"
    assert person.page.get_by_text("alice is signed out").is_visible()
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Sign in again").click()
    assert person.heading == "Sign in"

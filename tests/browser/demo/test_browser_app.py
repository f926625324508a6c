"""The app that is a page: it signs in, refreshes and revokes in Chromium, across origins, under its strict policy."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

WHOLE_VALUE = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+|op_[a-z]{2}_[0-9A-Za-z]{49}")
TOKENS = "JSON.parse(sessionStorage.getItem('notes.tokens'))"
REFUSED = "the server responded with a status of 401"  # how Chromium tells of a refusal that was asked for


@pytest.fixture
def visitor(open_window):
    visitor = open_window()
    visitor.open("/browser/")
    visitor.page.get_by_role("button", name="Connect my notes").click()
    visitor.sign_in()
    visitor.allow()
    visitor.sees("Connected.")
    return visitor


def test_signs_in_and_shows_the_notes_and_what_it_sent(visitor, demo):
    assert visitor.heading == "Hello Ada Demo"
    assert visitor.page.get_by_text("Buy seed potatoes").first.is_visible()
    assert visitor.shown[:5] == [
        "GET /.well-known/oauth-authorization-server 200",
        "GET /authorize",
        "GET /browser/",
        "GET /.well-known/oauth-authorization-server 200",
        "POST /token 200",
    ]
    assert sorted(visitor.shown[5:]) == ["GET /api/notes 200", "GET /api/user-profile 200"]
    # Nothing that opens anything stays in the address bar or in the history.
    assert visitor.page.url == f"{demo.apps}/browser/"
    words = visitor.page.locator("#exchanges").inner_text() + visitor.page.locator("#exchanges").evaluate(
        "list => list.textContent"
    )
    assert "code_challenge_method=S256" in words
    assert f"iss={demo.provider}" in words
    assert not WHOLE_VALUE.search(words)


def test_journal_shows_each_request_that_the_browser_saw_and_no_other(visitor):
    visitor.page.get_by_role("button", name="Refresh").click()
    visitor.sees("Refreshed:")
    shown = [line for line in visitor.shown if len(line.split()) == 3]
    # Two that go out together may come back in either order.
    assert sorted(shown) == sorted(visitor.fetched())
    assert len(shown) == 8


def test_calls_carry_the_token_in_the_header_and_no_cookie(visitor):
    calls = [request for request in visitor.asked if request.resource_type == "fetch" and request.method != "OPTIONS"]
    assert {request.all_headers().get("origin") for request in calls} == {visitor.demo.apps}
    assert not any("cookie" in request.all_headers() for request in calls)
    bearers = [request for request in calls if "/api/" in request.url]
    assert all(request.all_headers()["authorization"].startswith("Bearer eyJ") for request in bearers)
    assert all("token" not in request.url.partition("?")[2] for request in visitor.asked)


def test_refresh_brings_a_new_pair_and_revocation_ends_it_at_once(visitor):
    before = visitor.page.evaluate(TOKENS)
    visitor.page.get_by_role("button", name="Refresh").click()
    visitor.sees("Refreshed:")
    after = visitor.page.evaluate(TOKENS)
    assert before["refresh_token"] != after["refresh_token"]
    assert before["access_token"] != after["access_token"]

    visitor.page.get_by_role("button", name="Disconnect").click()
    visitor.sees("Disconnected:")
    assert visitor.shown[-1] == "POST /revoke 200"
    assert visitor.page.evaluate(TOKENS) is None
    visitor.expected = (REFUSED,)
    visitor.page.get_by_role("button", name="Try the revoked token").click()
    visitor.sees("The API answered 401")
    assert visitor.shown[-1] == "GET /api/notes 401"
    assert visitor.page.get_by_text("The access token was revoked.").first.is_visible()


def test_reload_keeps_the_sign_in_and_another_tab_has_none_of_it(visitor, demo):
    visitor.page.reload()
    visitor.sees("Hello Ada Demo")
    assert visitor.page.evaluate("localStorage.length") == 0
    assert "notes" not in visitor.page.evaluate("document.cookie")
    other = visitor.page.context.new_page()
    other.goto(f"{demo.apps}/browser/")
    other.get_by_role("button", name="Connect my notes").wait_for()
    assert other.evaluate("sessionStorage.length") == 0


def test_answer_that_was_not_asked_for_is_thrown_away(open_window, demo):
    visitor = open_window()
    visitor.open(f"/browser/?code=op_ac_stolen&state=guessed&iss={demo.provider}")
    visitor.sees("This answer belongs to no request of this tab.")
    assert visitor.page.url == f"{demo.apps}/browser/"
    assert visitor.shown == []
    assert visitor.fetched() == []


def test_answer_of_another_server_is_thrown_away(open_window, demo):
    visitor = open_window()
    visitor.open("/browser/")
    visitor.page.evaluate("sessionStorage.setItem('notes.pending', JSON.stringify({state: 'known', verifier: 'v'}))")
    visitor.open("/browser/?code=op_ac_mixed&state=known&iss=https://attacker.example")
    visitor.sees("This answer comes from another server.")
    assert visitor.fetched() == []


def test_denied_says_so_and_sends_nothing_more(open_window):
    visitor = open_window()
    visitor.open("/browser/")
    visitor.page.get_by_role("button", name="Connect my notes").click()
    visitor.sign_in("guest")
    visitor.page.get_by_role("button", name="Deny", exact=True).click()
    visitor.sees("access_denied")
    assert visitor.fetched() == ["GET /.well-known/oauth-authorization-server 200"]


def test_markup_in_a_note_stays_text(visitor, demo):
    text = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    demo.ask_database(
        "INSERT INTO notes_note (text, created_at, organization_id, author_id)"
        " SELECT ?, '2026-01-01 00:00:00', id, NULL FROM notes_organization WHERE slug = 'harbour-choir'",
        text,
    )
    try:
        visitor.page.get_by_role("button", name="Read the notes again").click()
        visitor.sees("Read again.")
        assert visitor.page.locator("#notes").get_by_text(text).is_visible()
        assert visitor.page.locator("#notes img, #notes script").count() == 0
    finally:
        demo.ask_database("DELETE FROM notes_note WHERE text = ?", text)


def test_policy_stops_a_line_of_script_and_a_call_elsewhere(visitor):
    visitor.expected = ("Content Security Policy", "requires 'Trusted")
    page = visitor.page
    assert "TrustedHTML" in page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; } catch (error) { return error.message; } return ''; }"
    )
    elsewhere = "fetch('http://127.0.0.1:9/', {mode: 'no-cors'}).then(() => 'sent', error => error.name)"
    assert page.evaluate(elsewhere) == "TypeError"
    assert not any(":9/" in request.url for request in visitor.asked if request.failure is None)
    inline = (
        "() => { const script = document.createElement('script');"
        " try { script.textContent = 'window.broken = true'; document.head.append(script); } catch { }"
        " return window.broken === true; }"
    )
    assert page.evaluate(inline) is False


def test_without_scripts_the_page_says_where_to_go(open_window):
    visitor = open_window(scripts=False)
    visitor.open("/browser/")
    assert visitor.page.locator("noscript p").is_visible()

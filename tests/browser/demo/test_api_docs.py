"""Swagger UI of the demo signs in as an app: in a popup, with PKCE, without a secret, under the strict policy."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.test_look import DESK, FOLDER

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


def open_docs(visitor, demo):
    visitor.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    visitor.page.goto(demo.provider)
    visitor.page.get_by_role("link", name="The API", exact=True).click()
    visitor.page.locator("#operations-notes-notes_list").wait_for()


def authorize(visitor, *scopes):
    """Press Authorize, tick the scopes, sign in and allow in the popup, and come back."""
    page = visitor.page
    page.get_by_role("button", name="Authorize").first.click()
    flow = page.locator(".auth-container").filter(has_text="authorizationCode")
    for scope in scopes:
        flow.locator(f"label[for^='{scope}-authorizationCode']").first.click()
    with page.context.expect_page() as opened:
        flow.get_by_role("button", name="Apply given OAuth2 credentials").click()
    popup = type(visitor)(visitor.demo, opened.value)
    popup.sign_in()
    popup.allow()
    if not popup.page.is_closed():
        popup.page.wait_for_event("close")
    assert popup.complaints == []
    flow.get_by_text("Logout").wait_for()
    flow.get_by_text("Close").click()


def execute(visitor, operation):
    """Try the operation out; the answer's status and body."""
    block = visitor.page.locator(f"#operations-{operation}")
    block.locator(".opblock-summary-control").first.click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table .response").first
    answer.wait_for()
    return answer.locator(".response-col_status").inner_text(), answer.locator(".response-col_description").inner_text()


@pytest.fixture
def visitor(open_window, demo):
    visitor = open_window()
    open_docs(visitor, demo)
    return visitor


def test_signs_in_with_pkce_reads_the_notes_and_is_told_what_it_was_not_given(visitor, demo):
    authorize(visitor, "read")
    status, body = execute(visitor, "notes-notes_list")
    assert status == "200"
    assert "Buy seed potatoes" in body

    visitor.expected = ("the server responded with a status of 403",)
    status, body = execute(visitor, "notes-notes_create")
    assert status.split()[0] == "403"
    assert "This needs the permission 'write'." in body
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Swagger UI shows the token in its curl line.
    tokens = [visitor.page.locator(".curl-command")]
    visitor.page.screenshot(path=FOLDER / "demo-api-docs.desk.light.png", full_page=True, mask=tokens)

    asked = {urlsplit(request.url).path: request for request in visitor.asked}
    query = parse_qs(urlsplit(asked["/authorize"].url).query)
    assert (query["code_challenge_method"], query["scope"]) == (["S256"], ["read"])
    assert query["redirect_uri"] == [f"{demo.provider}/api/docs/oauth2-redirect.html"]
    form = parse_qs(asked["/token"].post_data)
    assert {"code_verifier", "client_id"} <= set(form)
    assert "client_secret" not in form
    assert "authorization" not in asked["/token"].all_headers()


def test_without_signing_in_the_answer_is_401_and_nothing_is_kept(visitor):
    visitor.expected = ("the server responded with a status of 401",)
    assert execute(visitor, "notes-notes_list")[0].split()[0] == "401"
    assert visitor.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_policy_of_the_page_allows_scripts_and_calls_of_its_own_origin_only(visitor, demo):
    response = visitor.page.goto(f"{demo.provider}/api/docs/")
    policy = dict(each.strip().split(" ", 1) for each in response.headers["content-security-policy"].split(";"))
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"

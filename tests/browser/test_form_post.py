"""`response_mode=form_post` in Chromium: the answer is posted to the app, by itself or by the button."""

from __future__ import annotations

import pytest

from tests.flow import query_of

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("decision", ["Allow Notes for Web", "Deny"])
def test_app_gets_the_answer_in_a_form_and_nothing_in_the_address(open_browser, apps, scripts, decision):
    person = open_browser(scripts=scripts)
    apps.first.posted.clear()
    person.open(person.ask("web", f"{apps.first.url}/callback", response_mode="form_post"))
    person.sign_in()
    if scripts:
        person.page.get_by_role("button", name=decision).click(no_wait_after=True)
    else:
        person.press(decision)
        person.press("Continue to Notes for Web")
    # The app sends the browser on to another host, as apps do after a sign-in.
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    [(path, body, origin)] = apps.first.posted
    told = query_of(f"?{body}")
    assert path == "/callback"
    assert set(told) == (
        {"error", "error_description", "state", "iss"} if decision == "Deny" else {"code", "state", "iss"}
    )
    assert origin == person.site.url


def test_who_allowed_it_before_sees_no_page_to_press(open_browser, apps):
    person = open_browser(scripts=True)
    apps.first.posted.clear()
    person.open(person.ask("web", f"{apps.first.url}/callback", response_mode="form_post", prompt="none"))
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    assert query_of(f"?{apps.first.posted[0][1]}")["error"] == "login_required"

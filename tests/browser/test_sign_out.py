"""Signing out in Chromium: an app asks, another origin hears of it in a frame, and the app gets the browser back."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
import requests

from tests.flow import pkce, query_of

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


def signed_in_at_the_app(person, apps) -> str:
    """The ID token the app gets."""
    verifier, challenge = pkce()
    callback = f"{apps.first.url}/callback"
    person.open(person.ask("web", callback, scope="openid", code_challenge=challenge))
    person.sign_in()
    person.press("Allow Notes for Web")
    person.page.wait_for_url(f"{apps.second.url}/welcome")
    web = person.site.clients["web"]
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(
            f"{person.site.url}/token",
            {"grant_type": "authorization_code", "code": query_of(apps.first.arrived[-1][0])["code"],
             "redirect_uri": callback, "code_verifier": verifier},
            auth=(web.client_id, web.secret), timeout=30,
        )  # fmt: skip
    return answer.json()["id_token"]


@pytest.mark.parametrize("scripts", [True, False])
def test_frame_of_the_app_is_told_and_the_browser_goes_back_by_itself(open_browser, apps, scripts):
    person = open_browser(scripts=scripts)
    hint = signed_in_at_the_app(person, apps)
    apps.told.arrived.clear()
    back = f"{apps.told.url}/signed-out"
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": back, "state": "x"})
    person.open(f"{person.site.url}/end_session?{query}")
    assert person.heading == "You are signed out"
    assert person.page.get_by_role("listitem").get_by_text("Notes for Web").is_visible()
    person.page.wait_for_url(f"{back}?state=x")
    front = [path for path, _referer in apps.told.arrived if path.startswith("/front?")]
    assert len(front) == 1
    assert set(query_of(front[0])) == {"iss", "sid"}


def test_question_is_answered_with_the_keyboard_and_staying_comes_second(open_browser):
    person = open_browser(scripts=True)
    person.open("/login")
    person.sign_in()
    person.open("/end_session")
    assert person.heading == f"Sign out of {person.site.url.partition('//')[2]}?"
    labels = []
    for _ in range(2):
        person.page.keyboard.press("Tab")
        labels.append(person.page.evaluate("document.activeElement.innerText"))
    assert labels == ["Sign out", "Stay signed in"]
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert person.heading == "You are signed in"

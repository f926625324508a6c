"""The demo's apps without scripts, clicked through against the live sites as a person does."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from demo_project.tour.browser import Browser
from demo_project.tour.console import Console
from demo_project.tour.page import Page

if TYPE_CHECKING:
    from demo_project.tour.http import Answer
    from tests.demo.process import Demo

pytestmark = [pytest.mark.live, pytest.mark.slow]

WHOLE_VALUE = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+|op_[a-z]{2}_[0-9A-Za-z]{49}")


def sign_in(browser: Browser, answer: Answer, name: str = "demo") -> Answer:
    return browser.follow(browser.submit(answer, having="password", values={"username": name, "password": name}))


def allow(browser: Browser, answer: Answer) -> Answer:
    if 'name="decision"' not in answer.text:  # remembered from another test
        return answer
    return browser.follow(browser.allow(answer))


def connected(demo: Demo, name: str = "demo") -> tuple[Browser, Answer]:
    browser = Browser(Console())
    return browser, allow(browser, sign_in(browser, browser.follow(browser.get(f"{demo.apps}/web/login")), name))


def words_of(answer: Answer) -> str:
    return Page(answer.text).text


def requests_of(answer: Answer) -> list[str]:
    """The lines of the journal, the latest first."""
    found = re.findall(
        r'class="demo-line">([^<]+)<.*?(?:class="demo-status[^"]*">(\d+)<|</summary>)', answer.text, re.DOTALL
    )
    return [f"{line} {status}".strip() for line, status in found]


def test_web_app_discovers_the_provider_exchanges_the_code_and_reads_the_api(demo: Demo) -> None:
    _, answer = connected(demo)
    assert answer.url == f"{demo.apps}/web/"
    assert requests_of(answer) == [
        "GET /api/notes 200",
        "GET /api/organizations 200",
        "GET /api/user-profile 200",
        "GET /jwks 200",
        "POST /token 200",
        "GET /web/callback",
        "GET /authorize",
        "GET /.well-known/openid-configuration 200",
    ]
    words = words_of(answer)
    assert "Hello Ada Demo" in words
    assert "Buy seed potatoes" in words
    assert "code_challenge_method=S256" in words
    assert f"&iss={demo.provider}" in words
    assert "Authorization: Basic" in words


def test_web_app_writes_a_note_refreshes_and_disconnects(demo: Demo) -> None:
    browser, answer = connected(demo)
    values: dict[str, str | list[str]] = {"text": "Tune the piano", "organization": "harbour-choir"}
    answer = browser.follow(browser.submit(answer, having="text", values=values))
    assert "POST /api/notes 201" in requests_of(answer)
    assert "Tune the piano harbour-choir · demo" in words_of(answer)

    answer = browser.follow(browser.press(answer, action="/web/refresh"))
    assert requests_of(answer)[3] == "POST /token 200"
    assert "grant_type=refresh_token" in words_of(answer)

    answer = browser.follow(browser.press(answer, action="/web/disconnect"))
    assert requests_of(answer)[0] == "POST /revoke 200"
    assert "Connect my notes" in words_of(answer)


def withdraw(demo: Demo, name: str, profile: str) -> None:
    """As the person does who disconnects an app."""
    demo.ask_database(
        "UPDATE oauth_provider_grant SET revoked_at = '2026-01-01 00:00:00'"
        " WHERE user_id = (SELECT id FROM auth_user WHERE username = ?)"
        " AND client_id = (SELECT id FROM oauth_provider_client WHERE profile = ?)",
        name,
        profile,
    )


def test_web_app_learns_at_its_next_request_that_its_access_was_withdrawn(demo: Demo) -> None:
    browser, answer = connected(demo, "guest")
    assert "Hello Grace Guest" in words_of(answer)
    withdraw(demo, "guest", "web")
    answer = browser.get(f"{demo.apps}/web/")
    assert "GET /api/notes 401" in requests_of(answer)
    assert "this app’s access has ended" in words_of(answer)
    answer = browser.press(answer, action="/web/refresh")
    assert answer.status == 400
    assert "invalid_grant" in words_of(answer)
    assert requests_of(answer)[0] == "POST /token 400"
    # What was refused is not kept: the way on leads to a fresh start.
    assert "Connect my notes" in words_of(browser.get(f"{demo.apps}/web/"))


def test_no_page_of_the_web_app_shows_a_whole_token_code_or_secret(demo: Demo) -> None:
    browser, answer = connected(demo)
    answers = [answer, browser.follow(browser.press(answer, action="/web/refresh"))]
    answers.append(browser.follow(browser.press(answers[-1], action="/web/disconnect")))
    for each in answers:
        assert "op_rt_" in each.text
        assert not WHOLE_VALUE.search(each.text)
        assert not re.search(r"code_verifier=[\w-]{20,}", each.text)


@pytest.mark.parametrize(
    ("issuer", "sentence"),
    [
        ("", "mismatching_state"),
        ("https://attacker.example", "another authorization server"),
    ],
)
def test_web_app_refuses_an_answer_it_did_not_ask_for(demo: Demo, issuer: str, sentence: str) -> None:
    query = f"code=op_ac_stolen&state=guessed&iss={issuer or demo.provider}"
    answer = Browser(Console()).get(f"{demo.apps}/web/callback?{query}")
    assert answer.status == 400
    assert sentence in answer.text
    assert "POST /token" not in requests_of(answer)


def test_denied_web_app_says_so(demo: Demo) -> None:
    browser = Browser(Console())
    answer = sign_in(browser, browser.follow(browser.get(f"{demo.apps}/web/login")), "admin")
    answer = browser.follow(browser.submit(answer, having="request", button=("decision", "deny")))
    assert "access_denied" in answer.text
    assert not any("/token" in line for line in requests_of(answer))


def test_tv_shows_a_code_a_drawing_of_its_link_and_then_the_notes(demo: Demo) -> None:
    tv, phone = Browser(Console()), Browser(Console())
    start = tv.get(f"{demo.apps}/tv/")
    screen = tv.get(tv.press(start, action="/tv/connect").location)
    assert requests_of(screen) == ["POST /token 400", "POST /device_authorization 200"]
    assert "authorization_pending" in words_of(screen)
    link = re.search(rf'href="({re.escape(demo.provider)}/device\?user_code=[^"]+)"', screen.text)
    assert link is not None
    assert "<svg" in screen.text
    assert " style=" not in screen.text  # the policy would refuse it

    answer = sign_in(phone, phone.follow(phone.get(link[1])))
    answer = phone.submit(answer, having="user_code")
    answer = phone.allow(phone.follow(answer), having="user_code")
    assert phone.follow(answer).status == 200
    for _ in range(10):
        time.sleep(2.2)  # the interval of the demo, and a little
        screen = tv.follow(tv.get(f"{demo.apps}/tv/"))
        if "Hello Ada Demo" in screen.text:
            break
    assert "Buy seed potatoes" in words_of(screen)
    assert not WHOLE_VALUE.search(screen.text)

    gone = tv.follow(tv.press(screen, action="/tv/forget"))
    assert requests_of(gone)[0] == "POST /revoke 200"
    assert "Connect this TV" in words_of(gone)


def test_tv_whose_access_was_withdrawn_asks_once_more_and_says_that_it_is_signed_out(demo: Demo) -> None:
    tv, phone = Browser(Console()), Browser(Console())
    screen = tv.get(tv.press(tv.get(f"{demo.apps}/tv/"), action="/tv/connect").location)
    code = words_of(screen).split("Type this code ")[1].split()[0]
    answer = sign_in(phone, phone.follow(phone.get(f"{demo.provider}/device")), "guest")
    answer = phone.submit(answer, having="user_code", values={"user_code": code})
    phone.allow(phone.follow(answer), having="user_code")
    time.sleep(2.2)
    assert "Hello Grace Guest" in tv.follow(tv.get(f"{demo.apps}/tv/")).text
    withdraw(demo, "guest", "device")
    screen = tv.get(f"{demo.apps}/tv/")
    assert requests_of(screen)[:3] == ["POST /token 400", "GET /api/notes 401", "GET /api/user-profile 401"]
    assert "Signed out" in words_of(screen)


def test_tv_denied_elsewhere_says_so(demo: Demo) -> None:
    tv, phone = Browser(Console()), Browser(Console())
    screen = tv.get(tv.press(tv.get(f"{demo.apps}/tv/"), action="/tv/connect").location)
    code = words_of(screen).split("Type this code ")[1].split()[0]
    answer = sign_in(phone, phone.follow(phone.get(f"{demo.provider}/device")))
    answer = phone.submit(answer, having="user_code", values={"user_code": code.lower()})
    phone.submit(phone.follow(answer), having="user_code", button=("decision", "deny"))
    time.sleep(2.2)
    assert "refused on the other device" in tv.get(f"{demo.apps}/tv/").text


def test_nightly_job_counts_the_notes_and_may_read_none(demo: Demo) -> None:
    browser = Browser(Console())
    answer = browser.follow(browser.press(browser.get(f"{demo.apps}/machine/"), action="/machine/run"))
    assert requests_of(answer) == [
        "GET /api/notes 403",
        "GET /api/statistics 200",
        "POST /token 200",
        "GET /.well-known/oauth-authorization-server 200",
    ]
    assert "Counted by Nightly report" in words_of(answer)
    assert "grant_type=client_credentials" in words_of(answer)
    assert "insufficient_scope" in words_of(answer)
    assert not WHOLE_VALUE.search(answer.text)


def test_what_one_visitor_did_is_not_shown_to_another(demo: Demo) -> None:
    connected(demo)
    stranger = Browser(Console())
    for path in ("/web/", "/tv/", "/machine/"):
        assert requests_of(stranger.get(demo.apps + path)) == []

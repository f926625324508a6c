"""The demo's web app and TV, clicked through against the live site as a person does."""

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


pytestmark = [pytest.mark.live, pytest.mark.slow]


def sign_in_and_allow(browser: Browser, answer: Answer) -> Answer:
    answer = browser.submit(answer, having="password", values={"username": "demo", "password": "demo"})
    answer = browser.follow(answer)
    if 'name="decision"' not in answer.text:  # remembered from another test
        return answer
    return browser.submit(answer, having="request", button=("decision", "allow"))


def test_web_client_walks_the_code_flow_and_disconnects(site: str) -> None:
    browser = Browser(Console())
    answer = browser.follow(browser.get(f"{site}/demo/login"))
    connected = browser.follow(sign_in_and_allow(browser, answer))
    words = Page(connected.text).text
    assert connected.url == f"{site}/demo/"
    assert "GET /api/user-profile → 200" in words
    assert "GET /api/notes → 200" in words
    assert "Buy oat milk" in words
    assert f"iss {site}" in words

    refresh, disconnect = Page(connected.text).forms
    assert (refresh.action, disconnect.action) == ("/demo/refresh", "/demo/disconnect")
    refreshed = browser.follow(browser.press(connected, action="/demo/refresh"))
    assert "GET /api/user-profile → 200" in Page(refreshed.text).text
    gone = browser.follow(browser.press(refreshed, action="/demo/disconnect"))
    assert "Connect my notes" in Page(gone.text).text


def test_web_client_shows_no_whole_token(site: str) -> None:
    browser = Browser(Console())
    answer = browser.follow(browser.get(f"{site}/demo/login"))
    connected = browser.follow(sign_in_and_allow(browser, answer))
    assert "op_rt_" in connected.text
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+|op_[a-z]{2}_[0-9A-Za-z]{49}", connected.text)


def test_web_client_refuses_an_answer_it_did_not_ask_for(site: str) -> None:
    answer = Browser(Console()).get(f"{site}/demo/callback?code=op_ac_stolen&state=guessed&iss={site}")
    assert answer.status == 400
    assert "belongs to no request of this browser" in answer.text


def test_denied_web_client_says_so(site: str) -> None:
    browser = Browser(Console())
    answer = browser.follow(browser.get(f"{site}/demo/login"))
    answer = browser.submit(answer, having="password", values={"username": "admin", "password": "admin"})
    answer = browser.follow(answer)
    answer = browser.follow(browser.submit(answer, having="request", button=("decision", "deny")))
    assert "access_denied" in answer.text


def test_tv_shows_a_code_and_then_the_name(site: str) -> None:
    tv, phone = Browser(Console()), Browser(Console())
    start = tv.get(f"{site}/demo/tv")
    screen = tv.get(tv.press(start, action="/demo/tv/connect").location)
    code = Page(screen.text).text.split("Type this code ")[1].split()[0]
    answer = phone.follow(phone.get(f"{site}/device"))
    answer = phone.submit(answer, having="password", values={"username": "demo", "password": "demo"})
    answer = phone.submit(phone.follow(answer), having="user_code", values={"user_code": code})
    answer = phone.submit(phone.follow(answer), having="user_code", button=("decision", "allow"))
    assert phone.follow(answer).status == 200
    for _ in range(10):
        time.sleep(2.2)  # the interval of the demo, and a little
        screen = tv.follow(tv.get(f"{site}/demo/tv"))
        if "Hello Ada Demo" in screen.text:
            return
    pytest.fail(Page(screen.text).text)

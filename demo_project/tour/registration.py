"""Step 2: registration through the admin's form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from demo_project.tour.browser import Browser
from demo_project.tour.journey import Credentials

if TYPE_CHECKING:
    from demo_project.tour.http import Answer
    from demo_project.tour.journey import Journey

NAME = "Tour app"
_CLIENT_ID = re.compile(r"\bc_[0-9a-f]{24}\b")
_SECRET = re.compile(r"\bop_cs_[0-9A-Za-z]{49}\b")
_LIST = "/admin/oauth_provider/client/"
_ADD = f"{_LIST}add/"
_CHANGE = re.compile(rf"{_LIST}[^/\"]+/change/")


def run(journey: Journey) -> None:
    """Fill in the admin's form: name, redirect URI, permissions."""
    check = journey.console.check
    journey.console.say("An administrator signs in and is asked what kind of app it is:")
    browser = Browser(journey.console)
    cards = _open_cards(browser, journey)
    check("?profile=web" in cards.text, "a web application is among the cards")
    form_page = browser.get(f"{journey.origin}{_ADD}?profile=web")
    check(form_page.status == 200, "its card leads to a form of few fields")

    journey.console.say("She gives the app a name, its redirect URI and the permissions it may ask for:")
    values: dict[str, str | list[str]] = {
        "name": NAME,
        "redirect_uris": journey.client_app.redirect_uri,
        "scopes": ["read", "write"],
    }
    result = browser.submit(form_page, having="redirect_uris", values=values)
    check(result.status == 200, f"the answer to the form is the result itself{_errors_in(result)}")
    ids, secrets = set(_CLIENT_ID.findall(result.text)), set(_SECRET.findall(result.text))
    check(len(ids) == 1, f"it shows the client id: {', '.join(sorted(ids))}")
    check(len(secrets) == 1, "and the client secret")
    check("no-store" in result.header("Cache-Control"), "no cache may keep the page")
    journey.app = Credentials(ids.pop(), secrets.pop())

    journey.console.say("The secret was shown this once. She reloads the page, which sends the form again:")
    again = browser.submit(form_page, having="redirect_uris", values=values)
    check(again.status == 409, "no second app was made")
    check(not _SECRET.search(again.text), "and the secret is not shown")

    journey.console.say("She looks for it in the list and on the app's page:")
    found = browser.follow(browser.get(f"{journey.origin}{_LIST}?q={journey.app.client_id}"))
    pages = set(_CHANGE.findall(found.text))
    check(found.status == 200 and NAME in found.text and len(pages) == 1, "the app stands in the list, once")
    detail = browser.get(f"{journey.origin}{pages.pop()}")
    check(detail.status == 200 and journey.app.client_id in detail.text, "and has a page")
    check(journey.app.client_secret not in found.text + detail.text, "the secret is on neither")


def _open_cards(browser: Browser, journey: Journey) -> Answer:
    answer = browser.follow(browser.get(f"{journey.origin}{_ADD}"))
    answer = browser.submit(answer, having="password", values={"username": "admin", "password": "admin"})
    return browser.follow(answer)


def _errors_in(answer: Answer) -> str:
    found = re.findall(r'class="errorlist[^"]*"[^>]*>\s*<li>([^<]+)', answer.text)
    return f" ({'; '.join(found)})" if found else ""

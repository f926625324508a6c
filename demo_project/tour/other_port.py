"""Step 12: the apps on the other port, as the browser of a person and the page of an app meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.tour.browser import Browser
from demo_project.tour.page import Page

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """Connect the web app through its own pages, run the nightly job, and ask as a browser asks for another origin."""
    check, apps = journey.console.check, journey.apps_origin
    with journey.console.quietly(f"The web app at {apps}/web/ is connected, pages and all …"):
        browser = Browser(journey.console)
        answer = browser.follow(browser.get(f"{apps}/web/login"))
        answer = browser.submit(answer, having="password", values={"username": "guest", "password": "guest"})
        answer = browser.follow(answer)
        if "decision" in answer.text and not answer.url.startswith(apps):
            answer = browser.follow(browser.allow(answer))
        check(answer.url == f"{apps}/web/", "the browser is back at the app")
    words = Page(answer.text).text
    check("Hello Grace Guest" in words, "it greets the guest by the name the API gave it")
    check("POST /token" in words and "GET /jwks" in words, "and shows the requests its server sent")

    with journey.console.quietly(f"The nightly job at {apps}/machine/ is run …"):
        page = browser.get(f"{apps}/machine/")
        answer = browser.follow(browser.press(page, action="/machine/run"))
    words = Page(answer.text).text
    check("Counted by Nightly report" in words, "it counted the notes")
    check("Asked for the notes themselves 403" in words, "and read none of them")

    journey.console.say("The page of the app in the browser is another origin, so the browser asks first:")
    for path, method in (("/token", "POST"), ("/api/notes", "GET")):
        answer = journey.preflight(path, method=method, origin=apps)
        check(answer.header("Access-Control-Allow-Origin") == apps, f"{path} may be called from {apps}")
    answer = journey.preflight("/token", method="POST", origin="http://127.0.0.1:9")
    check(not answer.header("Access-Control-Allow-Origin"), "but from no page that belongs to no app")

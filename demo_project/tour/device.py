"""Step 8: the device flow (RFC 8628)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from demo_project.tour.page import Page

if TYPE_CHECKING:
    from demo_project.tour.http import Answer
    from demo_project.tour.journey import Journey

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


def run(journey: Journey) -> None:
    """A TV shows a code, a person approves it in her browser, the TV polls."""
    check = journey.console.check
    journey.console.say("The TV asks for a code:")
    answer = journey.post("/device_authorization", {**journey.tv.in_body, "scope": "read"})
    check(answer.status == 200, "it got one")
    device = answer.members
    check(urlsplit(device["verification_uri"]).path == "/device", "and an address to show")
    _draw_tv(journey, device)

    journey.console.say("It polls, although nobody has approved yet:")
    _check_pending(journey, device)
    polled_at = time.monotonic()

    journey.console.say("The person opens the address in her browser and types the code in her own way:")
    confirm = _enter(journey, device)
    words = Page(confirm.text).text
    check(confirm.status == 200 and "Notes for TV" in words, "the page says which app asks")
    check("127.0.0.1" in words, "from which address")
    check("Did you start this" in words, "and asks whether she started it")

    journey.console.say("Opening the address with the code in it approves nothing:")
    journey.person.follow(journey.person.get(device["verification_uri_complete"]))
    _wait(device, since=polled_at)
    _check_pending(journey, device)
    polled_at = time.monotonic()

    journey.console.say("She presses Allow:")
    done = journey.person.allow(confirm, having="user_code")
    check(journey.person.follow(done).status == 200, "she is told to look at the TV")

    journey.console.say(f"The TV polls again, {device['interval']} seconds after the last time:")
    _wait(device, since=polled_at)
    answer = _poll(journey, device)
    check(answer.status == 200, "it got its tokens")
    profile = journey.call_api(answer.members["access_token"])
    check(profile.status == 200 and profile.members["app"] == "Notes for TV", "and calls the API for her")

    journey.console.say("A device code works once:")
    _wait(device, since=time.monotonic())
    answer = _poll(journey, device)
    check(answer.status == 400 and answer.members["error"] == "invalid_grant", "invalid_grant")


def _enter(journey: Journey, device: dict[str, Any]) -> Answer:
    page = journey.person.follow(journey.person.get(device["verification_uri"]))
    typed = device["user_code"].lower().replace("-", " ")
    return journey.person.follow(journey.person.submit(page, having="user_code", values={"user_code": typed}))


def _poll(journey: Journey, device: dict[str, Any]) -> Answer:
    form = {"grant_type": GRANT_TYPE, "device_code": device["device_code"], **journey.tv.in_body}
    return journey.post("/token", form)


def _check_pending(journey: Journey, device: dict[str, Any]) -> None:
    answer = _poll(journey, device)
    journey.console.check(
        answer.status == 400 and answer.members["error"] == "authorization_pending", "authorization_pending"
    )


def _wait(device: dict[str, Any], *, since: float) -> None:
    """Until the interval the server asked for has passed (RFC 8628 §3.5)."""
    time.sleep(max(0.0, since + device["interval"] + 0.2 - time.monotonic()))


def _draw_tv(journey: Journey, device: dict[str, Any]) -> None:
    lines = (f"open {device['verification_uri']}", f"and type  {device['user_code']}")
    width = max(map(len, lines)) + 4
    drawn = [f"┌{'─' * width}┐", *(f"│{line.center(width)}│" for line in lines), f"└{'─' * width}┘"]
    for line in drawn:
        print(f"        {line}", flush=True)

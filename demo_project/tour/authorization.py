"""Step 3: authorization request, sign-in, consent, redirect (RFC 6749 §4.1.1, RFC 7636, RFC 9207)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.tour.page import Page

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """Sign in as demo, read the consent page, press Allow, arrive at the client."""
    check, person = journey.console.check, journey.person
    app = journey.need_app()
    journey.console.say("The app sends the browser to the authorization server:")
    sign_in = person.follow(person.get(journey.authorize_url()))
    check(
        sign_in.status == 200 and 'type="password"' in sign_in.text,
        "nobody is signed in, so the person is asked to",
    )

    journey.console.say("She signs in at the server. The app sees nothing of it:")
    answer = person.submit(sign_in, having="password", values={"username": "demo", "password": "demo"})
    check(answer.status in {302, 303}, "the name and password were accepted")
    consent = person.follow(answer)
    words = Page(consent.text).text
    check(consent.status == 200 and "Tour app" in words, "the consent page says who is asking")
    check(
        "Read your notes" in words and "Change your notes" in words,
        "what it will be able to do, in plain words",
    )
    check(journey.client_app.origin.removeprefix("http://") in words, "and where she will be sent")
    check(not journey.client_app.take_arrived(), "nothing has reached the app yet")

    journey.console.say("She presses Allow:")
    decided = person.allow(consent)
    check(decided.status == 303, "a form is answered 303, to a page of the server's own")
    arrived = journey.arrive(decided)

    check(arrived.get("code"), "the app got a code")
    check(arrived.get("state") == "xyz123", "state is the one it sent: xyz123")
    check(arrived.get("iss") == journey.origin, f"iss says who answers: {journey.origin}")
    check(set(arrived) == {"code", "state", "iss"}, "and nothing else: no token, no name")
    check(app.client_secret not in decided.text, "the secret took no part in it")
    journey.code = arrived["code"]

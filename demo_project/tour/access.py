"""Step 5: the protected API (RFC 6750)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.tour.http import bearer

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """Call the API with a token, without one, and with one that lacks the scope."""
    check = journey.console.check
    tokens = journey.need_tokens()
    journey.console.say("With the token:")
    answer = journey.call_api(tokens.access_token)
    check(answer.status == 200, "the API answers 200")
    check(answer.members["username"] == "demo", "the API knows for whom the app calls")
    check(answer.members["app"] == "Tour app", "and which app it is")
    note = {"organization": "harbour-choir", "text": "From the tour"}
    written = journey.post_json("/api/notes", note, headers=bearer(tokens.access_token))
    check(written.status == 201 and written.members["author"] == "demo", "a note was written in her name")
    elsewhere = journey.post_json(
        "/api/notes", {**note, "organization": "elsewhere"}, headers=bearer(tokens.access_token)
    )
    check(elsewhere.status == 400, "but not in an organization out of her reach")

    journey.console.say("Without a token:")
    answer = journey.get("/api/user-profile")
    check(answer.status == 401, "the API answers 401")
    challenge = answer.header("WWW-Authenticate")
    check(challenge.startswith("Bearer"), "with a challenge that says how to come back")
    check("error=" not in challenge, "and no error code: nothing was presented (RFC 6750 §3.1)")

    journey.console.say("With something that is no token:")
    answer = journey.call_api("not-a-token")
    check(
        answer.status == 401 and 'error="invalid_token"' in answer.header("WWW-Authenticate"),
        "401 invalid_token",
    )

    with journey.console.quietly("The app asks for a token again, with scope=write only, as in steps 3 and 4 …"):
        only_write = journey.fetch_tokens(scope="write")
    journey.console.say("With a token that lacks the permission:")
    answer = journey.call_api(only_write.access_token)
    check(answer.status == 403, "the API answers 403")
    check(answer.members["code"] == "insufficient_scope", "insufficient_scope")
    check('error="insufficient_scope"' in answer.header("WWW-Authenticate"), "in the challenge too")
    check("read" in answer.members["required"], "and it says which permission is missing: read")

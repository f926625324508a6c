"""Step 6: rotation, the leeway for a lost answer, and reuse detection (RFC 9700 §4.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.tour.journey import tokens_in

if TYPE_CHECKING:
    from demo_project.tour.http import Answer
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """Refresh, refresh again with the old token, then use the successor and replay the old one."""
    check = journey.console.check
    first = journey.need_tokens()
    journey.console.say("An hour later the access token is about to expire. The app refreshes:")
    answer = journey.refresh(first.refresh_token)
    check(answer.status == 200, "the refresh token was accepted")
    second = tokens_in(answer.members)
    check(second.refresh_token != first.refresh_token, "there is a new refresh token")
    check(second.access_token != first.access_token, "and a new access token")
    check(journey.call_api(second.access_token).status == 200, "which the API accepts")

    journey.console.say("The answer was lost on the way. The app asks at once with the same old refresh token:")
    answer = journey.refresh(first.refresh_token)
    check(answer.status == 200, "it is not punished")
    again = tokens_in(answer.members)
    check(
        again.refresh_token == second.refresh_token,
        "it gets the same successor: there is still one family line",
    )

    journey.console.say("It goes on with the successor:")
    answer = journey.refresh(second.refresh_token)
    check(answer.status == 200, "the successor was accepted")
    third = tokens_in(answer.members)

    journey.console.say(
        "Somebody else presents the old refresh token. Two parties hold one token: one of them stole it:"
    )
    _check_invalid_grant(journey, journey.refresh(first.refresh_token), "invalid_grant")
    journey.console.say("The server cannot tell which, so the whole family is dead:")
    _check_invalid_grant(journey, journey.refresh(third.refresh_token), "the newest refresh token is refused")
    for name, tokens in {"first": first, "second": second, "repeated": again, "third": third}.items():
        answer = journey.call_api(tokens.access_token)
        check(answer.status == 401, f"the {name} access token is refused by the API")
    journey.tokens = None


def _check_invalid_grant(journey: Journey, answer: Answer, sentence: str) -> None:
    journey.console.check(answer.status == 400 and answer.members["error"] == "invalid_grant", sentence)

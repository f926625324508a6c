"""Step 10: revocation (RFC 7009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """Revoke an access token, then a refresh token with everything that follows from it."""
    check = journey.console.check
    app, tokens = journey.need_app(), journey.need_tokens()
    check(journey.call_api(tokens.access_token).status == 200, "the API accepts the token")

    journey.console.say("The app revokes the access token:")
    answer = journey.post("/revoke", {"token": tokens.access_token, **app.in_body})
    check(answer.status == 200, "the server answers 200")
    check(journey.call_api(tokens.access_token).status == 401, "the API refuses it at once")
    refreshed = journey.refresh(tokens.refresh_token)
    check(refreshed.status == 200, "the sign-on goes on: one access token was revoked, not the family")

    journey.console.say("The person disconnects: the app revokes the refresh token:")
    newest = refreshed.members
    answer = journey.post("/revoke", {"token": newest["refresh_token"], **app.in_body})
    check(answer.status == 200, "the server answers 200")
    check(
        journey.call_api(newest["access_token"]).status == 401,
        "the access token that came with it is refused too",
    )
    again = journey.refresh(newest["refresh_token"])
    check(
        again.status == 400 and again.members["error"] == "invalid_grant",
        "and the refresh token: invalid_grant",
    )

    journey.console.say("A token nobody knows is as good as revoked:")
    answer = journey.post("/revoke", {"token": "not-a-token", **app.in_body})
    check(answer.status == 200, "the server answers 200 (RFC 7009 §2.2)")
    journey.tokens = None

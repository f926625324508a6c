"""Step 7: client credentials (RFC 6749 §4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.shown import read_claims

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """A nightly job gets a token for itself."""
    check = journey.console.check
    journey.console.say("A nightly job asks for a token, with its id and secret in the header this time:")
    form = {"grant_type": "client_credentials", "scope": "report"}
    answer = journey.post("/token", form, headers=journey.machine.in_header)
    check(answer.status == 200, "it got one")
    members = answer.members
    check(members["token_type"] == "Bearer" and members["scope"] == "report", "for the scope it asked for")
    check("refresh_token" not in members, "without a refresh token: it can ask again (RFC 6749 §4.4.3)")
    claims = read_claims(members["access_token"])
    check(claims["sub"] == journey.machine.client_id, "sub is the client itself (RFC 9068 §2.2)")

    answer = journey.call_api(members["access_token"], path="/api/statistics")
    check(answer.status == 200 and answer.members["asked_by"] == "Nightly report", "the API answers the machine")
    answer = journey.call_api(members["access_token"])
    check(answer.status == 403, "but shows it nobody's profile")

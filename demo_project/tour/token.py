"""Step 4: the code is exchanged (RFC 6749 §4.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.shown import read_claims
from demo_project.tour.journey import tokens_in

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """Exchange the code of step 3, id and secret in the body."""
    check = journey.console.check
    journey.console.say("The app's server calls the authorization server directly:")
    answer = journey.exchange(journey.code)
    check(answer.status == 200, "the code was exchanged")
    members = answer.members
    check(members["token_type"] == "Bearer", "token_type is Bearer")
    check(members["expires_in"] == 3600, "expires_in is 3600 seconds")
    check(members.get("refresh_token"), "there is a refresh token")
    check(sorted(members["scope"].split()) == ["read", "write"], "scope is what the person allowed")
    check("no-store" in answer.header("Cache-Control"), "no cache may keep the answer")
    journey.tokens = tokens_in(members)

    claims = read_claims(journey.tokens.access_token)
    check(claims["iss"] == journey.origin, "the access token is a JWT that names its issuer (RFC 9068)")
    check(claims["client_id"] == journey.need_app().client_id, "and the client")
    check(claims["exp"] - claims["iat"] == 3600, "and expires an hour after it was made")
    check("demo" not in str(claims["sub"]), "its sub is an identifier that says nothing about the person")

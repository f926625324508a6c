"""Step 9: introspection (RFC 7662)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """An API that does not share the database asks about a token."""
    check = journey.console.check
    app = journey.need_app()
    with journey.console.quietly("The app signs the person on again, as in steps 3 and 4 …"):
        journey.tokens = tokens = journey.fetch_tokens()

    journey.console.say("An API elsewhere was called with that token and asks the server what it is worth:")
    answer = journey.post("/introspect", {"token": tokens.access_token}, headers=journey.api.in_header)
    check(answer.status == 200, "the server answers 200")
    members = answer.members
    check(members["active"] is True, "the token is active")
    check(members["client_id"] == app.client_id, "it belongs to the app")
    check(sorted(members["scope"].split()) == ["read", "write"], "with these permissions")
    check(members["iss"] == journey.origin and members["sub"], "from this issuer, for this person")

    journey.console.say("About something that is no token it learns only that:")
    answer = journey.post("/introspect", {"token": "not-a-token"}, headers=journey.api.in_header)
    check(
        answer.status == 200 and answer.members == {"active": False},
        "active is false, and nothing else is said",
    )

    journey.console.say("Whoever is not an API of this audience learns nothing either:")
    answer = journey.post("/introspect", {"token": tokens.access_token}, headers=journey.machine.in_header)
    check(answer.status in {200, 401, 403}, f"a client that is no resource server is answered {answer.status}")
    check(
        "sub" not in answer.members and answer.members.get("active") is not True,
        "without a word about the token",
    )
    answer = journey.post("/introspect", {"token": tokens.access_token})
    check(answer.status == 401, "without authentication: 401")

"""Step 11: what must not work (RFC 6749 §4.1.2.1 and §5.2, RFC 9700)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.tour.journey import Credentials, tokens_in

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey


def run(journey: Journey) -> None:
    """Try each and be refused."""
    refuse_redirect_uri(journey)
    refuse_missing_pkce(journey)
    refuse_replayed_code(journey)
    refuse_wrong_secret(journey)
    refuse_scope(journey)


def refuse_redirect_uri(journey: Journey) -> None:
    """A redirect URI that is not registered gets a page: a redirect would make the site an open one."""
    check = journey.console.check
    journey.console.say("A wrong redirect URI:")
    answer = journey.person.get(journey.authorize_url(redirect_uri="https://attacker.example/callback"))
    check(answer.status == 400, "the server answers 400")
    check(answer.is_html and not answer.location, "a page, no redirect: the browser stays here")
    check("attacker.example" not in answer.location, "nothing is sent to the address")


def refuse_missing_pkce(journey: Journey) -> None:
    """The redirect URI is right, so the client is told, at its redirect URI."""
    check = journey.console.check
    journey.console.say("No PKCE challenge:")
    answer = journey.person.get(journey.authorize_url(code_challenge=None, code_challenge_method=None))
    arrived = journey.arrive(answer)
    check(arrived.get("error") == "invalid_request", "the client is told: invalid_request")
    check(arrived.get("state") == "xyz123" and arrived.get("iss") == journey.origin, "with state and iss")
    check("code" not in arrived, "and gets no code")


def refuse_replayed_code(journey: Journey) -> None:
    """A code that is redeemed twice was stolen: what the first exchange gave dies too."""
    check = journey.console.check
    journey.console.say("A code, presented twice:")
    with journey.console.quietly("(the app fetches a code, as in step 3 …)"):
        code = journey.fetch_code()
    answer = journey.exchange(code)
    check(answer.status == 200, "the first time it is exchanged")
    tokens = tokens_in(answer.members)
    replayed = journey.exchange(code)
    check(
        replayed.status == 400 and replayed.members["error"] == "invalid_grant",
        "the second time: invalid_grant",
    )
    check(
        journey.call_api(tokens.access_token).status == 401,
        "and the tokens of the first time are dead: the access token",
    )
    refreshed = journey.refresh(tokens.refresh_token)
    check(refreshed.status == 400 and refreshed.members["error"] == "invalid_grant", "and the refresh token")


def refuse_wrong_secret(journey: Journey) -> None:
    """The client is told `invalid_client`; why is in the operator's log only."""
    check = journey.console.check
    journey.console.say("A wrong secret:")
    with journey.console.quietly("(the app fetches a code, as in step 3 …)"):
        code = journey.fetch_code()
    real = journey.need_app()
    journey.app = Credentials(
        real.client_id, f"{real.client_secret[:-1]}{'A' if real.client_secret[-1] != 'A' else 'B'}"
    )
    answer = journey.exchange(code)
    journey.app = real
    check(answer.status == 401 and answer.members["error"] == "invalid_client", "401 invalid_client")
    check(
        journey.exchange(code).status == 200,
        "the code was not spent by it: the real client still exchanges it",
    )


def refuse_scope(journey: Journey) -> None:
    """A client never gets a scope it was not registered for, at neither endpoint."""
    check = journey.console.check
    journey.console.say("A scope the client may not have:")
    arrived = journey.arrive(journey.person.get(journey.authorize_url(scope="read report")))
    check(arrived.get("error") == "invalid_scope", "the app is told: invalid_scope")
    form = {"grant_type": "client_credentials", "scope": "write"}
    answer = journey.post("/token", form, headers=journey.machine.in_header)
    check(answer.status == 400 and answer.members["error"] == "invalid_scope", "and so is the machine")

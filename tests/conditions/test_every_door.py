"""Every condition at every door: the same table, the same answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conditions.api import ALL_DOORS, GOLD, ISSUER, SILVER

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.conditions.api")]
DOORS = pytest.mark.parametrize("door", ALL_DOORS)


def challenge_of(response: Any) -> str:
    """Of the scheme Bearer; a request without a token is told of DPoP too."""
    return response.headers.get("WWW-Authenticate", "").partition(", DPoP ")[0]


# ── who holds it gets in ────────────────────────────────────────────────────────────────────────────────────


@DOORS
def test_whoever_holds_the_condition_gets_in(person: Any, machine: Any, acme: Any, door: str) -> None:
    asked = {
        "scope": person("read"),
        "two-scopes": person("read write"),
        "any-scope": person("write"),
        "acr": person(acr=SILVER),
        "fresh": person(ago=250),
        "fresh-seconds": person(ago=250),
        "acr-fresh": person(acr=GOLD, ago=250),
        "targets": person("orgs", targets={"organization": [acme]}),
        "audience": person(),
        "user": person(),
        "machine": machine(),
        "first-party": person(profile="first_party"),
    }
    for name, app in asked.items():
        response = app.get(f"/{door}/{name}")
        assert response.status_code == 200, (name, response.content)
        assert response.json()["client"] == app.app.client_id


@DOORS
def test_RS12_answer_to_a_token_is_private(person: Any, door: str) -> None:
    for response in (person().get(f"/{door}/scope"), person("write").get(f"/{door}/scope")):
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "Authorization" in response.headers["Vary"]


# ── no token ────────────────────────────────────────────────────────────────────────────────────────────────


@DOORS
def test_RS5_no_token_is_401_and_the_challenge_names_all_scopes(client: Any, door: str) -> None:
    response = client.get(f"/{door}/two-scopes")
    assert response.status_code == 401
    assert challenge_of(response) == 'Bearer realm="api", scope="read write"'
    if not door.startswith("rest"):
        assert response.json() == {"detail": "This needs an access token.", "code": "not_authenticated"}
        assert response.headers["X-Request-Id"]


@DOORS
def test_no_token_where_one_of_several_scopes_would_do_names_none(client: Any, door: str) -> None:
    assert challenge_of(client.get(f"/{door}/any-scope")) == 'Bearer realm="api"'


@DOORS
def test_signed_in_person_without_a_token_is_refused(client: Any, ada: Any, door: str) -> None:
    client.force_login(ada)
    assert client.get(f"/{door}/scope").status_code in {401, 403}


@DOORS
@pytest.mark.parametrize("value", ["x", "op_at_" + "A" * 49, "eyJ.a.b"])
def test_C51_bad_token_is_401_invalid_token(client: Any, door: str, value: str) -> None:
    response = client.get(f"/{door}/everything", headers={"Authorization": f"Bearer {value}"})
    assert response.status_code == 401
    assert response.json()["code"] == "invalid_token"
    assert 'error="invalid_token"' in challenge_of(response)


@DOORS
def test_RS1_C52_token_in_the_query_is_400(client: Any, door: str) -> None:
    response = client.get(f"/{door}/scope?access_token=x")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


# ── scopes ──────────────────────────────────────────────────────────────────────────────────────────────────


@DOORS
def test_RS4_token_without_the_scope_is_403_naming_all_that_is_missing(person: Any, door: str) -> None:
    response = person("orgs").get(f"/{door}/two-scopes")
    assert response.status_code == 403
    assert response.json() == {
        "detail": "This needs the permissions 'read', 'write'.",
        "code": "insufficient_scope",
        "required": ["read", "write"],
        "granted": ["orgs"],
    }
    assert challenge_of(response) == 'Bearer realm="api", error="insufficient_scope", scope="read write"'


@DOORS
def test_one_of_several_scopes_names_the_nearest(person: Any, door: str) -> None:
    assert person("orgs").get(f"/{door}/any-scope").json()["required"] == ["read"]


# ── RFC 9470 ────────────────────────────────────────────────────────────────────────────────────────────────


@DOORS
@pytest.mark.parametrize("name", ["fresh", "fresh-seconds"])
def test_RS13_sign_in_too_long_ago_is_401_with_max_age(person: Any, door: str, name: str) -> None:
    response = person(ago=400).get(f"/{door}/{name}")
    assert response.status_code == 401
    body = response.json()
    assert body.pop("auth_time") > 1_700_000_000
    assert body == {
        "detail": "This needs a sign-in of the last 300 seconds.",
        "code": "insufficient_user_authentication",
        "max_age": 300,
    }
    assert challenge_of(response) == (
        'Bearer realm="api", error="insufficient_user_authentication", '
        'error_description="The person has to sign in again.", scope="read", max_age="300"'
    )


@DOORS
def test_RS13_token_that_does_not_say_when_is_not_fresh(person: Any, door: str) -> None:
    response = person().get(f"/{door}/fresh")
    assert (response.status_code, response.json()["auth_time"]) == (401, None)


@DOORS
@pytest.mark.parametrize(("ago", "status"), [(-20, 200), (-40, 401), (-86_400, 401)])
def test_RS13_RS14_sign_in_in_the_future_counts_within_the_allowance(
    person: Any, door: str, ago: int, status: int
) -> None:
    assert person(ago=ago).get(f"/{door}/fresh").status_code == status


@DOORS
def test_RS13_other_way_of_signing_in_is_401_with_acr_values(person: Any, door: str) -> None:
    response = person(acr="urn:provider.example:tin").get(f"/{door}/acr")
    assert response.status_code == 401
    assert response.json() == {
        "detail": "This needs another way of signing in.",
        "code": "insufficient_user_authentication",
        "acr_values": [GOLD, SILVER],
        "acr": "urn:provider.example:tin",
    }
    assert f'acr_values="{GOLD} {SILVER}"' in challenge_of(response)
    assert "max_age" not in challenge_of(response)


@DOORS
def test_RS13_both_lacking_stand_in_one_challenge(person: Any, door: str) -> None:
    response = person().get(f"/{door}/acr-fresh")
    assert response.status_code == 401
    assert response.json() == {
        "detail": "This needs another way of signing in. This needs a sign-in of the last 300 seconds.",
        "code": "insufficient_user_authentication",
        "acr_values": [GOLD],
        "acr": None,
        "max_age": 300,
        "auth_time": None,
    }
    assert f'scope="read", acr_values="{GOLD}", max_age="300"' in challenge_of(response)


@DOORS
def test_RS13_what_is_held_is_asked_for_too_so_that_the_new_token_has_both(person: Any, door: str) -> None:
    response = person(acr=GOLD, ago=400).get(f"/{door}/acr-fresh")
    assert f'acr_values="{GOLD}", max_age="300"' in challenge_of(response)
    assert response.json()["detail"] == "This needs a sign-in of the last 300 seconds."


@DOORS
def test_RS13_missing_scope_is_told_first_and_the_rest_with_it(person: Any, door: str) -> None:
    response = person("write", ago=400).get(f"/{door}/fresh")
    assert response.status_code == 403
    body = response.json()
    assert body["code"] == "insufficient_scope"
    assert body["lacking"] == ["insufficient_scope", "insufficient_user_authentication"]
    assert body["detail"] == "This needs the permission 'read'. This needs a sign-in of the last 300 seconds."
    assert body["max_age"] == 300
    assert challenge_of(response) == 'Bearer realm="api", error="insufficient_scope", scope="read", max_age="300"'


@DOORS
@pytest.mark.parametrize("name", ["fresh", "acr", "acr-fresh"])
def test_RS13_machine_cannot_step_up_and_gets_no_challenge(machine: Any, door: str, name: str) -> None:
    response = machine().get(f"/{door}/{name}")
    assert response.status_code == 403
    assert response.json() == {"detail": "This needs a person, not a machine.", "code": "user_required"}
    assert challenge_of(response) == ""


# ── audience, targets, who calls ────────────────────────────────────────────────────────────────────────────


@DOORS
def test_token_for_another_audience_is_403_that_teaches(person: Any, door: str) -> None:
    response = person().get(f"/{door}/other-audience")
    assert response.status_code == 403
    assert response.json() == {
        "detail": "This needs an access token for another resource.",
        "code": "insufficient_audience",
        "required_audience": ["https://other.example"],
        "audience": [ISSUER],
    }


@DOORS
def test_token_without_chosen_objects_is_403_that_names_the_kind(person: Any, door: str) -> None:
    response = person("orgs").get(f"/{door}/targets")
    assert response.status_code == 403
    body = response.json()
    assert (body["code"], body["required_targets"]) == ("insufficient_targets", ["organization"])


@DOORS
def test_RS10_C49_machine_is_refused_where_a_person_is_needed(machine: Any, ada: Any, door: str) -> None:
    app = machine()
    for service_account in (None, ada):
        app.app.service_account = service_account
        app.app.save()
        response = app.get(f"/{door}/user")
        assert response.status_code == 403
        assert response.json() == {"detail": "This needs a person, not a machine.", "code": "user_required"}


@DOORS
def test_person_is_refused_where_a_machine_is_needed(person: Any, door: str) -> None:
    response = person().get(f"/{door}/machine")
    assert (response.status_code, response.json()["code"]) == (403, "machine_required")
    assert challenge_of(response) == ""


@DOORS
def test_app_of_others_is_refused_where_one_of_the_site_is_needed(person: Any, door: str) -> None:
    response = person().get(f"/{door}/first-party")
    assert (response.status_code, response.json()["code"]) == (403, "first_party_required")


@DOORS
def test_everything_that_is_lacking_stands_in_one_answer(machine: Any, door: str) -> None:
    response = machine("read").get(f"/{door}/everything")
    assert response.status_code == 403
    body = response.json()
    assert body["code"] == "insufficient_scope"
    assert sorted(body["lacking"]) == [
        "first_party_required",
        "insufficient_scope",
        "insufficient_targets",
        "user_required",
    ]
    assert body["required"] == ["read", "write"]


@DOORS
def test_every_refusal_has_an_id_and_costs_the_one_statement(
    person: Any, door: str, django_assert_num_queries: Any, settings: Any
) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 60}
    app = person("write")
    app.get(f"/{door}/everything")
    with django_assert_num_queries(1):
        response = app.get(f"/{door}/everything")
    assert response.headers["X-Request-Id"]

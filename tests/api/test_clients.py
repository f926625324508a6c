from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import AuditEvent, Client, ClientSecret
from tests.api.conftest import problem
from tests.flow import Registered, machine_token

REPORT = {"name": "Nightly report", "profile": "machine", "scopes": ["read"], "default_scopes": ["read"]}


def registered(api, **wanted):
    response = api.post("clients", {**REPORT, **wanted})
    assert response.status_code == 201, response.content
    return response.json()


def last_event():
    return AuditEvent.objects.latest("pk")


def test_registered_client_gets_a_token_with_the_secret_of_the_answer(machine):
    api = machine()
    response = api.post("clients", REPORT)
    assert response.status_code == 201, response.content
    assert response["Cache-Control"] == "no-store"
    made = response.json()
    assert response["Location"] == made["url"] == f"/oauth/api/clients/{made['client_id']}"
    row = Client.objects.named(made["client_id"])
    assert (row.status, row.registration_source) == ("active", "api")
    answer = machine_token(Registered(row, made["client_secret"]))
    assert answer.status_code == 200
    assert answer.json()["scope"] == "read"
    event = AuditEvent.objects.get(event="client_registered", client_id=made["client_id"])
    assert event.actor == f"client:{api.row.client_id}"
    assert event.request_id


def test_registered_client_has_every_argument_it_was_given(machine, settings, alice):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {"https://provider.example": "Here"}}
    wanted = {
        "name": "Notes",
        "profile": "web",
        "redirect_uris": ["https://notes.example/cb", "http://127.0.0.1/cb"],
        "origins": ["https://notes.example"],
        "scopes": ["read", "write"],
        "default_scopes": ["write"],
        "resources": ["https://provider.example"],
        "resource_server_for": ["https://provider.example"],
        "auth_method": "client_secret_post",
        "grant_types": ["authorization_code"],
        "token_format": "opaque",
        "access_token_lifetime": 300,
        "refresh_token_idle_lifetime": None,
        "refresh_token_leeway": 0,
        "policy_uri": "https://notes.example/privacy",
        "contacts": ["ops@notes.example"],
        "software_id": "notes",
        "allowed_users": "permission",
        "allowed_permission": "auth.view_user",
        "owners": {"users": ["alice"], "groups": []},
    }
    api = machine()
    made = registered(api, **wanted)
    assert {name: made[name] for name in wanted} == wanted
    assert api.get(made["url"]).json() == {name: value for name, value in made.items() if name != "client_secret"}


def test_public_client_has_no_secret(machine):
    made = registered(machine(), profile="native", redirect_uris=["com.example.app:/cb"], scopes=["read"])
    assert made["client_secret"] is None
    assert made["is_public"] is True


def test_draft_is_approved_later(machine):
    api = machine()
    made = registered(api, profile="web", redirect_uris=["https://notes.example/cb"], draft=True)
    assert made["status"] == "draft"
    submitted = api.post(f"{made['url']}/submit", {"scopes": ["read", "write"]}).json()
    assert (submitted["status"], submitted["requested_scopes"]) == ("submitted", ["read", "write"])
    back = api.post(f"{made['url']}/send-back", {"why": "Say what for."}).json()
    assert back["status"] == "draft"
    assert last_event().detail == {"why": "Say what for."}
    approved = api.post(f"{made['url']}/approve", {"scopes": ["read"]}).json()
    assert (approved["status"], approved["scopes"]) == ("active", ["read"])
    problem(api.post(f"{made['url']}/approve", {"scopes": ["read"]}), 409, "client_is_active")


def test_person_owns_what_they_register_unless_they_name_owners(person, staff, alice):
    user = staff("add_client", "approve_client", "view_client")
    api = person(user)
    assert registered(api)["owners"] == {"users": [user.get_username()], "groups": []}
    assert registered(api, owners={"users": ["alice"]})["owners"] == {"users": ["alice"], "groups": []}
    assert AuditEvent.objects.filter(event="client_registered", actor=user.get_username()).count() == 2


def test_same_key_of_the_same_caller_makes_one_client(machine):
    api, other = machine(), machine()
    made = api.post("clients", REPORT, Idempotency_Key="deploy-17").json()
    again = problem(api.post("clients", REPORT, Idempotency_Key="deploy-17"), 409, "registered_already")
    assert again["client_id"] == made["client_id"]
    assert "client_secret" not in again
    assert ClientSecret.objects.filter(client__application__client_id=made["client_id"]).count() == 1
    assert other.post("clients", REPORT, Idempotency_Key="deploy-17").status_code == 201
    problem(api.post("clients", REPORT, Idempotency_Key="x" * 256), 400, "invalid")


def test_change_sets_what_is_named_and_nothing_else(machine, web):
    api = machine()
    before = api.get(f"clients/{web.client_id}").json()
    changed = {"name": "Notes 2", "redirect_uris": ["https://notes.example/cb2"], "access_token_lifetime": 60}
    after = api.patch(f"clients/{web.client_id}", changed)
    assert after.status_code == 200, after.content
    assert after.json() == {**before, **changed}
    event = last_event()
    assert event.event == "client_changed"
    assert event.detail["fields"] == ["access_token_lifetime", "name", "redirect_uris"]
    assert event.detail["redirect_uris_added"] == ["https://notes.example/cb2"]


def test_refused_values_are_told_by_argument_and_nothing_is_written(machine, web):
    api = machine()
    wanted = {"name": "New", "redirect_uris": ["http://evil.example/cb"], "scopes": ["no-such"], "require_pkce": False}
    body = problem(api.patch(f"clients/{web.client_id}", wanted), 400, "invalid")
    assert body["errors"].keys() == {"redirect_uris", "scopes", "require_pkce"}
    assert "https" in body["errors"]["redirect_uris"][0]
    web.refresh_from_db()
    assert web.name == "Notes"
    body = problem(api.post("clients", {"name": "", "profile": "web"}), 400)
    assert body["errors"].keys() == {"name"}
    body = problem(api.post("clients", {"name": "x", "profile": "imported"}), 400)
    assert body["errors"].keys() == {"profile"}


@pytest.mark.parametrize("member", ["status", "client_secret", "service_account", "first_party", "tokens_not_before"])
def test_member_that_is_no_argument_is_refused(machine, web, member):
    body = problem(machine().patch(f"clients/{web.client_id}", {member: 1}), 400)
    assert body["errors"].keys() == {member}


def test_only_an_archived_client_is_deleted(machine, web):
    api = machine()
    address = f"clients/{web.client_id}"
    problem(api.delete(address), 409, "not_archived")
    assert api.post(f"{address}/archive").json()["status"] == "archived"
    response = api.delete(address)
    assert (response.status_code, response.content) == (204, b"")
    problem(api.get(address), 404)
    assert last_event().event == "client_deleted"


def test_suspended_client_is_refused_and_comes_back(machine, machine_client):
    api = machine()
    address = f"clients/{machine_client.client_id}"
    assert api.post(f"{address}/suspend").json()["status"] == "suspended"
    assert machine_token(machine_client).status_code == 401
    problem(api.post(f"{address}/suspend"), 409, "client_is_suspended")
    assert api.post(f"{address}/reactivate").json()["status"] == "active"
    assert machine_token(machine_client).status_code == 200
    problem(api.post(f"{address}/reactivate"), 409, "client_is_active")


def test_restored_client_stays_suspended(machine, web):
    api = machine()
    address = f"clients/{web.client_id}"
    problem(api.post(f"{address}/restore"), 409)
    api.post(f"{address}/archive")
    problem(api.post(f"{address}/archive"), 409, "client_is_archived")
    assert api.post(f"{address}/restore").json()["status"] == "suspended"


def test_draft_cannot_be_suspended(machine):
    """A suspended one is reactivated without approval."""
    api = machine()
    made = registered(api, draft=True)
    problem(api.post(f"{made['url']}/suspend"), 409, "client_is_draft")


def test_revoke_access_ends_every_token(machine, conf_client, flow, settings):
    tokens = flow.tokens(conf_client, scope="openid read")
    api = machine()
    assert api.post(f"clients/{conf_client.client_id}/revoke-access").json()["status"] == "active"
    answer = Browser().get("/userinfo", HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    assert answer.status_code == 401
    assert last_event().detail == {"reason": "client_tokens_ended"}


def test_profile_explains_and_redirect_uri_is_matched(machine, web):
    api = machine()
    told = api.get(f"clients/{web.client_id}/profile").json()
    assert told["profile"] == "web"
    assert {"name", "title", "value", "profile_value", "deviates"} == told["implied"][0].keys()
    assert told["deviations"] == []
    assert "native" not in told["targets"]
    match = f"clients/{web.client_id}/match-redirect-uri"
    assert api.post(match, {"redirect_uri": "https://notes.example/cb"}).json() == {"matches": True, "corrected": None}
    assert api.post(match, {"redirect_uri": "http://notes.example/cb"}).json() == {
        "matches": False,
        "corrected": "https://notes.example/cb",
    }


def test_client_whose_id_is_an_address_has_one_here(machine, web):
    client_id = "https://app.example/client.json"
    web.application.client_id = client_id
    web.application.save()
    api = machine()
    (found,) = api.get(f"clients?client_id={client_id}").json()["results"]
    assert found["client_id"] == client_id
    assert api.get(found["url"]).json()["client_id"] == client_id
    assert api.post(f"{found['url']}/suspend").json()["status"] == "suspended"
    problem(api.get("clients/~%%%"), 404)
    problem(api.get("clients/~AA"), 404)


def test_both_forms_of_an_address_are_served(machine, web):
    api = machine()
    assert api.get("clients/").json() == api.get("clients").json()
    assert api.get(f"clients/{web.client_id}/").status_code == 200

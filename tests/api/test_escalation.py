"""Whoever may manage clients does not become more than they are by one of them."""

from __future__ import annotations

from django.contrib.auth.models import Permission

from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.scopes import Scope
from tests.api.conftest import SCOPES, Api, problem
from tests.flow import Registered, machine_token

WRITE, READ, SECRETS = "oauth:clients.write", "oauth:clients.read", "oauth:secrets.write"
MACHINE = {"name": "More", "profile": "machine"}


def every_permission():
    return Permission.objects.filter(content_type__app_label="oauth_provider").values_list("codename", flat=True)


def made(response):
    assert response.status_code == 201, response.content
    return response.json()


def test_machine_gives_only_api_scopes_that_it_has(machine):
    api = machine(WRITE)
    body = problem(api.post("clients", {**MACHINE, "scopes": [WRITE, SECRETS, "read"]}), 403, "permission_denied")
    assert SECRETS in body["detail"]
    assert WRITE not in body["detail"]
    assert not AuditEvent.objects.filter(event="client_registered", detail__source="api").exists()
    assert made(api.post("clients", {**MACHINE, "scopes": [WRITE, "read"]}))["scopes"] == [WRITE, "read"]


def test_every_scope_never_includes_this_api(machine):
    api = machine(WRITE, READ)
    client = made(api.post("clients", {**MACHINE, "scopes": ["*"]}))
    row = Client.objects.named(client["client_id"])
    problem(machine_of(row, client["client_secret"]).get("clients"), 403, "permission_denied")


def machine_of(row, secret):
    return Api(machine_token(Registered(row, secret), scope=" ".join(SCOPES)).json()["access_token"])


def test_scope_that_implies_one_of_this_api_is_one(machine, settings):
    boss = Scope("boss", "Everything", implies=(SECRETS,))
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "SCOPES": {**settings.OAUTH_PROVIDER["SCOPES"], "boss": boss},
    }
    problem(machine(WRITE).post("clients", {**MACHINE, "scopes": ["boss"]}), 403, "permission_denied")
    assert made(machine(WRITE, SECRETS).post("clients", {**MACHINE, "scopes": ["boss"]}))


def test_machine_adds_no_scope_to_itself(machine):
    api = machine(WRITE)
    wanted = {"scopes": [WRITE, READ]}
    problem(api.patch(f"clients/{api.row.client_id}", wanted), 403, "permission_denied")
    api.row.refresh_from_db()
    assert api.row.allowed_scopes == [WRITE]


def test_person_who_may_only_register_makes_no_machine_that_may_more(person, staff):
    """A machine has no permissions that bound it: the person must hold all that its scope stands for."""
    wanted = {**MACHINE, "scopes": [WRITE], "draft": True}
    problem(person(staff("add_client")).post("clients", wanted), 403, "permission_denied")
    assert made(person(staff(*every_permission())).post("clients", wanted))


def test_person_who_may_not_approve_registers_drafts(person, staff):
    api = person(staff("add_client"))
    body = problem(api.post("clients", MACHINE), 403, "permission_denied")
    assert "approve_client" in body["detail"]
    assert made(api.post("clients", {**MACHINE, "draft": True}))["status"] == "draft"


def test_approval_gives_only_what_the_approver_holds(machine, person, staff):
    draft = made(machine().post("clients", {**MACHINE, "scopes": [READ], "draft": True}))
    address = f"{draft['url']}/approve"
    api = machine(WRITE)
    problem(api.post(address, {"scopes": [READ]}), 403, "permission_denied")
    problem(person(staff("approve_client")).post(address, {"scopes": [WRITE]}), 403, "permission_denied")
    assert api.post(address, {"scopes": ["read"]}).status_code == 200


def test_secret_of_a_more_powerful_client_is_not_to_be_had(machine, person, staff):
    strong, api, person_api = machine().row, machine(SECRETS), person(staff("rotate_secret"))
    before = ClientSecret.objects.count()
    problem(api.post(f"clients/{strong.client_id}/secrets", {}), 403, "permission_denied")
    problem(person_api.post(f"clients/{strong.client_id}/secrets", {}), 403, "permission_denied")
    assert ClientSecret.objects.count() == before
    # An equal one is, and so is one that has nothing to do with this API.
    assert api.post(f"clients/{api.row.client_id}/secrets", {}).status_code == 201


def test_more_powerful_client_is_not_changed(machine):
    strong = machine().row
    api = machine(WRITE)
    for wanted in ({"name": "Mine"}, {"scopes": ["read"]}, {}):
        problem(api.patch(f"clients/{strong.client_id}", wanted), 403, "permission_denied")
    # What ends power is open to everybody who may do it.
    assert api.post(f"clients/{strong.client_id}/suspend").status_code == 200


def test_first_party_client_gets_no_scope_of_this_api(machine):
    """Nobody is asked about it, so it would act with the permissions of whoever is led to it."""
    wanted = {"name": "Ours", "profile": "first_party", "redirect_uris": ["https://ours.example/cb"]}
    api = machine()
    problem(api.post("clients", {**wanted, "scopes": [READ]}), 403, "permission_denied")
    ours = made(api.post("clients", {**wanted, "scopes": ["read"]}))
    problem(api.patch(ours["url"], {"scopes": ["read", READ]}), 403, "permission_denied")


def test_archived_draft_does_not_come_back_approved_without_the_right_to(person, staff, machine):
    draft = made(machine().post("clients", {**MACHINE, "scopes": ["read"], "draft": True}))
    api = person(staff("suspend_client"))
    assert api.post(f"{draft['url']}/archive").status_code == 200
    problem(api.post(f"{draft['url']}/restore"), 403, "permission_denied")
    problem(api.post(f"{draft['url']}/reactivate"), 409)


def test_service_account_cannot_be_named_at_all(machine, admin_user):
    wanted = {**MACHINE, "service_account": admin_user.get_username()}
    body = problem(machine().post("clients", wanted), 400)
    assert body["errors"].keys() == {"service_account"}

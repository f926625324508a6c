"""Status, profiles and drift: what `clients.toml` says of them, and what it leaves to people."""

from __future__ import annotations

import json

import pytest

from oauth_provider.clients import status
from oauth_provider.models import AuditEvent
from tests.commands.clients_file import FIRST, JOB, SHOP, named, refused, token
from tests.flow import machine_token

pytestmark = pytest.mark.django_db


def test_status_in_the_file_is_felt_on_the_wire(clients):
    for wanted, answer in (
        ("draft", 400), ("active", 200), ("suspended", 401), ("active", 200), ("archived", 401),
        ("suspended", 401), ("archived", 401), ("active", 200),
    ):  # fmt: skip
        text = JOB + f'status = "{wanted}"\n'
        said, code = clients("apply", text)
        assert code == 0, said
        assert (named("billing").status, token("billing", FIRST)) == (wanted, answer)
        assert clients("plan", text)[1] == 0


def test_what_was_approved_is_no_draft_again(clients):
    clients("apply", JOB)
    said = refused(clients, "plan", JOB + 'status = "draft"\n')
    assert "clients.billing.status: what is active does not become draft again" in said


def test_approval_by_file_gives_the_scopes_of_the_file(clients):
    clients("apply", SHOP + 'status = "draft"\n')
    clients("apply", SHOP.replace('["openid", "read"]', '["read"]') + 'status = "active"\n')
    assert (named("shop").status, named("shop").allowed_scopes) == ("active", ["read"])
    assert AuditEvent.objects.get(event="client_approved").actor == "oauth_clients"


def test_a_suspension_by_hand_outlives_the_nightly_apply(clients):
    clients("apply", JOB)
    status.suspend(named("billing"))
    said, code = clients("apply", JOB)
    assert "    note: it is suspended here and the file does not say what it should be: that stays" in said
    assert code == 0
    assert token("billing", FIRST) == 401
    assert clients("plan", JOB)[1] == 0


def test_a_client_that_left_the_file_is_drift_and_archived_only_when_told(clients, machine_client):
    clients("apply", SHOP + JOB)
    said, code = clients("plan", SHOP)
    assert '! billing "Nightly billing" was made by a file and is not in this one: stays; --prune archives it' in said
    assert code == 2
    assert clients("apply", SHOP)[1] == 0
    assert token("billing", FIRST) == 200
    assert json.loads(clients("plan", SHOP, "--json")[0])["drift"] == [
        {"client_id": "billing", "name": "Nightly billing", "archived": False}
    ]
    assert "will be archived" in clients("apply", SHOP, "--prune")[0]
    assert (named("billing").status, token("billing", FIRST)) == ("archived", 401)
    # Made elsewhere: no business of this file.
    assert machine_token(machine_client).status_code == 200
    assert clients("plan", SHOP)[1] == 0


def test_a_profile_changes_by_a_move(clients, public_client):
    uris = [*public_client.row.redirect_uris]
    text = f"""
    [clients.{public_client.client_id}]
    name = "Notes for Desktop"
    profile = "spa"
    redirect_uris = ["{uris[1]}"]
    origins = ["https://pub.example"]
    scopes = ["openid", "read", "write"]
    """
    said, code = clients("plan", text)
    assert code == 2
    assert "    profile: native → spa" in said
    assert "Access tokens live 600 seconds." in said
    clients("apply", text)
    assert named(public_client.client_id).profile == "spa"
    assert AuditEvent.objects.filter(event="client_changed", detail__to="spa").exists()
    assert clients("plan", text)[1] == 0


def test_a_move_may_bring_the_redirect_uri_it_needs(clients):
    native = '[clients.app]\nprofile = "native"\nredirect_uris = ["com.example.app:/cb"]\n'
    clients("apply", native)
    spa = '[clients.app]\nprofile = "spa"\nredirect_uris = ["https://app.example/cb"]\n'
    clients("apply", spa)
    assert (named("app").profile, named("app").redirect_uris) == ("spa", ("https://app.example/cb",))
    assert clients("plan", spa)[1] == 0
    clients("apply", native)
    assert (named("app").profile, named("app").redirect_uris) == ("native", ("com.example.app:/cb",))


def test_a_move_that_leads_nowhere_is_an_error(clients):
    clients("apply", SHOP + JOB)
    machine = SHOP.replace('"web"', '"machine"').replace('["https://shop.example/cb"]', "[]")
    said = refused(clients, "apply", machine + JOB)
    assert "clients.shop.profile: this client is web and cannot become machine" in said
    spa = SHOP.replace('"web"', '"spa"')
    assert "clients.shop.profile: this client is web and cannot become spa" in refused(clients, "apply", spa + JOB)


def test_a_public_client_does_not_become_confidential(clients):
    clients("apply", '[clients.tv]\nprofile = "device"\n')
    said = refused(clients, "plan", '[clients.tv]\nprofile = "device"\nauth_method = ""\n')
    assert "clients.tv.auth_method: A public client cannot become confidential" in said


def test_json_says_what_the_text_says(clients):
    clients("apply", SHOP)
    text = SHOP.replace('"Shop"', '"Better"') + 'status = "suspended"\n' + JOB
    found = json.loads(clients("plan", text, "--json")[0])
    assert found["difference"] is True
    shop, billing = found["clients"]
    assert (shop["action"], shop["fields"], shop["status_steps"]) == (
        "change", {"name": {"before": "Shop", "after": "Better"}}, ["suspend"],
    )  # fmt: skip
    assert (billing["action"], billing["secrets"]["added"]) == ("create", ["AAAA"])
    assert billing["fields"]["profile"] == {"before": None, "after": "machine"}

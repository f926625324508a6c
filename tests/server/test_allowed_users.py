"""Who may use a client: asked when a person would let it in, and at each refresh."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from oauth_provider.clients import approval, change
from oauth_provider.models import AuditEvent, Client, ClientOwner, Grant
from tests.flow import Flow, Registered, machine_token, post_form, query_of, refresh, userinfo

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def only_alice(*, client: Client, user: Any) -> bool:
    del client
    return bool(user.username == "alice")


def broken(*, client: Client, user: Any) -> bool:
    raise RuntimeError(client, user)


@pytest.fixture(autouse=True)
def _functions(settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "ALLOWED_USERS_FUNCTIONS": {"alice": f"{__name__}.only_alice", "broken": f"{__name__}.broken"},
    }


@pytest.fixture
def bob_flow(bob, client):
    client.force_login(bob)
    return Flow(client)


def restrict(registered: Registered, **wanted: Any) -> None:
    change.change(registered.row, **wanted)


def assert_not_for(flow: Flow, registered: Registered) -> None:
    """The person reads a plain page; its link leads to the client with access_denied."""
    page = flow.authorize(registered)
    assert page.status_code == 403, page.content
    link = re.findall(r'op-button-primary" href="([^"]+)"', page.content.decode())[0].replace("&amp;", "&")
    assert link.startswith(registered.row.redirect_uris[0])
    answer = query_of(link)
    assert (answer["error"], answer["state"], "code" in answer) == ("access_denied", "xyz123", False)


def test_everyone_is_the_default(bob_flow, conf_client):
    assert bob_flow.tokens(conf_client)["access_token"]


def test_groups_let_in_their_members_only(flow, bob_flow, alice, conf_client):
    editors = Group.objects.create(name="editors")
    alice.groups.add(editors)
    restrict(conf_client, allowed_users="groups", allowed_groups=[editors])
    assert flow.tokens(conf_client)["access_token"]
    assert_not_for(bob_flow, conf_client)
    event = AuditEvent.objects.filter(event="authorization_refused").latest("pk")
    assert event.detail["error"] == "access_denied"
    assert "group" in event.detail["cause"]


def test_permission_lets_in_its_holders_only(flow, bob_flow, alice, conf_client):
    alice.user_permissions.add(Permission.objects.get(codename="view_client"))
    restrict(conf_client, allowed_users="permission", allowed_permission="oauth_provider.view_client")
    assert flow.tokens(conf_client)["access_token"]
    assert_not_for(bob_flow, conf_client)


def test_function_of_the_site_decides(flow, bob_flow, conf_client):
    restrict(conf_client, allowed_users="function", allowed_function="alice")
    assert flow.tokens(conf_client)["access_token"]
    assert_not_for(bob_flow, conf_client)


def test_function_that_raises_refuses_everybody_and_is_logged(flow, conf_client, caplog):
    restrict(conf_client, allowed_users="function", allowed_function="broken")
    assert_not_for(flow, conf_client)
    assert "RuntimeError" in caplog.text


def test_function_that_was_taken_from_the_settings_refuses(flow, conf_client, settings):
    restrict(conf_client, allowed_users="function", allowed_function="alice")
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ALLOWED_USERS_FUNCTIONS": {}}
    assert_not_for(flow, conf_client)


def test_owners_only_by_user_or_by_group(flow, bob_flow, bob, alice, conf_client):
    team = Group.objects.create(name="team")
    bob.groups.add(team)
    restrict(conf_client, allowed_users="owners", owners=[alice])
    assert flow.tokens(conf_client)["access_token"]
    assert_not_for(bob_flow, conf_client)
    ClientOwner.objects.create(client=conf_client.row, group=team)
    assert bob_flow.tokens(conf_client)["access_token"]


def test_prompt_none_is_answered_access_denied_without_a_page(bob_flow, conf_client):
    restrict(conf_client, allowed_users="function", allowed_function="alice")
    response = bob_flow.authorize(conf_client, prompt="none")
    assert response.status_code == 303
    assert query_of(response["Location"])["error"] == "access_denied"


def test_who_loses_the_group_loses_the_next_refresh(flow, alice, conf_client, settings):
    """Where the change itself ends nothing; by default it ends everything, see tests/sessions/policy."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SESSION_POLICY": {"groups_changed": "nothing"}}
    editors = Group.objects.create(name="editors")
    alice.groups.add(editors)
    restrict(conf_client, allowed_users="groups", allowed_groups=[editors])
    tokens = flow.tokens(conf_client)
    tokens = refresh(conf_client, tokens["refresh_token"]).json()
    alice.groups.clear()
    response = refresh(conf_client, tokens["refresh_token"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")
    assert "group" in AuditEvent.objects.filter(event="token_refused").latest("pk").detail["cause"]
    # Nothing was spent: who gets the group back goes on.
    alice.groups.add(editors)
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_who_loses_the_group_while_the_page_is_open_allows_nothing(flow, alice, conf_client):
    editors = Group.objects.create(name="editors")
    alice.groups.add(editors)
    restrict(conf_client, allowed_users="groups", allowed_groups=[editors])
    page = flow.authorize(conf_client)
    alice.groups.clear()
    assert "error=access_denied" in flow.decide(page).content.decode()
    assert not Grant.objects.exists()


def test_device_of_another_group_is_told_access_denied(bob_flow, device_client, client):
    restrict(device_client, allowed_users="function", allowed_function="alice")
    started = post_form(client, "/device_authorization", {"client_id": device_client.client_id}).json()
    page = bob_flow.browser.post("/device", {"user_code": started["user_code"]})
    assert page.status_code == 403
    poll = post_form(
        client,
        "/token",
        {"grant_type": DEVICE, "device_code": started["device_code"], "client_id": device_client.client_id},
    )
    assert poll.json()["error"] == "access_denied"


def test_draft_works_for_its_owners_and_for_nobody_else(flow, bob_flow, alice):
    client, secret = Client.objects.register(
        name="Draft", redirect_uris=["https://d.example/cb"], scopes=["read"], owners=[alice], status="draft"
    )
    draft = Registered(client, secret)
    tokens = flow.tokens(draft)
    assert tokens["access_token"]
    assert refresh(draft, tokens["refresh_token"]).status_code == 200
    assert_not_for(bob_flow, draft)
    approval.submit(client, ["read"])
    assert_not_for(bob_flow, draft)
    approval.approve(client, ["read"])
    assert bob_flow.tokens(draft)["access_token"]


def test_machine_gets_no_token_before_it_is_approved(db):
    client, secret = Client.objects.register(name="M", profile="machine", scopes=["read"], status="draft")
    machine = Registered(client, secret)
    response = machine_token(machine)
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")
    approval.approve(client, ["read"])
    assert machine_token(machine).status_code == 200


def test_approval_gives_the_approved_scopes_and_no_others(flow, alice):
    client, secret = Client.objects.register(
        name="D", redirect_uris=["https://d.example/cb"], scopes=["read", "write"], owners=[alice], status="draft"
    )
    approval.submit(client, ["read", "write"])
    approval.approve(client, ["read"])
    answer = query_of(flow.location(Registered(client, secret), scope="write"))
    assert answer["error"] == "invalid_scope"


def test_creator_who_leaves_takes_nothing_along(flow, bob, alice, machine_client):
    """Tokens of a client live on when the staff member who made it, and owns it, is deleted."""
    client, secret = Client.objects.register(
        name="Notes", redirect_uris=["https://n.example/cb"], scopes=["openid", "read"], owners=[bob], actor="bob"
    )
    registered = Registered(client, secret)
    tokens = flow.tokens(registered, scope="openid read")
    bob.delete()
    assert userinfo(tokens["access_token"]).status_code == 200
    assert refresh(registered, tokens["refresh_token"]).status_code == 200
    assert Client.objects.filter(pk=client.pk).exists()
    assert not client.owners.exists()

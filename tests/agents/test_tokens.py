"""`act` (RFC 8693 §4.1) from the client's page to the API: in tokens, at introspection, in `Access`, in the audit."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from django.core.management import call_command
from django.test import Client as Browser

from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.models import AuditEvent, Client
from oauth_provider.resource_server import own
from oauth_provider.testing import as_app
from oauth_provider.tokens import revoke
from tests.admin.filled import base, form_of
from tests.commands.clients_file import run
from tests.flow import Registered, machine_token, post_form, refresh
from tests.register import WEB

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.agents.api")]


@pytest.fixture(params=["jwt", "opaque"])
def helper(request: Any, db: Any) -> Registered:
    return Registered(
        *Client.objects.register(
            name="Helper",
            profile="web",
            redirect_uris=["https://helper.example/cb"],
            scopes=["openid", "read", "write"],
            is_agent=True,
            settings={"token_format": request.param},
        )
    )


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def introspected(token: str, resource_server: Registered) -> dict[str, Any]:
    headers = {"HTTP_AUTHORIZATION": resource_server.basic}
    return post_form(Browser(), "/introspect", {"token": token}, **headers).json()


def test_persons_token_of_an_agent_says_who_acts_and_a_refresh_keeps_it(
    flow: Any, helper: Any, resource_server: Any
) -> None:
    first = flow.tokens(helper, scope="openid read")
    second = refresh(helper, first["refresh_token"]).json()
    for tokens in (first, second):
        access = own.verify(tokens["access_token"])
        assert access.actor == {"sub": helper.client_id}
        assert access.acting == (helper.client_id,)
        assert access.subject != helper.client_id
        assert introspected(tokens["access_token"], resource_server)["act"] == {"sub": helper.client_id}
        if helper.row.token_format == "jwt":
            assert claims_of(tokens["access_token"])["act"] == {"sub": helper.client_id}


def test_app_that_is_no_agent_says_nothing(flow: Any, conf_client: Any, resource_server: Any) -> None:
    token = flow.tokens(conf_client)["access_token"]
    assert "act" not in claims_of(token)
    assert "act" not in introspected(token, resource_server)
    assert (own.verify(token).actor, own.verify(token).acting) == (None, ())
    assert not AuditEvent.objects.filter(detail__has_key="act").exists()


def test_machine_that_is_an_agent_acts_for_nobody(machine_client: Any) -> None:
    machine_client.row.change(is_agent=True)
    token = machine_token(machine_client).json()["access_token"]
    assert "act" not in claims_of(token)
    assert own.verify(token).acting == ()
    assert AuditEvent.objects.get(event="token_issued").detail["act"] == {"sub": machine_client.client_id}


def test_app_said_to_be_an_agent_afterwards_is_one_with_the_tokens_it_has(flow: Any, conf_client: Any) -> None:
    token = flow.tokens(conf_client)["access_token"]
    conf_client.row.change(is_agent=True)
    assert own.verify(token).acting == (conf_client.client_id,)


def test_token_believed_unread_says_what_it_says_and_costs_nothing(
    flow: Any, conf_client: Any, settings: Any, django_assert_num_queries: Any
) -> None:
    conf_client.row.change(is_agent=True)
    token = flow.tokens(conf_client)["access_token"]
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never", "PROCESS_CACHE_SECONDS": 60}
    own.verify(token)
    with django_assert_num_queries(0):
        assert own.verify(token).acting == (conf_client.client_id,)


@pytest.mark.parametrize(
    ("act", "acting"),
    [
        ({"sub": "a"}, ("a",)),
        ({"sub": "a", "act": {"sub": "b", "act": {"sub": "c"}}}, ("a", "b", "c")),
        ({"iss": "https://x.example", "act": {"sub": "b"}}, ("b",)),
        ({"sub": 5, "act": {"sub": "b"}}, ("b",)),
        ({"sub": "a", "act": "b"}, ("a",)),
        ({}, ()),
    ],
)
def test_nested_actors_are_kept_and_told_in_order(client: Any, alice: Any, act: Any, acting: Any) -> None:
    app = as_app(client, user=alice, scopes="write")
    token = signing.sign(claims_of(app.token) | {"act": act}, alg=ACCESS_TOKEN_ALG, typ="at+jwt")
    access = own.verify(token)
    assert (access.actor, access.acting) == (act, acting)


def test_chain_without_end_ends(client: Any, alice: Any) -> None:
    act: dict[str, Any] = {"sub": "first"}
    for number in range(60):
        act = {"sub": f"n{number}", "act": act}
    app = as_app(client, user=alice, scopes="write")
    token = signing.sign(claims_of(app.token) | {"act": act}, alg=ACCESS_TOKEN_ALG, typ="at+jwt")
    assert len(own.verify(token).acting) == 10


@pytest.mark.parametrize("act", ["x", 5, [], None, [{"sub": "a"}]])
def test_C51_act_of_a_form_nobody_writes_is_none(client: Any, alice: Any, act: Any) -> None:
    app = as_app(client, user=alice, scopes="write")
    token = signing.sign(claims_of(app.token) | {"act": act}, alg=ACCESS_TOKEN_ALG, typ="at+jwt")
    assert own.verify(token).actor is None


def test_actor_that_no_column_takes_is_recorded_readably(client: Any, django_user_model: Any) -> None:
    ada = django_user_model.objects.create_user("ada")
    app = as_app(client, user=ada, scopes="write")
    act = {"sub": "a\x00\ud800b" + "c" * 3000, "x": "y", "act": {"sub": "d", "iss": "https://i.example"}}
    token = signing.sign(claims_of(app.token) | {"act": act}, alg=ACCESS_TOKEN_ALG, typ="at+jwt")
    assert client.post("/plain", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    told = AuditEvent.objects.get(event="client_changed").detail["act"]
    assert told == {"sub": "a��b" + "c" * 251, "act": {"sub": "d", "iss": "https://i.example"}}


# ── the audit ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_event_of_an_agents_request_says_so_and_no_event_about_it_does(flow: Any, helper: Any) -> None:
    tokens = flow.tokens(helper, scope="openid read")
    refresh(helper, "op_rt_" + "A" * 49)
    post_form(Browser(), "/token", {"grant_type": "password"}, HTTP_AUTHORIZATION=helper.basic)
    flow.location(helper, "deny", scope="write", prompt="consent")
    post_form(Browser(), "/revoke", {"token": tokens["access_token"]}, HTTP_AUTHORIZATION=helper.basic)
    helper.row.suspend()
    events = AuditEvent.objects.filter(client_id=helper.client_id)
    act = {"sub": helper.client_id}
    own_doing = {event.event for event in events if event.detail.get("act") == act}
    assert {"authorization_issued", "token_issued", "token_refused", "token_revoked", "consent_denied"} <= own_doing
    assert "client_registered" in {event.event for event in events} - own_doing


def test_person_who_takes_access_back_is_not_the_agent(flow: Any, helper: Any, alice: Any) -> None:
    flow.tokens(helper)
    revoke.end_app(alice, helper.row, reason="withdrawn")
    assert "act" not in AuditEvent.objects.get(event="consent_withdrawn").detail


# ── people are told, and everybody who registers clients may say it ─────────────────────────────────────────


def test_consent_page_tells_that_it_acts_by_itself(flow: Any, helper: Any, conf_client: Any) -> None:
    assert "It is an AI agent: it acts by itself" in flow.authorize(helper).content.decode()
    assert "AI agent" not in flow.authorize(conf_client).content.decode()


def test_command_registers_an_agent(db: Any, capsys: Any) -> None:
    wanted = ["--redirect-uri", "https://a.example/cb"]
    call_command("oauth_create_client", "Helper", *wanted, "--agent")
    call_command("oauth_create_client", "Notes", *wanted)
    assert {client.name: client.is_agent for client in Client.objects.all()} == {"Helper": True, "Notes": False}


def test_admin_registers_and_changes_an_agent(client: Any, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_superuser("boss", password="boss"))
    wanted = {"name": "Helper", "profile": "web", "redirect_uris": "https://a.example/cb", "is_agent": "on",
              "auth_method": "", "once": "a" * 32}  # fmt: skip
    assert client.post("/admin/oauth_provider/client/add/", wanted).status_code == 200
    helper = Client.objects.get()
    assert helper.is_agent
    assert "Acts by itself" in client.get(f"/admin/oauth_provider/client/{helper.pk}/change/").content.decode()
    assert client.post(base(helper) + "change/", form_of(client, helper, is_agent=None)).status_code == 302
    assert not Client.objects.get().is_agent
    assert AuditEvent.objects.get(event="client_changed").detail == {"fields": ["is_agent"]}


def test_clients_file_names_an_agent(tmp_path: Any, db: Any) -> None:
    file = tmp_path / "clients.toml"
    table = '[clients.helper]\nprofile = "web"\nredirect_uris = ["https://a.example/cb"]\n'
    file.write_text(table + "is_agent = true\n")
    assert run("apply", file)[1] == 0
    assert Client.objects.get().is_agent
    exported = tmp_path / "exported.toml"
    run("export", exported)
    assert "is_agent = true" in exported.read_text()
    file.write_text(table)
    assert run("apply", file)[1] == 0
    assert not Client.objects.get().is_agent


@pytest.mark.parametrize("member", ["is_agent", "agent", "act"])
def test_client_that_registers_itself_cannot_say_what_it_is(open_registration: Any, member: str) -> None:
    answer = Browser().post("/register", {**WEB, member: True}, content_type="application/json")
    assert answer.status_code == 201
    assert not Client.objects.get().is_agent

"""The requests as each product's library sends them, and what it reads from the answers."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser

from oauth_provider.clients import recipes
from oauth_provider.models import Client
from tests.flow import Flow, Registered, post_form

pytestmark = pytest.mark.django_db
EVERYTHING = "openid profile email groups"


def registered(name: str) -> Registered:
    made = recipes.register(recipes.named(name), address="https://app.example")
    return Registered(made.client, made.secret)


@pytest.fixture
def flow(alice) -> Flow:
    """Alice, who is in the group that each product's configuration makes an administrator, and in another."""
    names = ("grafana-admins", "gitlab-admins", "argocd-admins", "lay-offs")
    alice.groups.set([Group.objects.create(name=name) for name in names])
    flow = Flow()
    flow.browser.force_login(alice)
    return flow


def redeem(flow: Flow, code: str, redirect_uri: str, *, authorization: str = "", **parameters: Any):
    """POST the code with PKCE; `authorization` is what stands in the header."""
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier, **parameters}  # fmt: skip
    return post_form(Browser(), "/token", body, **({"HTTP_AUTHORIZATION": authorization} if authorization else {}))


def claims_of(tokens: dict[str, Any]) -> dict[str, Any]:
    return jwt.decode(tokens["id_token"], options={"verify_signature": False})


def userinfo(tokens: dict[str, Any]) -> dict[str, Any]:
    return Browser().get("/userinfo", HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}").json()


def test_grafana_finds_no_role_in_the_id_token_and_the_groups_in_userinfo(flow):
    client = registered("grafana")
    code = flow.code(client, scope=EVERYTHING)
    tokens = redeem(flow, code, client.row.redirect_uris[0], authorization=client.basic).json()
    assert "groups" not in claims_of(tokens)
    assert userinfo(tokens)["groups"] == ["grafana-admins"]
    assert userinfo(tokens)["preferred_username"] == "alice"
    assert tokens["refresh_token"]


def test_gitlab_names_the_scope_at_the_token_endpoint_too(flow):
    """omniauth_openid_connect does unless it is told otherwise."""
    client = registered("gitlab")
    code = flow.code(client, scope=EVERYTHING, nonce="n-1")
    answer = redeem(flow, code, client.row.redirect_uris[0], authorization=client.basic, scope=EVERYTHING)
    assert answer.status_code == 200, answer.content
    assert claims_of(answer.json())["nonce"] == "n-1"
    assert userinfo(answer.json())["groups"] == ["gitlab-admins"]


@pytest.mark.parametrize("asks_for_claims", [True, False])
def test_nextcloud_finds_people_in_the_id_token(flow, asks_for_claims):
    """Its `claims` parameter names a claim that nobody has, and may be switched off there."""
    client = registered("nextcloud")
    Client.objects.get(pk=client.row.pk).change(told_groups=["lay-offs"])
    wanted = dict.fromkeys(["email", "name", "quota", "groups"])
    claims = {"claims": json.dumps({"id_token": wanted, "userinfo": wanted})} if asks_for_claims else {}
    code = flow.code(client, scope=EVERYTHING, **claims)
    answer = redeem(flow, code, client.row.redirect_uris[0], client_id=client.client_id, client_secret=client.secret)
    found = claims_of(answer.json())
    assert (found["email"], found["groups"]) == ("alice@people.example", ["lay-offs"])
    assert "quota" not in found


def test_argo_cd_finds_groups_in_the_id_token_of_both_its_clients(flow):
    client = registered("argocd")
    code = flow.code(client, scope=EVERYTHING)
    tokens = redeem(flow, code, client.row.redirect_uris[0], authorization=client.basic).json()
    assert claims_of(tokens)["groups"] == ["argocd-admins"]


def test_argo_cds_command_line_first_tries_an_empty_secret_and_the_code_lives_through_it(flow):
    """golang.org/x/oauth2 finds out how to authenticate: in the header, and where that is refused in the body."""
    registered("argocd")
    row = Client.objects.select_related("application").get(profile="native")
    command_line = Registered(row, None)
    code = flow.code(command_line, scope=EVERYTHING, access_type="offline")
    empty = "Basic " + base64.b64encode(f"{row.client_id}:".encode()).decode()
    assert redeem(flow, code, row.redirect_uris[0], authorization=empty).status_code == 401
    answer = redeem(flow, code, row.redirect_uris[0], client_id=row.client_id)
    assert answer.status_code == 200, answer.content
    assert claims_of(answer.json())["groups"] == ["argocd-admins"]
    assert claims_of(answer.json())["email"] == "alice@people.example"

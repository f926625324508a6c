"""Dynamic registration over the wire: who may, what comes of it, and what it does not give (RFC 7591)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.clients import initial_access
from oauth_provider.models import AuditEvent, Client, ClientOrigin, ClientSecret, InitialAccessToken
from tests.flow import machine_token, post_form, refresh, userinfo
from tests.register import DEVICE, MACHINE, NATIVE, WEB, client_of, delete, get, post, put, registered

pytestmark = pytest.mark.django_db


def make_token(**changes) -> str:
    wanted = {"note": "Acme", "expires_at": timezone.now() + timedelta(hours=1), **changes}
    return initial_access.make(**wanted)[1]


# Switched at the door


@pytest.mark.parametrize("path", ["/register", "/register/", "/register/c_0123"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
def test_off_nothing_is_found_and_nothing_announced(db, path, method):
    assert getattr(Browser(), method)(path).status_code == 404
    assert "registration_endpoint" not in Browser().get("/.well-known/openid-configuration").json()


@pytest.mark.parametrize("value", ["On", "", None, True])
def test_a_setting_that_says_something_else_is_off(db, settings, value):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DYNAMIC_REGISTRATION": value}
    assert post(WEB).status_code == 404


def test_switched_off_again_a_registered_client_goes_on_and_its_token_finds_nothing(open_registration, settings, flow):
    answer = registered()
    flow.tokens(client_of(answer))
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DYNAMIC_REGISTRATION": "off"}
    assert get(answer).status_code == 404
    assert flow.tokens(client_of(answer))["access_token"]


@pytest.mark.parametrize("how", ["open_registration", "token_registration"])
def test_metadata_names_the_endpoint_while_it_is_on(request, how):
    request.getfixturevalue(how)
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        assert Browser().get(path).json()["registration_endpoint"] == "https://provider.example/register"


# By anybody


def test_open_registration_makes_a_client_people_can_use(open_registration, flow):
    answer = registered()
    tokens = flow.tokens(client_of(answer), scope="openid read")
    assert userinfo(tokens["access_token"]).status_code == 200
    assert refresh(client_of(answer), tokens["refresh_token"]).status_code == 200


def test_public_client_gets_no_secret_and_works_with_PKCE(open_registration, flow):
    answer = registered(NATIVE)
    assert not {"client_secret", "client_secret_expires_at"} & set(answer)
    assert ClientSecret.objects.count() == 0
    tokens = flow.tokens(client_of(answer), scope="openid read")
    assert refresh(client_of(answer), tokens["refresh_token"]).status_code == 200


def test_device_registers_and_is_allowed(open_registration, flow):
    client = client_of(registered(DEVICE))
    form = {"client_id": client.client_id, "scope": "read"}
    started = post_form(Browser(), "/device_authorization", form).json()
    flow.browser.post("/device", {"user_code": started["user_code"]})
    flow.browser.post("/device", {"user_code": started["user_code"], "decision": "allow"})
    grant_type = "urn:ietf:params:oauth:grant-type:device_code"
    polled = {"grant_type": grant_type, "device_code": started["device_code"], "client_id": client.client_id}
    assert post_form(Browser(), "/token", polled).json()["scope"] == "read"
    assert Client.objects.get().unconfirmed_until is None


def test_credentials_are_digests_at_rest(open_registration):
    answer = registered()
    client = Client.objects.get()
    assert client.registration_token_digest == credentials.digest(answer["registration_access_token"])
    assert ClientSecret.objects.get().digest == credentials.digest(answer["client_secret"])
    for value in (answer["registration_access_token"], answer["client_secret"]):
        assert value not in str(list(Client.objects.values())) + str(list(ClientSecret.objects.values()))


def test_unconfirmed_until_the_first_person_allows_it_and_told_only_then(open_registration, flow, alice):
    client = client_of(registered())
    lasts = client.row.unconfirmed_until - timezone.now()
    assert timedelta(hours=23) < lasts < timedelta(hours=25)
    assert AuditEvent.objects.count() == 0
    flow.location(client, "deny")
    client.row.refresh_from_db()
    assert client.row.unconfirmed_until is not None
    flow.tokens(client)
    client.row.refresh_from_db()
    assert client.row.unconfirmed_until is None
    event = AuditEvent.objects.get(event="client_confirmed")
    assert (event.client_id, event.user_id) == (client.client_id, str(alice.pk))
    flow.tokens(client, prompt="consent")
    assert AuditEvent.objects.filter(event="client_confirmed").count() == 1
    assert AuditEvent.objects.filter(event="client_registered").count() == 0


def test_consent_of_a_self_registered_public_client_is_asked_each_time(open_registration, flow):
    client = client_of(registered({**NATIVE, "redirect_uris": ["https://agent.example/cb"]}))
    flow.tokens(client)
    assert flow.authorize(client).status_code == 200


def test_person_is_told_that_it_registered_itself(open_registration, flow):
    assert "it registered itself" in flow.authorize(client_of(registered())).content.decode()


def test_machine_is_not_registered_without_a_token(open_registration):
    response = post(MACHINE)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    assert Client.objects.count() == 0


def test_a_token_that_is_no_good_is_refused_also_where_none_is_needed(open_registration):
    for token in ("x", "op_ia_" + "0" * 49, make_token()[:-1] + "_"):
        response = post(WEB, token)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert Client.objects.count() == 0


# With an initial access token


def test_with_a_token_the_client_is_confirmed_owned_and_told_at_once(token_registration, initial_access_token, bob):
    answer = registered(WEB, initial_access_token)
    client = client_of(answer).row
    assert client.unconfirmed_until is None
    assert [owner.user for owner in client.owners.all()] == [bob]
    event = AuditEvent.objects.get(event="client_registered")
    assert (event.client_id, event.actor) == (client.client_id, "initial access token: Acme")
    assert event.detail == {"profile": "web", "source": "dynamic", "status": "active"}
    assert event.address == "127.0.0.1"


def test_without_a_token_registration_is_refused_with_a_plain_challenge(token_registration):
    response = post(WEB)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert response["WWW-Authenticate"] == 'Bearer realm="registration"'
    assert AuditEvent.objects.count() == 0


def test_token_is_good_for_its_uses_and_a_refused_document_costs_none(token_registration, initial_access_token):
    for wrong in ({**WEB, "redirect_uris": ["http://x.example"]}, {**WEB, "contacts": ["nobody"]}, "no JSON"):
        assert post(wrong, initial_access_token).status_code == 400
    assert InitialAccessToken.objects.get().uses_left == 2
    for _ in range(2):
        registered(WEB, initial_access_token)
    response = post(WEB, initial_access_token)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in response["WWW-Authenticate"]
    assert Client.objects.count() == 2


def test_expired_and_revoked_tokens_are_refused(token_registration):
    expired, revoked = make_token(), make_token()
    InitialAccessToken.objects.filter(digest=credentials.digest(expired)).update(expires_at=timezone.now())
    initial_access.revoke(InitialAccessToken.objects.get(digest=credentials.digest(revoked)))
    assert {post(WEB, token).status_code for token in (expired, revoked)} == {401}


def test_machine_is_registered_with_a_token_and_gets_its_tokens(token_registration, initial_access_token):
    client = client_of(registered(MACHINE, initial_access_token))
    assert client.row.profile == "machine"
    assert machine_token(client, scope="read").json()["scope"] == "read"


def test_initial_access_token_opens_nothing_else(token_registration, initial_access_token):
    answer = registered(WEB, initial_access_token)
    assert userinfo(initial_access_token).status_code == 401
    assert get(answer, initial_access_token).status_code == 401
    assert delete(answer, initial_access_token).status_code == 401


# Scopes


@pytest.mark.parametrize(
    ("configured", "of_token", "asked", "got"),
    [
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, None, None, "openid read"),
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, None, "read", "read"),
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, None, "read offline_access", "read"),
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, None, "read write", None),
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, None, "unknown", None),
        ({"REGISTRATION_SCOPES": [], "DEFAULT_SCOPES": ["write"]}, None, None, "openid write"),
        ({"REGISTRATION_SCOPES": []}, None, None, "openid"),
        ({"REGISTRATION_SCOPES": ["read", "gone"]}, None, None, "read"),
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, ["write"], None, "write"),
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, ["write"], "read", None),
        ({"REGISTRATION_SCOPES": ["openid", "read"]}, [], "read", "read"),
    ],
)
@pytest.mark.usefixtures("open_registration")
def test_scopes_stay_within_the_site_s_or_the_token_s(settings, configured, of_token, asked, got):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **configured}
    token = None if of_token is None else make_token(scopes=of_token)
    response = post({**WEB, "scope": asked}, token)
    if got is None:
        assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
        assert Client.objects.count() == 0
    else:
        assert response.json()["scope"] == got
        assert Client.objects.get().allowed_scopes == got.split()


def test_default_scopes_are_those_it_may_have(open_registration, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DEFAULT_SCOPES": ["read", "write"]}
    registered()
    assert Client.objects.get().default_scopes == ["read"]


def test_client_may_ask_tokens_for_every_declared_resource(open_registration, settings, flow):
    resources = {"https://a.example/mcp": "A", "https://b.example/mcp": "B"}
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": resources}
    client = client_of(registered(NATIVE))
    assert client.row.resources == list(resources)
    code = flow.code(client, resource="https://b.example/mcp")
    assert flow.redeem(client, code, resource="https://b.example/mcp").status_code == 200


# Browsers


def test_agent_in_a_browser_registers_and_gets_tokens_from_its_own_page(open_registration, flow):
    page = "http://localhost:6274"
    document = {**NATIVE, "redirect_uris": [f"{page}/oauth/callback"]}
    response = post(document, HTTP_ORIGIN=page)
    assert response["Access-Control-Allow-Origin"] == page
    client = client_of(response.json())
    assert ClientOrigin.objects.of(client.row) == [page]
    code = flow.code(client)
    form = {
        "grant_type": "authorization_code", "code": code, "client_id": client.client_id,
        "redirect_uri": f"{page}/oauth/callback", "code_verifier": flow.verifier,
    }  # fmt: skip
    redeemed = post_form(Browser(), "/token", form, HTTP_ORIGIN=page)
    assert (redeemed.status_code, redeemed["Access-Control-Allow-Origin"]) == (200, page)


def test_client_with_a_secret_registers_no_origin(open_registration):
    assert ClientOrigin.objects.of(client_of(registered()).row) == []


# Wire


@pytest.mark.parametrize("path", ["/register", "/register/"])
def test_answer_is_kept_by_no_cache_and_its_addresses_are_the_issuer_s(open_registration, path):
    response = Browser().post(path, "{}", content_type="application/json", HTTP_HOST="localhost")
    assert response.status_code == 400
    response = post(WEB, HTTP_HOST="localhost")
    assert response["Cache-Control"] == "no-store"
    answer = response.json()
    assert answer["registration_client_uri"] == f"https://provider.example/register/{answer['client_id']}"


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options"])
def test_only_post_registers(open_registration, method):
    response = getattr(Browser(), method)("/register")
    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""]
)
def test_only_json_is_read(open_registration, content_type):
    response = post('{"redirect_uris": ["https://c.example/cb"]}', content_type=content_type)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")


def test_json_with_its_parameters_is_read(open_registration):
    registered(WEB, content_type="application/json; charset=utf-8")


def test_a_name_that_is_left_out_is_the_client_id(open_registration, flow):
    answer = registered({**WEB, "client_name": None})
    assert "client_name" not in answer
    assert answer["client_id"] in flow.authorize(client_of(answer)).content.decode()


def test_page_says_nothing_more_of_a_name_in_another_language(open_registration):
    answer = registered({**WEB, "client_name#de": "Notizen", "client_name#ja-Jpan-JP": "メモ"})
    assert (answer["client_name"], [name for name in answer if "#" in name]) == ("Notes for Web", [])


def test_registration_costs_few_statements(open_registration, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        registered()


def test_change_answers_a_new_token_once_and_no_secret(open_registration):
    answer = registered()
    changed = put(answer, client_name="Notes").json()
    assert changed["registration_access_token"] != answer["registration_access_token"]
    assert "client_secret" not in changed
    assert get(answer).status_code == 401
    assert get(changed).json()["client_name"] == "Notes"

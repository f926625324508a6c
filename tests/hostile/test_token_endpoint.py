"""Token requests no honest client sends."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider.models import AuditEvent, AuthorizationCode, Client, ClientSecret, Grant, RefreshToken, Subject
from oauth_provider.values import Event
from tests.flow import Registered, machine_token, post_form, query_of, refresh, userinfo
from tests.hostile.expect import assert_redirected, assert_refused, query, rows

pytestmark = pytest.mark.django_db


def _basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def _redeem_form(flow, client, code) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.row.redirect_uris[0],
        "code_verifier": flow.verifier,
        "client_id": client.client_id,
        "client_secret": client.secret,
    }


def test_C22_same_code_sixteen_times_gives_one_answer(flow, conf_client):
    form = _redeem_form(flow, conf_client, flow.code(conf_client))
    responses = [post_form(Browser(), "/token", form) for _ in range(16)]
    assert sorted(response.status_code for response in responses) == [200] + [400] * 15
    assert {response.json()["error"] for response in responses if response.status_code == 400} == {"invalid_grant"}
    assert rows() == (1, 1, 1, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="threads share no SQLite database in memory; see tests/parallel"
)
def test_C22_same_code_in_sixteen_threads_gives_one_answer(flow, conf_client):
    form = _redeem_form(flow, conf_client, flow.code(conf_client))

    def post(_number: int):
        try:
            return post_form(Browser(), "/token", form)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(post, range(16)))
    assert sorted(response.status_code for response in responses) == [200] + [400] * 15
    assert rows() == (1, 1, 1, 0)


def test_C23_AS8_replayed_code_ends_the_first_tokens(flow, conf_client):
    code = flow.code(conf_client, scope="openid read")
    tokens = flow.redeem(conf_client, code).json()
    assert userinfo(tokens["access_token"]).status_code == 200
    assert_refused(flow.redeem(conf_client, code), "invalid_grant")
    assert userinfo(tokens["access_token"]).status_code == 401
    assert_refused(refresh(conf_client, tokens["refresh_token"]), "invalid_grant")
    assert Grant.objects.get().revoked_reason == "authorization_code_reuse"
    assert AuditEvent.objects.filter(event=Event.REUSE_DETECTED).count() == 1


def test_C24_AS8_code_of_another_client_is_refused_and_not_spent(flow, conf_client, public_client):
    code = flow.code(conf_client)
    stolen = flow.redeem(public_client, code, redirect_uri="https://c.example/cb")
    assert_refused(stolen, "invalid_grant")
    assert AuthorizationCode.objects.get().consumed_at is None
    assert flow.redeem(conf_client, code).status_code == 200


def test_C24_client_id_in_the_body_is_not_the_one_in_the_header(flow, conf_client, public_client):
    form = {**_redeem_form(flow, conf_client, flow.code(conf_client)), "client_id": public_client.client_id}
    form.pop("client_secret")
    assert_refused(post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=conf_client.basic), "invalid_request")


@pytest.mark.parametrize("verifier", [None, "a" * 42, "a" * 43, "a" * 129, "é" * 43, "a" * 42 + " ", "a" * 42 + "\n"])
def test_C25_AS6_missing_or_wrong_verifier_is_refused_and_nothing_is_spent(flow, conf_client, verifier):
    code = flow.code(conf_client)
    assert_refused(flow.redeem(conf_client, code, code_verifier=verifier), "invalid_grant")
    assert AuthorizationCode.objects.get().consumed_at is None
    assert rows() == (1, 1, 0, 0)
    assert flow.redeem(conf_client, code).status_code == 200


def test_C25_AS6_verifier_for_a_code_without_challenge_is_refused(flow, conf_client):
    conf_client.row.profile, conf_client.row.require_pkce = "legacy", False
    conf_client.row.save()
    code = flow.code(conf_client, code_challenge=None, code_challenge_method=None)
    assert_refused(flow.redeem(conf_client, code), "invalid_grant")
    # RFC 6749 §4.1.3: without PKCE the redirect URI must be there.
    assert_refused(flow.redeem(conf_client, code, code_verifier=None, redirect_uri=None), "invalid_grant")
    assert flow.redeem(conf_client, code, code_verifier=None).status_code == 200


@pytest.mark.parametrize("header_secret", ["wrong", None])
def test_C26_CA2_secret_in_header_and_body_is_refused_even_when_one_is_right(machine_client, header_secret):
    header = _basic(machine_client.client_id, header_secret or str(machine_client.secret))
    form = {
        "grant_type": "client_credentials",
        "client_id": machine_client.client_id,
        "client_secret": machine_client.secret,
    }
    assert_refused(post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=header), "invalid_request")


@pytest.mark.parametrize("order", [("wrong", ""), ("", "wrong")])
def test_C26_AS26_two_secrets_are_refused(machine_client, order):
    secrets = [("client_secret", value or str(machine_client.secret)) for value in order]
    body = query(("grant_type", "client_credentials"), ("client_id", machine_client.client_id), *secrets)
    assert_refused(post_form(Browser(), "/token", body), "invalid_request")


@pytest.mark.parametrize(("registered", "sent"), [("client_secret_basic", "post"), ("client_secret_post", "basic")])
def test_CA2_client_that_names_its_method_is_held_to_it(machine_client, registered, sent):
    machine_client.row.auth_method = registered
    machine_client.row.save()
    form = {"grant_type": "client_credentials"}
    body = {**form, "client_id": machine_client.client_id, "client_secret": machine_client.secret}
    responses = {
        "post": post_form(Browser(), "/token", body),
        "basic": post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=machine_client.basic),
    }
    assert_refused(responses.pop(sent), "invalid_client", status=401)
    assert next(iter(responses.values())).status_code == 200


def test_C27_CA3_guessing_ends_in_429_and_the_right_secret_still_works(machine_client):
    form = {"grant_type": "client_credentials"}
    header = _basic(machine_client.client_id, "wrong")
    # A new minute may begin in between; two minutes hold at most 40 failures without an answer 429.
    for _ in range(41):
        response = post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=header)
        if response.status_code == 429:
            break
        assert_refused(response, "invalid_client", status=401)
    assert_refused(response, "invalid_client", status=429)
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["WWW-Authenticate"].startswith("Basic")
    assert machine_token(machine_client).status_code == 200


@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect", "/device_authorization"])
def test_CA3_guessing_is_limited_at_every_endpoint(machine_client, path):
    header = _basic(machine_client.client_id, "wrong")
    form = {"token": "x", "grant_type": "client_credentials"}
    statuses = [post_form(Browser(), path, form, HTTP_AUTHORIZATION=header).status_code for _ in range(41)]
    assert set(statuses) == {401, 429}


def test_C28_blank_secret_is_no_secret(machine_client):
    form = {"grant_type": "client_credentials", "client_id": machine_client.client_id, "client_secret": ""}
    assert_refused(post_form(Browser(), "/token", form), "invalid_client", status=401)
    header = _basic(machine_client.client_id, "")
    response = post_form(Browser(), "/token", {"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=header)
    assert_refused(response, "invalid_client", status=401)


def test_C28_blank_secret_cannot_be_stored(machine_client):
    for blank in ({"digest": "", "hint": "abcd"}, {"digest": "a" * 64, "hint": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClientSecret.objects.create(client=machine_client.row, **blank)


def test_C28_secret_left_by_the_toolkit_in_the_application_is_not_ours(machine_client):
    application = machine_client.row.application
    application.client_secret, application.hash_client_secret = "known-to-the-toolkit", False
    application.save()
    header = _basic(machine_client.client_id, "known-to-the-toolkit")
    response = post_form(Browser(), "/token", {"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=header)
    assert_refused(response, "invalid_client", status=401)


def test_C29_unknown_client_and_wrong_secret_look_and_cost_the_same(machine_client):
    found = []
    for client_id in (machine_client.client_id, "c_" + "0" * 24):
        with CaptureQueriesContext(connection) as statements:
            response = post_form(
                Browser(),
                "/token",
                {"grant_type": "client_credentials"},
                HTTP_AUTHORIZATION=_basic(client_id, "op_cs_" + "0" * 49),
            )
        found.append((response.status_code, response.content, response["WWW-Authenticate"], len(statements)))
    assert found[0] == found[1]
    assert found[0][0] == 401


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        ("grant_type=refresh_token&refresh_token=" + "a" * 2_000_000, {413}),
        ("grant_type=authorization_code&code=a%00b", {400}),
        ("&".join(f"a{number}=1" for number in range(5000)), {413}),
        ("&".join(f"a{number}=1" for number in range(101)), {413}),
        ("grant_type=refresh_token&refresh_token=" + "a" * 5000, {400}),
        ("grant_type=%zz", {400}),
        ("grant_type=%ff", {400}),
    ],
)
def test_C30_monstrous_forms_are_refused_before_anybody_looks(machine_client, body, statuses):
    with CaptureQueriesContext(connection) as statements:
        response = post_form(Browser(), "/token", body, HTTP_AUTHORIZATION=machine_client.basic)
    assert response.status_code in statuses
    assert response.json()["error"] == "invalid_request"
    assert len(statements) == 0


@pytest.mark.parametrize("size", [49_000, 100_000])
def test_C37_monstrous_scope_is_refused_before_anybody_looks(machine_client, size):
    with CaptureQueriesContext(connection) as statements:
        response = machine_token(machine_client, scope="a " * (size // 2))
    assert response.status_code in {400, 413}
    assert response.json()["error"] == "invalid_request"
    assert len(statements) == 0


def test_C33_AS12_refresh_asks_for_more_than_was_allowed(flow, conf_client, settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "RESOURCES": {"https://api.example": "API", "https://b.example": "B"},
    }
    conf_client.row.resources = ["https://api.example", "https://b.example"]
    conf_client.row.save()
    tokens = flow.tokens(conf_client, scope="read", resource="https://api.example")
    assert_refused(refresh(conf_client, tokens["refresh_token"], scope="read write"), "invalid_scope")
    assert_refused(refresh(conf_client, tokens["refresh_token"], scope="read nonsense"), "invalid_scope")
    assert_refused(refresh(conf_client, tokens["refresh_token"], resource="https://b.example"), "invalid_target")
    assert_refused(refresh(conf_client, tokens["refresh_token"], resource="https://evil.example"), "invalid_target")
    # Nothing was spent: the client may ask again.
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_C34_narrowed_refresh_keeps_what_was_granted(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="read write")
    narrowed = refresh(conf_client, tokens["refresh_token"], scope="read").json()
    assert narrowed["scope"] == "read"
    assert refresh(conf_client, narrowed["refresh_token"]).json()["scope"] == "read write"


@pytest.mark.parametrize("cause", ["deactivated", "password"])
def test_C35_AS12_nothing_works_after_deactivation_or_a_new_password(flow, conf_client, alice, cause):
    tokens = flow.tokens(conf_client, scope="openid read")
    code = flow.code(conf_client, scope="openid read")
    form = _redeem_form(flow, conf_client, code)
    if cause == "deactivated":
        alice.is_active = False
    else:
        alice.set_password("another-password")
    alice.save()
    assert_refused(refresh(conf_client, tokens["refresh_token"]), "invalid_grant")
    assert_refused(post_form(Browser(), "/token", form), "invalid_grant")
    assert userinfo(tokens["access_token"]).status_code == 401
    assert RefreshToken.objects.count() == 1


def test_C36_machine_grant_is_for_clients_with_a_secret(public_client):
    form = {"grant_type": "client_credentials", "client_id": public_client.client_id}
    assert_refused(post_form(Browser(), "/token", form), "unauthorized_client")
    public_client.row.grant_types = ["client_credentials"]
    public_client.row.save()
    assert_refused(post_form(Browser(), "/token", form), "unauthorized_client")


@pytest.mark.parametrize("scope", ["openid", "introspection", "nonsense", "read openid", "offline_access openid"])
def test_C36_machine_asks_for_a_scope_it_may_not_have(machine_client, scope):
    assert_refused(machine_token(machine_client, scope=scope), "invalid_scope")


def test_AS9_grants_nobody_serves_are_refused(conf_client):
    for grant_type in ("password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "AUTHORIZATION_CODE"):
        form = {"grant_type": grant_type, "username": "alice", "password": "alice-password"}
        response = post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=conf_client.basic)
        assert_refused(response, "unsupported_grant_type")


def test_AS11_C32_replayed_refresh_token_of_a_public_client_ends_the_family(flow, public_client):
    first = flow.tokens(public_client, scope="openid read")
    second = refresh(public_client, first["refresh_token"]).json()
    third = refresh(public_client, second["refresh_token"]).json()
    assert_refused(refresh(public_client, first["refresh_token"]), "invalid_grant")
    assert_refused(refresh(public_client, third["refresh_token"]), "invalid_grant")
    for tokens in (first, second, third):
        assert userinfo(tokens["access_token"]).status_code == 401


def test_C31_C40_repeated_refresh_within_the_leeway_gets_the_same_successor(flow, conf_client):
    first = flow.tokens(conf_client)
    answers = [refresh(conf_client, first["refresh_token"]).json() for _ in range(8)]
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert RefreshToken.objects.count() == 2
    assert refresh(conf_client, answers[0]["refresh_token"]).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(2, 200), (31, 400)])
def test_C40_retry_after_a_lost_answer(flow, conf_client, seconds, status):
    first = flow.tokens(conf_client, scope="openid read")
    second = refresh(conf_client, first["refresh_token"]).json()
    RefreshToken.objects.exclude(rotated_at=None).update(rotated_at=timezone.now() - timedelta(seconds=seconds))
    again = refresh(conf_client, first["refresh_token"])
    assert again.status_code == status
    if status == 200:
        assert again.json()["refresh_token"] == second["refresh_token"]
    else:
        assert_refused(refresh(conf_client, second["refresh_token"]), "invalid_grant")
        assert userinfo(second["access_token"]).status_code == 401


def test_C40_retry_by_another_client_gets_nothing_and_ends_nothing(flow, conf_client, public_client):
    first = flow.tokens(conf_client)
    assert_refused(refresh(public_client, first["refresh_token"]), "invalid_grant")
    assert refresh(conf_client, first["refresh_token"]).status_code == 200


def test_AS12_refresh_token_ends_by_idleness_and_with_its_grant(flow, conf_client):
    tokens = flow.tokens(conf_client)
    RefreshToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_refused(refresh(conf_client, tokens["refresh_token"]), "invalid_grant")
    RefreshToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    Grant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_refused(refresh(conf_client, tokens["refresh_token"]), "invalid_grant")


def test_AS13_client_without_the_refresh_grant_gets_no_refresh_token(flow, conf_client):
    conf_client.row.grant_types = ["authorization_code"]
    conf_client.row.save()
    tokens = flow.tokens(conf_client, scope="read offline_access")
    assert "refresh_token" not in tokens
    assert RefreshToken.objects.count() == 0
    assert_refused(refresh(conf_client, "op_rt_" + "0" * 49), "unauthorized_client")


def test_AS14_no_scope_asked_gives_the_default_ones_never_all(flow, conf_client, public_client):
    assert flow.tokens(conf_client, scope=None)["scope"] == "read"
    assert flow.tokens(public_client, scope=None)["scope"] == ""


def test_AS17_machine_can_be_taken_for_no_person(flow, conf_client, machine_client, resource_server, alice):
    flow.code(conf_client)
    token = machine_token(machine_client).json()["access_token"]
    told = post_form(Browser(), "/introspect", {"token": token}, HTTP_AUTHORIZATION=resource_server.basic).json()
    assert told["sub"] == machine_client.client_id
    assert told["sub"] not in {Subject.objects.get().sub, str(alice.pk), alice.get_username()}


@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect", "/device_authorization"])
@pytest.mark.parametrize("name", ["grant_type", "client_id", "token", "scope", "device_code", "x"])
def test_AS26_parameter_sent_twice_is_refused_everywhere(machine_client, path, name):
    body = query(("grant_type", "client_credentials"), (name, "a"), (name, "a"))
    response = post_form(Browser(), path, body, HTTP_AUTHORIZATION=machine_client.basic)
    assert_refused(response, "invalid_request")


@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect", "/device_authorization"])
def test_AS30_nothing_is_cached_and_only_posts_are_read(machine_client, path):
    for response in (
        post_form(Browser(), path, {}),
        post_form(Browser(), path, {"token": "x"}, HTTP_AUTHORIZATION=machine_client.basic),
        Browser().get(path),
        Browser().post(path, {"a": "b"}, content_type="application/json"),
        Browser().post(f"{path}?client_id={machine_client.client_id}&client_secret={machine_client.secret}"),
    ):
        assert response["Cache-Control"] == "no-store"
        assert response["Content-Type"] == "application/json"
        assert response.status_code in {200, 400, 401, 405}
    assert Browser().get(path)["Allow"] == "POST"


def test_AS30_pages_redirects_and_userinfo_are_not_cached(flow, conf_client):
    page = flow.authorize(conf_client)
    refused = flow.authorize(conf_client, scope="admin")
    tokens = flow.tokens(conf_client, scope="openid read")
    for response in (page, refused, flow.decide(page), userinfo(tokens["access_token"])):
        assert "no-store" in response["Cache-Control"]


def test_suspended_client_gets_and_uses_nothing(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    code = flow.code(conf_client, scope="openid read")
    Client.objects.get(pk=conf_client.row.pk).suspend()
    assert_refused(refresh(conf_client, tokens["refresh_token"]), "invalid_client", status=401)
    assert_refused(flow.redeem(conf_client, code), "invalid_client", status=401)
    assert userinfo(tokens["access_token"]).status_code == 401
    assert flow.authorize(conf_client).status_code == 400


def test_secret_revoked_or_expired_authenticates_nobody(machine_client):
    other, value = ClientSecret.objects.add(machine_client.row, expires_at=timezone.now() - timedelta(seconds=1))
    assert_refused(machine_token(Registered(machine_client.row, value)), "invalid_client", status=401)
    other.revoke()
    ClientSecret.objects.exclude(pk=other.pk).get().revoke()
    assert_refused(machine_token(machine_client), "invalid_client", status=401)


def test_pkce_error_goes_to_the_client_and_leaves_no_row(flow, conf_client):
    answer = assert_redirected(flow.authorize(conf_client, code_challenge="x"), "invalid_request")
    assert query_of("?" + query(*answer.items())) == answer
    assert rows() == (0, 0, 0, 0)

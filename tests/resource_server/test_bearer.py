"""RS1–RS6, RS10, RS12, RS14 and C49–C52: what gets in with a bearer token, and what does not."""

from __future__ import annotations

import base64
import json
import logging
import time
from datetime import timedelta
from typing import Any

import django
import jwt
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG, ID_TOKEN_ALG
from oauth_provider.models import AccessToken, Grant
from oauth_provider.resource_server import bearer
from oauth_provider.testing import as_app
from oauth_provider.tokens import lookup, revoke
from oauth_provider.values import Source
from tests.settings import OAUTH_PROVIDER

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]

ADDRESSES = ["/notes", "/plain"]


def call(client: Any, value: str, address: str = "/notes", scheme: str = "Bearer") -> Any:
    return client.get(address, headers={"Authorization": f"{scheme} {value}"})


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def resign(token: str, *, typ: str = "at+jwt", alg: str = ACCESS_TOKEN_ALG, **changes: Any) -> str:
    """The token's claims, changed, signed by us again; None leaves a claim out."""
    claims = {name: value for name, value in (claims_of(token) | changes).items() if value is not None}
    return signing.sign(claims, alg=alg, typ=typ)


def assert_invalid_token(response: Any, reason: str) -> None:
    assert response.status_code == 401, response.content
    assert response.json()["code"] == "invalid_token"
    assert response.json()["reason"] == reason
    challenge = response.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="api", error="invalid_token", error_description="')


# ── what gets in ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", ["jwt", "opaque"])
@pytest.mark.parametrize("is_machine", [False, True])
def test_live_token_gets_in(make: Any, address: str, kind: str, is_machine: bool) -> None:
    app = make(kind, **({"user": None} if is_machine else {}))
    body = app.get(address).json()
    assert body["kind"] == kind
    assert body["is_machine"] is is_machine
    assert body["person"] == (None if is_machine else "ada")
    assert (body["subject"] == app.app.client_id) is is_machine


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_scheme_is_case_insensitive(make: Any, client: Any, scheme: str) -> None:
    assert call(client, make().token, scheme=scheme).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("scheme", ["Basic", "Token", "Bear"])
def test_other_scheme_is_no_token(make: Any, client: Any, address: str, scheme: str) -> None:
    response = call(client, make().token, address, scheme=scheme)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="api"')
    assert "error=" not in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_DP3_token_that_is_bound_to_no_key_is_no_dpop_token(make: Any, client: Any, address: str) -> None:
    response = call(client, make().token, address, scheme="DPoP")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('DPoP realm="api", error="invalid_token"')


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_AS29_body_of_no_length_is_400_and_not_500(make: Any, client: Any, address: str, method: str) -> None:
    response = client.generic(
        method, address, b"a=b", "application/x-www-form-urlencoded", CONTENT_LENGTH="abc",
        headers={"Authorization": f"Bearer {make().token}"},
    )  # fmt: skip
    if django.VERSION < (6, 1):
        assert (response.status_code, response.json()["reason"]) == (400, "unreadable")
    else:  # Django itself takes it for an empty body, and no view here has an answer to that
        assert response.status_code < 500


# ── statement budgets ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("warm_keys")
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", ["jwt", "opaque"])
@pytest.mark.parametrize("is_machine", [False, True])
def test_bearer_costs_one_statement(
    make: Any, django_assert_num_queries: Any, address: str, kind: str, is_machine: bool
) -> None:
    app = make(kind, **({"user": None} if is_machine else {}))
    app.get(address)
    with django_assert_num_queries(1):
        assert app.get(address).status_code == 200


@pytest.mark.usefixtures("warm_keys")
@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_refusing_for_a_missing_scope_costs_one_statement(make: Any, django_assert_num_queries: Any, kind: str) -> None:
    app = make(kind, scopes="write")
    app.get("/notes")
    with django_assert_num_queries(1):
        assert app.get("/notes").status_code == 403


@pytest.mark.usefixtures("warm_keys")
def test_no_token_and_junk_with_our_prefix_cost_no_statement(client: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/notes")
        call(client, credentials.make(credentials.Kind.ACCESS_TOKEN)[:-1] + "-")
        call(client, "a" * 9000)


# ── RS1: one place, the header ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ADDRESSES)
def test_RS1_C52_token_in_the_query_is_refused(make: Any, client: Any, address: str) -> None:
    response = client.get(f"{address}?access_token={make().token}")
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_request"
    assert 'error="invalid_request"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_RS1_C52_token_in_the_query_is_refused_for_a_session_user_too(
    make: Any, client: Any, boss: Any, address: str
) -> None:
    client.force_login(boss)
    assert client.get(f"/plain?access_token={make().token}").status_code == 400


@pytest.mark.parametrize("address", ["/notes", "/class"])
def test_RS1_C52_token_in_the_body_is_no_token(make: Any, client: Any, address: str) -> None:
    app = make()
    response = client.post(address, f"access_token={app.token}", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 401
    response = client.post(address, {"access_token": app.token}, content_type="application/json")
    assert response.status_code == 401


@pytest.mark.parametrize("address", ADDRESSES)
def test_RS1_C52_header_alice_and_query_bob_is_refused(
    make: Any, client: Any, django_user_model: Any, address: str
) -> None:
    bob = django_user_model.objects.create_user("bob")
    alice_app, bob_app = make(), make(user=bob)
    response = alice_app.get(f"{address}?access_token={bob_app.token}")
    assert response.status_code == 400
    assert response.json()["reason"] == "twice"


@pytest.mark.parametrize("method", ["post", "put"])
def test_RS1_C52_header_and_body_is_refused(make: Any, method: str) -> None:
    app = make()
    response = getattr(app, method)(
        "/notes", f"access_token={app.token}", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 400


@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [("title=hello", "application/x-www-form-urlencoded"), ('{"title": "hello"}', "application/json")],
)
def test_RS1_looking_into_the_body_leaves_it_to_the_view(make: Any, method: str, body: str, content_type: str) -> None:
    assert getattr(make(), method)("/notes", body, content_type=content_type).json()["title"] == "hello"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer    ", "Bearer {0},Bearer {0}", "Bearer {0} {0}"])
def test_RS1_header_without_exactly_one_value_is_refused(make: Any, client: Any, header: str) -> None:
    response = client.get("/notes", headers={"Authorization": header.format(make().token)})
    assert response.status_code == 400
    assert 'error="invalid_request"' in response.headers["WWW-Authenticate"]


# ── RS2: audience ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_RS2_token_for_another_resource_is_refused(make: Any, address: str, kind: str) -> None:
    assert_invalid_token(make(kind, resource="https://elsewhere.example").get(address), "wrong_audience")


def test_RS2_token_for_several_resources_is_for_each(make: Any, client: Any) -> None:
    token = resign(make().token, aud=["https://elsewhere.example", "https://provider.example"])
    assert call(client, token).status_code == 200


@pytest.mark.parametrize("aud", [None, "", [], "https://provider.example/", "HTTPS://provider.example"])
def test_RS2_token_without_this_audience_is_refused(make: Any, client: Any, aud: Any) -> None:
    assert call(client, resign(make().token, aud=aud)).status_code == 401


def test_RS2_plain_view_belongs_to_the_resource_it_names(make: Any, settings: Any) -> None:
    api, files = "https://api.example", "https://files.example"
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"RESOURCES": {api: "API", files: "Files"}}
    assert make(resource=files).get("/files").status_code == 200
    assert_invalid_token(make(resource=api).get("/files"), "wrong_audience")
    with pytest.raises(ImproperlyConfigured):
        make(resource=api).get("/plain")


# ── RS3: JWT access tokens and nothing else ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("typ", ["JWT", "jwt", "", "logout+jwt", "dpop+jwt", "secevent+jwt", "at+jwt+x"])
def test_RS3_C49_jwt_of_another_type_is_refused(make: Any, client: Any, typ: str) -> None:
    assert_invalid_token(call(client, resign(make().token, typ=typ)), "unknown")


@pytest.mark.parametrize("address", ADDRESSES)
def test_RS3_C49_id_token_as_bearer_is_refused(make: Any, client: Any, address: str) -> None:
    id_token = resign(make().token, typ="JWT", alg=ID_TOKEN_ALG)
    assert call(client, id_token, address).status_code == 401


@pytest.mark.parametrize("kind", [kind for kind in credentials.Kind if kind is not credentials.Kind.ACCESS_TOKEN])
def test_RS3_C49_another_credential_as_bearer_is_refused(client: Any, kind: credentials.Kind) -> None:
    assert_invalid_token(call(client, credentials.make(kind)), "malformed")


def test_RS3_other_issuer_is_said(make: Any, client: Any) -> None:
    assert_invalid_token(call(client, resign(make().token, iss="https://other.example")), "other_issuer")


@pytest.mark.parametrize("claim", ["iss", "exp", "iat", "sub", "aud"])
def test_RS3_jwt_without_a_required_claim_is_refused(make: Any, client: Any, claim: str) -> None:
    assert call(client, resign(make().token, **{claim: None})).status_code == 401


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256"}, {"crit": ["x"]}, {"kid": "x"}])
def test_RS3_changed_header_is_refused(make: Any, client: Any, header: dict[str, Any]) -> None:
    head, payload, signature = make().token.split(".")
    changed = json.loads(base64.urlsafe_b64decode(head + "==")) | header
    head = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    assert call(client, f"{head}.{payload}.{signature}").status_code == 401


def test_RS3_changed_payload_is_refused(make: Any, client: Any) -> None:
    head, payload, signature = make().token.split(".")
    changed = json.loads(base64.urlsafe_b64decode(payload + "==")) | {"scope": "read write"}
    payload = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    assert_invalid_token(call(client, f"{head}.{payload}.{signature}"), "unknown")


# ── RS4: configuration that is missing fails closed ─────────────────────────────────────────────────────────


def test_RS4_plain_view_without_scopes_is_improperly_configured(client: Any) -> None:
    from oauth_provider.resource_server.decorators import scope_required

    with pytest.raises(ImproperlyConfigured):
        scope_required()
    with pytest.raises(ImproperlyConfigured):
        client.get("/misconfigured")


# ── RS5, RS6: what a 401 says, and what ends a token ────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "value",
    ["ours, never stored", "aRandomTokenOfSomebodyElse123", "x"],
)
def test_RS5_unknown_token_gets_no_detail(client: Any, address: str, value: str) -> None:
    if value == "ours, never stored":
        value = credentials.make(credentials.Kind.ACCESS_TOKEN)
    response = call(client, value, address)
    assert_invalid_token(response, "unknown")
    assert response.json()["detail"] == "The access token is not valid."


def test_RS5_each_refusal_says_which(make: Any, client: Any) -> None:
    jwt_app, opaque_app = make(), make("opaque")
    AccessToken.objects.filter(client=opaque_app.app).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_invalid_token(opaque_app.get("/notes"), "expired")
    assert_invalid_token(call(client, resign(jwt_app.token, exp=int(time.time()) - 90)), "expired")
    live = lookup.find_access_token(jwt_app.token)
    revoke.revoke_access_token(live, client=jwt_app.app, source=Source())
    assert_invalid_token(jwt_app.get("/notes"), "revoked")


@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_RS6_inactive_user_client_or_grant_ends_the_token(make: Any, ada: Any, kind: str) -> None:
    app = make(kind)
    for undo in (True, False):
        # Past save(), which would end the grant for good: what is tested here is the look at the person.
        type(ada).objects.filter(pk=ada.pk).update(is_active=not undo)
        assert app.get("/notes").status_code == (401 if undo else 200)
    app.app.suspend()
    assert_invalid_token(app.get("/notes"), "revoked")
    app.app.reactivate()
    assert app.get("/notes").status_code == 200
    Grant.objects.get(client=app.app, revoked_at=None, pk=Grant.objects.order_by("-created_at")[0].pk).revoke(
        reason="test"
    )
    assert_invalid_token(app.get("/notes"), "revoked")


@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_RS6_inactive_service_account_ends_the_machine_token(make: Any, ada: Any, kind: str) -> None:
    app = make(kind, user=None)
    app.app.service_account = ada
    app.app.save()
    assert app.get("/notes").json()["person"] == "ada"
    ada.is_active = False
    ada.save()
    assert_invalid_token(app.get("/notes"), "revoked")


# ── RS10: a client is not a person ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_RS10_C49_client_token_at_a_user_view_is_refused(make: Any, kind: str) -> None:
    assert make(kind, user=None).get("/profile").status_code == 403
    assert make(kind).get("/profile").status_code == 200


def test_RS10_client_whose_id_is_a_user_name_or_key_is_no_user(make: Any, ada: Any) -> None:
    app = make(user=None)
    app.app.application.client_id = str(ada.pk)
    app.app.application.save()
    body = as_app(app.client, scopes="read", app=app.app).get("/notes").json()
    assert body["subject"] == str(ada.pk)
    assert body["request_user"] == "AnonymousUser"


# ── RS12: caches ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("scopes", ["read", "write"])
def test_RS12_answer_to_a_token_is_private(make: Any, address: str, scopes: str) -> None:
    response = make(scopes=scopes).get(address)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.headers["Vary"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_RS12_refusal_of_a_token_is_private(client: Any, address: str) -> None:
    response = call(client, "nonsense", address)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.headers["Vary"]


def test_RS12_what_the_view_said_stands(make: Any) -> None:
    for address in ("/shared", "/plain-cached"):
        response = make().get(address)
        assert response.headers["Cache-Control"] == "max-age=60"
        assert "Authorization" in response.headers["Vary"]


# ── RS14: clocks ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [("exp", -20, 200), ("exp", -90, 401), ("nbf", 20, 200), ("nbf", 90, 401), ("iat", 20, 200), ("iat", 90, 401)],
)
def test_RS14_clocks_may_differ_by_half_a_minute(make: Any, client: Any, claim: str, seconds: int, status: int) -> None:
    token = resign(make().token, **{claim: int(time.time()) + seconds})
    assert call(client, token).status_code == status


def test_RS14_allowance_is_a_setting(make: Any, client: Any, settings: Any) -> None:
    token = resign(make().token, exp=int(time.time()) - 20)
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"CLOCK_SKEW": 0}
    assert_invalid_token(call(client, token), "expired")


def test_RS14_opaque_token_ends_to_the_second(make: Any) -> None:
    app = make("opaque")
    AccessToken.objects.filter(client=app.app).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_invalid_token(app.get("/notes"), "expired")


# ── C50, C51: hostile tokens ────────────────────────────────────────────────────────────────────────────────


def test_C50_jwt_signed_with_a_client_secret_is_refused(make: Any, client: Any) -> None:
    from oauth_provider.models import Client

    _, secret = Client.objects.register(name="X", redirect_uris=["https://x.example/cb"], scopes=["read"])
    assert secret is not None
    stolen = claims_of(make().token)
    del stolen["exp"]
    kid = jwt.get_unverified_header(make().token)["kid"]
    for headers in ({"typ": "at+jwt"}, {"typ": "at+jwt", "kid": kid}):
        forged = jwt.encode(stolen, secret, algorithm="HS256", headers=headers)
        assert_invalid_token(call(client, forged), "unknown")


def encoded(payload: str) -> str:
    return base64.urlsafe_b64encode(payload.encode()).rstrip(b"=").decode()


HEAD = encoded('{"alg":"ES256","typ":"at+jwt","kid":"x"}')


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("eyJ.a.b", id="eyJ"),
        pytest.param("..", id="dots"),
        pytest.param("eyJ..", id="empty-parts"),
        pytest.param(f"{HEAD}.{encoded('no json')}.c2ln", id="no-json"),
        pytest.param(f"{HEAD}.{encoded('5')}.c2ln", id="payload-a-number"),
        pytest.param(f"{HEAD}.{encoded('[]')}.c2ln", id="payload-a-list"),
        pytest.param(f"{HEAD}.{encoded(json.dumps({'aud': 5, 'iss': 5}))}.c2ln", id="aud-5"),
        pytest.param(f"{HEAD}.{encoded('{}')}.a.b.c", id="five-parts"),
        pytest.param(f"{HEAD}.{encoded('[' * 60_000)}.c2ln", id="deep-payload"),
        pytest.param(f"{HEAD}.{encoded('[' * 5_000)}.c2ln", id="deep-payload-within-the-cap"),
        pytest.param(f"{encoded('[' * 5_000)}.e30.c2ln", id="deep-header"),
        pytest.param(f"{encoded(json.dumps({'alg': [], 'typ': 'at+jwt', 'kid': 'x'}))}.e30.c2ln", id="alg-a-list"),
        pytest.param(
            f"{encoded(json.dumps({'alg': 'ES256', 'typ': 'at+jwt', 'kid': {}}))}.e30.c2ln", id="kid-an-object"
        ),
        pytest.param("a" * 1_000_000, id="1-MB"),
        pytest.param("eyJ" + "a" * 1_000_000 + ".a.b", id="1-MB-jwt"),
        pytest.param("tökén", id="not-ascii"),
        pytest.param("a\x00b", id="NUL"),
        pytest.param("a\tb", id="tab"),
        pytest.param('a"b', id="quote"),
    ],
)
def test_C51_nonsense_is_answered_401_at_once(client: Any, address: str, value: str) -> None:
    with CaptureQueriesContext(connection) as statements:
        response = call(client, value, address)
    assert response.status_code == 401
    assert response.json()["code"] == "invalid_token"
    # What costs time is bounded: one look-up at most, and nothing at all is looked at beyond the longest token.
    assert len(statements) <= (1 if len(value) <= bearer.MAX_TOKEN_LENGTH else 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": 5},
        {"aud": {"a": 1}},
        {"aud": [["https://provider.example"]]},
        {"scope": 5},
        {"scope": ["read"]},
        {"auth_time": "x"},
        {"auth_time": 10**30},
        {"grant_id": "no uuid"},
        {"grant_id": 5},
        {"client_id": 5, "grant_id": None},
        {"exp": 10**30},
        {"iat": "x"},
        {"jti": None},
        {"sub": 5},
    ],
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_C51_claims_of_a_form_we_never_write_give_no_500(
    make: Any, client: Any, address: str, changes: dict[str, Any]
) -> None:
    assert call(client, resign(make().token, **changes), address).status_code in {200, 401, 403}


# ── RS11: nothing leaks ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_RS11_token_is_in_no_log_and_no_repr(make: Any, caplog: Any, kind: str) -> None:
    from oauth_provider.resource_server import own

    caplog.set_level(logging.DEBUG)
    app = make(kind, scopes="write")
    access = own.verify(app.token)
    app.get("/notes")
    app.app.suspend()
    app.get("/notes")
    app.get(f"/notes?access_token={app.token}")
    told = caplog.text + repr(access) + str(access) + repr(vars(access)) + repr(app)
    assert "Bearer token refused" in caplog.text
    assert app.token not in told
    assert app.token.split(".")[-1] not in told


def test_RS11_address_cannot_forge_a_log_line(client: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO, logger="oauth_provider")
    call(client, "nonsense", "/notes/forged%0dINFO forged")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("oauth_provider")]
    assert ours
    assert all("\r" not in message for message in ours)

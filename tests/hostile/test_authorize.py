"""Authorization requests no honest client sends."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import Consent, Grant, StoredRequest
from tests.flow import Flow, after_sign_in, field_of, machine_token, pkce, post_form, query_of, userinfo
from tests.hostile.expect import ISSUER, assert_page, assert_redirected, query, rows

pytestmark = pytest.mark.django_db


def _proper(client, **changes) -> list[tuple[str, str]]:
    parameters = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": "https://c.example/cb",
        "scope": "read",
        "state": "xyz123",
        "code_challenge": pkce()[1],
        "code_challenge_method": "S256",
        **changes,
    }
    return [(name, value) for name, value in parameters.items() if value is not None]


def _ask(browser, pairs):
    return browser.get(f"/authorize?{query(*pairs)}")


@pytest.mark.parametrize("name", ["code_challenge", "nonce", "prompt", "scope", "response_type", "max_age", "x"])
def test_C06_AS26_parameter_sent_twice_goes_to_the_client(flow, conf_client, name):
    pairs = [*_proper(conf_client, nonce="n", prompt="login", max_age="60", x="1"), (name, "other")]
    answer = assert_redirected(_ask(flow.browser, pairs), "invalid_request")
    assert answer["state"] == "xyz123"
    assert rows() == (0, 0, 0, 0)


def test_C06_AS26_state_sent_twice_is_not_echoed(flow, conf_client):
    answer = assert_redirected(_ask(flow.browser, [*_proper(conf_client), ("state", "other")]), "invalid_request")
    assert "state" not in answer


def test_AS26_client_id_sent_twice_is_a_page(flow, conf_client):
    assert_page(_ask(flow.browser, [*_proper(conf_client), ("client_id", "other")]))


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": "a", "code_challenge_method": "plain"},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": "A" * 200},
        {"code_challenge": "A" * 42 + "="},
        {"code_challenge": "A" * 43 + "="},
        {"code_challenge": "A" * 42},
        {"code_challenge": "é" * 43},
        {"code_challenge": None},
    ],
)
def test_C07_weak_or_malformed_challenge_is_refused(flow, conf_client, changes):
    assert_redirected(_ask(flow.browser, _proper(conf_client, **changes)), "invalid_request")
    assert rows() == (0, 0, 0, 0)


def test_C08_request_without_pkce_is_refused(flow, conf_client):
    pairs = _proper(conf_client, code_challenge=None, code_challenge_method=None)
    assert_redirected(_ask(flow.browser, pairs), "invalid_request")


@pytest.mark.parametrize("name", ["nonce", "state", "client_id", "code_challenge", "resource", "claims"])
@pytest.mark.parametrize("value", ["a\x00b", "a" * 300, "a" * 100_000])
def test_C09_nul_and_long_values_are_refused_or_carried(flow, conf_client, name, value):
    response = _ask(flow.browser, _proper(conf_client, **{name: value}))
    if "\x00" in value:
        assert_page(response)
    elif len(value) > 1000:
        assert_page(response, status=413)
    elif name in {"nonce", "state", "claims"}:
        assert response.status_code == 200
    elif name == "client_id":
        assert_page(response)
    else:
        error = {"code_challenge": "invalid_request", "resource": "invalid_target"}[name]
        assert assert_redirected(response, error)["state"] == "xyz123"
    assert rows() == (0, 0, 0, 0)


@pytest.mark.parametrize("tail", ["x=%zz", "x=%ff%fe", "x=%", "%", "x=\u00e9", "x=\u20ac"])
@pytest.mark.parametrize("path", ["/authorize", "/authorize/decision"])
def test_C10_broken_encoding_is_a_page(flow, conf_client, tail, path):
    raw = f"{query(*_proper(conf_client))}&{tail}"
    assert_page(flow.browser.request(REQUEST_METHOD="GET", PATH_INFO=path, QUERY_STRING=raw))


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ("request_uri", "https://169.254.169.254/", "request_uri_not_supported"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
    ],
)
def test_C11_C12_AS27_known_but_not_served_is_refused_by_name(flow, conf_client, monkeypatch, *, name, value, error):
    import socket

    def refuse(*_args, **_kwargs):
        pytest.fail("an outgoing connection")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert_redirected(_ask(flow.browser, _proper(conf_client, **{name: value})), error)


def test_C11_id_of_a_stored_request_beside_other_parameters_is_a_request_object(flow, conf_client):
    request_id = field_of(flow.authorize(conf_client), "request")
    response = _ask(flow.browser, [*_proper(conf_client, scope="read write"), ("request", request_id)])
    assert_redirected(response, "request_not_supported")


def test_AS27_unknown_parameter_is_ignored(flow, conf_client):
    assert flow.authorize(conf_client, utm_source="x").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"response_mode": "bogus"},
        {"response_mode": "query.jwt"},
        {"response_mode": "form_post.jwt"},
        {"response_mode": "web_message"},
    ],
)
def test_C13_response_mode_not_served_is_refused(flow, conf_client, changes):
    assert_redirected(_ask(flow.browser, _proper(conf_client, **changes)), "invalid_request")


def test_C13_query_mode_with_a_front_channel_token_is_refused(flow, conf_client):
    pairs = _proper(conf_client, response_mode="query", response_type="token")
    assert_redirected(_ask(flow.browser, pairs), "unsupported_response_type")


@pytest.mark.parametrize(
    "response_type", ["code code", "none", "token", "code token", "id_token", "code id_token", "CODE", " code", "code "]
)
def test_C14_response_type_not_served_is_refused(flow, conf_client, response_type):
    response = _ask(flow.browser, _proper(conf_client, response_type=response_type))
    assert_redirected(response, "unsupported_response_type")
    assert "#" not in response["Location"]


def test_C14_client_without_the_code_grant_is_refused(flow, conf_client):
    conf_client.row.grant_types = ["client_credentials"]
    conf_client.row.save()
    assert_redirected(_ask(flow.browser, _proper(conf_client)), "unauthorized_client")


def test_C15_silent_request_is_answered_and_never_shows_a_page(flow, conf_client):
    assert_redirected(_ask(flow.browser, _proper(conf_client, prompt="none")), "consent_required")
    assert_redirected(_ask(Browser(), _proper(conf_client, prompt="none")), "login_required")
    assert_redirected(_ask(Browser(), _proper(conf_client, prompt="none login")), "invalid_request")


@pytest.mark.parametrize("max_age", ["-1", "9e99", "abc", "1.5", "9" * 400, "٣"])
def test_C16_max_age_that_is_no_number_is_refused(flow, conf_client, max_age):
    assert_redirected(_ask(flow.browser, _proper(conf_client, max_age=max_age)), "invalid_request")


def test_C16_AS28_max_age_zero_asks_for_a_fresh_sign_in(flow, conf_client, settings):
    _age_session(flow.browser)
    response = _ask(flow.browser, _proper(conf_client, max_age="0"))
    assert response.status_code == 303
    assert response["Location"].startswith("/login?next=")


def _age_session(browser, seconds: int = 3600) -> int:
    """Move the sign-in of this browser into the past; returns when it was."""
    session = browser.session
    session["oauth_provider_auth_time"] -= seconds
    session.save()
    return session["oauth_provider_auth_time"]


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "60"}])
def test_AS28_old_sign_in_is_renewed_and_auth_time_is_the_new_one(flow, conf_client, changes):
    old = _age_session(flow.browser)
    response = _ask(flow.browser, _proper(conf_client, **changes))
    assert response["Location"].startswith("/login?next=")
    back = query_of(response["Location"])["next"]
    # The person cannot skip it by going back by hand.
    assert flow.browser.get(back)["Location"].startswith("/login?next=")
    signed_in = flow.browser.post(response["Location"], {"username": "alice", "password": "alice-password"})
    assert signed_in.status_code == 303
    page = after_sign_in(flow.browser, signed_in)
    assert page.status_code == 200
    flow.decide(page)
    assert Grant.objects.get().auth_time.timestamp() > old + 3000


def test_AS28_auth_time_is_the_session_s_not_the_last_sign_in_of_the_user(flow, conf_client, alice):
    old = _age_session(flow.browser)
    Browser().force_login(alice)
    flow.code(conf_client)
    assert int(Grant.objects.get().auth_time.timestamp()) == old


def test_AS28_sign_in_young_enough_is_not_asked_again(flow, conf_client):
    assert flow.authorize(conf_client, max_age="600").status_code == 200


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "com.example.app:/cb", "https://pub.example/cb"])
def test_C17_AS23_client_anybody_can_pose_as_is_asked_about_each_time(flow, public_client, uri):
    flow.code(public_client, redirect_uri=uri)
    assert Consent.objects.get().remembered_until is None
    again = flow.authorize(public_client, redirect_uri=uri, approval_prompt="auto")
    assert again.status_code == 200
    assert_redirected(flow.authorize(public_client, redirect_uri=uri, prompt="none"), "consent_required", to=uri)


def test_AS23_confidential_client_is_remembered_and_asked_again_for_more(flow, conf_client):
    flow.code(conf_client)
    assert flow.authorize(conf_client).status_code == 303
    assert flow.authorize(conf_client, scope="read write").status_code == 200
    assert flow.authorize(conf_client, prompt="consent").status_code == 200


def test_C18_line_ends_in_state_split_no_header(flow, conf_client):
    response = flow.authorize(conf_client, state="a\r\nSet-Cookie: x=1", scope="admin")
    assert assert_redirected(response, "invalid_scope")["state"] == "a\r\nSet-Cookie: x=1"
    assert "\r" not in response["Location"]
    assert "x" not in response.cookies


def test_C18_state_of_a_megabyte_is_refused(flow, conf_client):
    assert_page(flow.authorize(conf_client, state="a" * 1_000_000), status=413)


def test_C18_state_as_long_as_allowed_is_answered_or_refused_with_a_page(flow, conf_client):
    flow.code(conf_client)
    for sign in ("a", "%", "\x01"):
        assert query_of(flow.location(conf_client, state=sign * 4096))["state"] == sign * 4096
        assert_redirected(flow.authorize(conf_client, state=sign * 4096, scope="admin"), "invalid_scope")
    before = rows()
    for browser in (flow.browser, Browser()):
        # RFC 6749 Appendix A.5 knows printable ASCII only; escaped, these are longer than an address may be.
        for sign in ("é", "😀"):
            assert_page(Flow(browser).authorize(conf_client, state=sign * 4096))
            assert_page(Flow(browser).authorize(conf_client, state=sign * 4096, scope="admin"))
    assert rows() == before


def test_C18_long_request_survives_the_sign_in(alice, conf_client):
    browser = Browser()
    walk = Flow(browser)
    sent = walk.authorize(conf_client, state="%" * 4000, nonce="%" * 500)
    assert sent.status_code == 303
    signed_in = browser.post(sent["Location"], {"username": "alice", "password": "alice-password"})
    page = walk.decide(after_sign_in(browser, signed_in), "deny")
    assert f"state={'%25' * 4000}&amp;" in page.content.decode()


@pytest.mark.parametrize("name", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
def test_C19_host_header_changes_no_link(flow, conf_client, name):
    for path in ("/.well-known/openid-configuration", "/authorize?client_id=x", "/login"):
        response = Browser().get(path, **{name: "evil.example"})
        assert b"evil.example" not in response.content
        assert response.status_code == 400 if name == "HTTP_HOST" else response.status_code in {200, 400}
    response = _ask(flow.browser, _proper(conf_client, scope="admin"))
    assert query_of(response["Location"])["iss"] == ISSUER


def test_C20_consent_page_refuses_frames(flow, conf_client):
    page = flow.authorize(conf_client)
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "added", [{"scope": "read write introspection"}, {"scopes": "write"}, {"redirect_uri": "https://evil.example/"}]
)
def test_C67_what_is_added_to_the_decision_counts_for_nothing(flow, conf_client, added):
    page = flow.authorize(conf_client)
    form = {"request": field_of(page, "request"), "decision": "allow", **added}
    post_form(flow.browser, "/authorize/decision", form)
    assert Grant.objects.get().scopes == ["read"]
    assert Consent.objects.get().scopes == ["read"]


def test_C67_AS26_decision_sent_twice_decides_nothing(flow, conf_client):
    page = flow.authorize(conf_client)
    body = query(("request", field_of(page, "request")), ("decision", "deny"), ("decision", "allow"))
    assert_page(post_form(flow.browser, "/authorize/decision", body))
    assert StoredRequest.objects.get().decided_at is None
    assert rows() == (0, 0, 0, 0)


def test_C67_scope_lost_while_the_page_was_open_is_not_granted(flow, conf_client):
    page = flow.authorize(conf_client, scope="read write")
    conf_client.row.allowed_scopes = ["read"]
    conf_client.row.save()
    assert b"access_denied" in flow.decide(page).content
    assert rows() == (0, 0, 0, 0)


@pytest.mark.parametrize("is_required", [True, False])
@pytest.mark.parametrize("has_challenge", [True, False])
@pytest.mark.parametrize("has_verifier", [True, False])
def test_AS6_challenge_and_verifier_go_together_or_not_at_all(
    flow, conf_client, *, is_required, has_challenge, has_verifier
):
    conf_client.row.profile, conf_client.row.require_pkce = "legacy", is_required
    conf_client.row.save()
    without = {} if has_challenge else {"code_challenge": None, "code_challenge_method": None}
    if is_required and not has_challenge:
        assert_redirected(flow.authorize(conf_client, **without), "invalid_request")
        return
    code = flow.code(conf_client, **without)
    response = flow.redeem(conf_client, code, **({} if has_verifier else {"code_verifier": None}))
    assert response.status_code == (200 if has_challenge == has_verifier else 400)
    if response.status_code == 400:
        assert response.json()["error"] == "invalid_grant"


def test_AS10_iss_is_the_issuer_of_the_metadata_byte_for_byte(flow, conf_client):
    issuer = Browser().get("/.well-known/oauth-authorization-server").json()["issuer"]
    assert query_of(flow.location(conf_client))["iss"] == issuer
    assert query_of(flow.location(conf_client, decision="deny", prompt="consent"))["iss"] == issuer
    assert query_of(flow.authorize(conf_client, scope="admin")["Location"])["iss"] == issuer


def test_AS21_authorization_endpoint_answers_no_preflight(flow, conf_client, django_user_model):
    from oauth_provider.models import Client

    Client.objects.register(name="SPA", profile="spa", redirect_uris=["https://spa.example/cb"], scopes=["read"])
    for origin, path, is_allowed in [
        ("https://spa.example", "/token", True),
        ("https://spa.example", "/revoke", True),
        ("https://spa.example", "/userinfo", True),
        ("https://spa.example", "/jwks", True),
        ("https://spa.example", "/authorize", False),
        ("https://spa.example", "/authorize/decision", False),
        ("https://spa.example", "/login", False),
        ("https://spa.example", "/device", False),
        ("https://spa.example", "/introspect", False),
        ("https://evil.example", "/token", False),
        ("https://spa.example.evil.example", "/token", False),
        ("http://spa.example", "/token", False),
        ("null", "/token", False),
        ("https://evil.example", "/jwks", True),
        ("https://evil.example", "/.well-known/openid-configuration", True),
    ]:
        headers = {"HTTP_ORIGIN": origin, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
        response = Browser().options(path, **headers)
        assert ("Access-Control-Allow-Origin" in response.headers) == is_allowed, (origin, path)
        assert "Access-Control-Allow-Credentials" not in response.headers


def test_AS21_origin_of_another_client_gets_no_token(flow, conf_client, machine_client):
    response = machine_token(machine_client)
    assert response.status_code == 200
    response = post_form(
        Browser(),
        "/token",
        {"grant_type": "client_credentials"},
        HTTP_AUTHORIZATION=machine_client.basic,
        HTTP_ORIGIN="https://evil.example",
    )
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")


def test_AS19_every_redirect_after_a_post_is_303(alice, conf_client):
    browser = Browser()
    signed_in = browser.post("/login?next=/authorize", {"username": "alice", "password": "alice-password"})
    assert signed_in.status_code == 303
    stored = post_form(browser, "/authorize", query(*_proper(conf_client)))
    assert stored.status_code == 303
    page = browser.get(stored["Location"])
    form = {"request": field_of(page, "request"), "decision": "allow"}
    decided = post_form(browser, "/authorize/decision", form)
    assert decided.status_code == 303
    assert urlsplit(decided["Location"]).netloc == ""


def test_AS20_page_with_the_code_tells_nobody_where_it_came_from(flow, conf_client):
    page = flow.decide(flow.authorize(conf_client))
    assert page["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]


def test_AS8_expired_code_is_refused(flow, conf_client):
    from oauth_provider.models import AuthorizationCode

    code = flow.code(conf_client)
    row = AuthorizationCode.objects.get()
    assert (row.expires_at - row.created_at) <= timedelta(seconds=61)
    AuthorizationCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = flow.redeem(conf_client, code)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("uri", ["https://c.example/cb/", "https://evil.example/", "https://c.example/CB"])
def test_AS8_code_is_bound_to_its_redirect_uri_and_survives_the_wrong_one(flow, conf_client, uri):
    code = flow.code(conf_client, scope="openid read")
    response = flow.redeem(conf_client, code, redirect_uri=uri)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")
    tokens = flow.redeem(conf_client, code).json()
    assert userinfo(tokens["access_token"]).status_code == 200

"""AS29: no input gives a 5xx. Each example runs in a savepoint, so that one may not prepare the next."""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from oauth_provider.clients.metadata_fields import FIELDS
from oauth_provider.consent import not_me
from oauth_provider.models import Client, Consent, Grant
from tests.flow import Flow, Registered, field_of, pkce
from tests.fuzz import strategies
from tests.register import SERVERS_OWN, path_of, registered

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db]

# A client may be wrong in any way it likes; above this the mistake is ours.
_MOST = 499


@dataclass(frozen=True, repr=False)
class Site:
    """What exists while inputs are thrown at it."""

    browser: Browser
    nobody: Browser
    web: Registered
    native: Registered
    machine: Registered
    device: Registered
    code: str
    verifier: str
    tokens: dict[str, str]
    device_code: str
    user_code: str
    request_id: str


@pytest.fixture(autouse=True)
def _reads_documents(settings):
    # Nothing is fetched within a transaction, and each example runs in one.
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "CLIENT_ID_METADATA_HOSTS": ["app.example"]}


@pytest.fixture
def site(flow, conf_client, public_client, machine_client, device_client) -> Site:
    Client.objects.register(name="SPA", profile="spa", redirect_uris=["https://spa.example/cb"], scopes=["read"])
    tokens = flow.tokens(conf_client, scope="openid read")
    code = flow.code(conf_client, prompt="consent")
    request_id = field_of(Flow(flow.browser).authorize(conf_client, prompt="consent"), "request")
    device = Browser().post(
        "/device_authorization",
        f"client_id={device_client.client_id}",
        content_type="application/x-www-form-urlencoded",
    )
    browser = Browser(raise_request_exception=False)
    browser.cookies = flow.browser.cookies
    return Site(
        browser=browser,
        nobody=Browser(raise_request_exception=False),
        web=conf_client,
        native=public_client,
        machine=machine_client,
        device=device_client,
        code=code,
        verifier=flow.verifier,
        tokens=tokens,
        device_code=device.json()["device_code"],
        user_code=device.json()["user_code"],
        request_id=request_id,
    )


def _token_values(site: Site) -> dict[str, list[str]]:
    return {
        "grant_type": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code",
            "password",
        ],
        "client_id": [site.web.client_id, site.native.client_id, site.machine.client_id, site.device.client_id],
        "client_secret": [str(site.web.secret), str(site.machine.secret), "wrong"],
        "code": [site.code],
        "redirect_uri": ["https://c.example/cb", "https://evil.example/"],
        "code_verifier": [site.verifier],
        "refresh_token": [site.tokens["refresh_token"]],
        "scope": ["read", "openid read", "write", "admin"],
        "resource": ["https://provider.example", "https://other.example"],
        "device_code": [site.device_code],
        "token": [site.tokens["access_token"], site.tokens["refresh_token"], site.tokens["id_token"]],
        "token_type_hint": ["access_token", "refresh_token"],
    }


def _authorize_values(site: Site) -> dict[str, list[str]]:
    return {
        "response_type": ["code", "token", "code id_token"],
        "client_id": [
            site.web.client_id,
            site.native.client_id,
            site.device.client_id,
            "https://app.example/client.json",
        ],
        "redirect_uri": ["https://c.example/cb", "http://127.0.0.1:5001/cb", "com.example.app:/cb"],
        "scope": ["read", "openid read write", "offline_access", "admin"],
        "state": ["xyz"],
        "code_challenge": [pkce()[1]],
        "code_challenge_method": ["S256", "plain"],
        "nonce": ["n"],
    }


_AUTHORIZE_NAMES = (
    *("prompt", "max_age", "resource", "request", "request_uri", "registration", "response_mode", "claims"),
    *("login_hint", "id_token_hint", "acr_values", "display", "ui_locales", "user", "asked", "scopes", "token"),
)
_CLIENT_ENDPOINTS = ("/token", "/revoke", "/introspect", "/device_authorization")


def _send(site: Site, data: st.DataObject, path: str, *, right: dict[str, list[str]], names: tuple[str, ...]) -> None:
    _send_one_of(site, data, path, bodies=strategies.form(names, right), content_type=strategies.CONTENT_TYPES[0])


def _send_one_of(
    site: Site,
    data: st.DataObject,
    path: str,
    *,
    bodies: st.SearchStrategy[bytes],
    content_type: str,
    authorization: tuple[str, ...] = (),
    methods: tuple[str, ...] = ("POST", "GET"),
) -> int:
    method = data.draw(st.one_of(st.sampled_from(methods), st.sampled_from(strategies.METHODS)))
    body = data.draw(bodies)
    query = data.draw(st.one_of(st.just(b""), bodies)) if method == "POST" else body
    content_type = data.draw(st.one_of(st.just(content_type), st.sampled_from(strategies.CONTENT_TYPES)))
    browser = data.draw(st.sampled_from([site.browser, site.nobody]))
    known = [site.web.basic, site.machine.basic, f"Bearer {site.tokens['access_token']}", *authorization]
    extra = data.draw(strategies.headers(known))
    if authorization and data.draw(st.booleans()):
        extra["HTTP_AUTHORIZATION"] = authorization[0]
    # The server's own view of a request, so that nothing is tidied up on the way.
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query.decode("latin-1"),
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **extra,
    }
    with transaction.atomic():
        response = browser.request(**environ)
        assert response.content is not None
        transaction.set_rollback(True)
    assert response.status_code <= _MOST, (response.status_code, response.exc_info)
    for name, value in response.headers.items():
        assert "\n" not in value, name
        assert "\r" not in value, name
    location = response.headers.get("Location", "")
    allowed = ("/", "https://c.example/cb?", "http://127.0.0.1:5001/cb?", "com.example.app:/cb?")
    assert not location or location.startswith(allowed), location
    assert not location.startswith("//"), location
    return response.status_code


@pytest.mark.parametrize("path", _CLIENT_ENDPOINTS)
@given(data=st.data())
def test_AS29_client_endpoint_never_fails(site, path, data):
    _send(site, data, path, right=_token_values(site), names=("client_assertion", "username", "password", "asked"))


@given(data=st.data())
def test_AS29_authorize_never_fails(site, data):
    _send(site, data, "/authorize", right=_authorize_values(site), names=_AUTHORIZE_NAMES)


@given(data=st.data())
def test_AS29_authorize_with_a_stored_request_never_fails(site, data):
    _send(site, data, "/authorize", right={"request": [site.request_id]}, names=("client_id", "prompt"))


@given(data=st.data())
def test_AS29_decision_never_fails(site, data):
    right = {"request": [site.request_id], "decision": ["allow", "deny"]}
    _send(site, data, "/authorize/decision", right=right, names=("scope", "csrfmiddlewaretoken"))


@given(data=st.data())
def test_AS29_device_page_never_fails(site, data):
    right = {"user_code": [site.user_code, site.user_code.lower()], "decision": ["allow", "deny"]}
    _send(site, data, "/device", right=right, names=("csrfmiddlewaretoken",))


@given(data=st.data())
def test_AS29_connected_apps_never_fail(site, data):
    right = {"scope": ["read", "write"], "place": [str(Grant.objects.first().pk)], "objects": ["keep"]}
    right |= {"password": ["alice-password", "wrong"], "done": ["app", "place"]}
    app = f"/connected-apps/{site.web.row.pk}"
    paths = ["/connected-apps", app, f"{app}/end", "/connected-apps/sign-out-everywhere"]
    _send(site, data, data.draw(st.sampled_from(paths)), right=right, names=("csrfmiddlewaretoken", "object:x"))


@given(data=st.data(), token=st.text(alphabet="abcXYZ019:_-", min_size=1, max_size=300))
def test_AS29_link_of_a_mail_never_fails(site, data, token):
    links = [f"/not-me/{token}", urlsplit(not_me.link(Consent.objects.get())).path]
    _send(site, data, data.draw(st.sampled_from(links)), right={}, names=("token", "csrfmiddlewaretoken"))


@given(data=st.data())
def test_AS29_sign_in_never_fails(site, data):
    right = {"username": ["alice"], "password": ["alice-password", "wrong"], "next": ["/authorize?x=1", "/signed-out"]}
    _send(site, data, "/login", right=right, names=("csrfmiddlewaretoken",))


@given(data=st.data())
def test_AS29_sign_out_never_fails(site, data):
    right = {
        "id_token_hint": [site.tokens["id_token"], site.tokens["access_token"]],
        "client_id": [site.web.client_id],
        "post_logout_redirect_uri": ["https://c.example/signed-out"],
        "decision": ["stay", "leave"],
    }
    path = data.draw(st.sampled_from(["/end_session", "/end_session/decision"]))
    _send(site, data, path, right=right, names=("state", "logout_hint", "ui_locales", "csrfmiddlewaretoken"))


@pytest.mark.parametrize(
    "path",
    [
        "/userinfo",
        "/jwks",
        "/signed-out",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/x/..//%00",
    ],
)
@given(data=st.data())
def test_AS29_document_never_fails(site, path, data):
    _send(site, data, path, right={"access_token": [site.tokens["access_token"]]}, names=("x",))


@given(path=st.one_of(strategies.text, st.text(alphabet="/.%?#\\ authorizetkn0", max_size=60)))
def test_AS29_path_never_fails(site, path):
    response = site.browser.request(REQUEST_METHOD="GET", PATH_INFO="/" + path.encode().decode("latin-1"))
    assert response.status_code <= _MOST


_REGISTRATION = {
    "client_name": "Notes",
    "redirect_uris": ["https://c.example/cb"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_post",
    "scope": "openid read",
    "contacts": ["ada@people.example"],
}


@given(data=st.data())
def test_AS29_register_never_fails(site, open_registration, initial_access_token, data):
    bodies = strategies.document([*FIELDS, "client_name#de", "client_id", "skip_authorization"], _REGISTRATION)
    _send_one_of(
        site, data, "/register", bodies=bodies, content_type="application/json",
        authorization=(f"Bearer {initial_access_token}",), methods=("POST",),
    )  # fmt: skip


@given(data=st.data())
def test_AS29_registration_never_fails(site, open_registration, data):
    made = registered(_REGISTRATION)
    right = {name: value for name, value in made.items() if name not in SERVERS_OWN}
    _send_one_of(
        site, data, path_of(made), bodies=strategies.document([*FIELDS, *SERVERS_OWN], right),
        content_type="application/json", methods=("PUT", "GET", "DELETE"),
        authorization=(f"Bearer {made['registration_access_token']}",),
    )  # fmt: skip

"""Registration by strangers: what is refused, what has no effect, and what a token is not good for (C57 to C60)."""

from __future__ import annotations

import json
import re
import socket
from contextlib import contextmanager

import pytest
from django.test import Client as Browser

from oauth_provider.clients import json_object
from oauth_provider.models import AuditEvent, Client, ClientSecret, InitialAccessToken, Subject
from oauth_provider.models.application import application_model
from tests.flow import Registered, machine_token, post_form, userinfo
from tests.hostile.expect import assert_refused, rows
from tests.register import MACHINE, NATIVE, WEB, bearer, client_of, delete, get, path_of, post, put, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]

METADATA, REDIRECT = "invalid_client_metadata", "invalid_redirect_uri"


def assert_nothing_registered(response, error: str, *, status: int = 400) -> None:
    assert_refused(response, error, status=status)
    assert (Client.objects.count(), application_model().objects.count(), ClientSecret.objects.count()) == (0, 0, 0)
    assert not {"client_id", "client_secret", "registration_access_token"} & set(response.json())


# C57


@pytest.mark.parametrize(
    "document",
    [
        MACHINE,
        {**MACHINE, "scope": "read write introspection"},
        {**WEB, "grant_types": ["authorization_code", "client_credentials"]},
        {**WEB, "scope": "write"},
        {**WEB, "scope": "openid read write introspection"},
        {**WEB, "scope": "*"},
        {**WEB, "scope": "admin"},
    ],
)
def test_C57_more_than_a_stranger_may_have_is_refused(document):
    assert_nothing_registered(post(document), METADATA)


@pytest.mark.parametrize(
    "uri",
    [
        "http://c.example/cb",
        "HTTP://c.example/cb",
        "javascript:alert(1)",
        "javascript://c.example/%0aalert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "file:///etc/passwd",
        "about:blank",
        "blob:https://c.example/x",
        "ftp://c.example/",
        "//c.example/cb",
        "/cb",
        "",
        " https://c.example/cb",
        "https://c.example/cb\n",
        "https://c.example\\@evil.example/cb",
        "https://evil.example@c.example/cb",
        "https://c.example/cb#",
        "https://*.c.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.1/cb",
        "http://2130706433/cb",
        "http://localhost.evil.example/cb",
        "https://" + "c" * 2000 + ".example/cb",
        "https://c.example/\u202e",
    ],
)
@pytest.mark.parametrize("document", [WEB, NATIVE, {**NATIVE, "application_type": "native"}], ids=["web", "", "native"])
def test_C57_AS2_redirect_uri_is_refused(document, uri):
    assert_nothing_registered(post({**document, "redirect_uris": [uri]}), REDIRECT)


@pytest.mark.parametrize(
    "value", ["https://c.example/cb", {"0": "https://c.example/cb"}, [["https://c.example/cb"]], [None], [1], 1, True]
)
def test_C57_redirect_uris_of_another_type_are_refused(value):
    assert_nothing_registered(post({**WEB, "redirect_uris": value}), REDIRECT)


def test_C57_ten_thousand_and_one_redirect_uris_are_refused():
    assert_nothing_registered(post({**WEB, "redirect_uris": ["a:"] * 10_001}), REDIRECT)
    many = [f"https://c.example/{number}" for number in range(10_001)]
    assert_nothing_registered(post({**WEB, "redirect_uris": many}), METADATA, status=413)


@pytest.mark.parametrize("size", [json_object.MAX_BYTES + 1, 1_000_000, 4_000_000])
def test_C57_large_document_is_refused_before_it_is_parsed(size, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(json_object.json, "loads", lambda *_args, **_named: pytest.fail("parsed"))
        response = post('{"client_name": "' + "x" * size + '"}')
    assert_nothing_registered(response, METADATA, status=413)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 30_000,
        '{"a":' * 12_000,
        "[" * 30_000 + "]" * 30_000,
        '{"jwks":' + '{"keys":[' * 900 + "]}" * 900 + "}",
        '{"contacts":' + "[" * 20_000 + "]" * 20_000 + "}",
        "",
        "null",
        "true",
        "1",
        '"x"',
        "[]",
        "{",
        "{}x",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": ' + "9" * 5000 + "}",
        '{"client_name": "a", "client_name": "b"}',
        '{"jwks": {"keys": [], "keys": []}}',
        '\ufeff{"client_name": "a"}',
        b'{"client_name": "\xff\xfe"}',
        '{"client_name": "a"}'.encode("utf-16"),
        '{"client_name": "a"}'.encode("utf-32"),
        b"\x00",
        b"{}\x00",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_C57_what_is_no_plain_JSON_object_is_refused(body):
    response = post(body)
    assert_nothing_registered(response, METADATA)
    assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize("text", ['"a\\u0000b"', '"a\\ud800b"', '"\\udc00"', '["\\u0000"]', '{"\\u0000": 1}'])
@pytest.mark.parametrize("name", ["client_name", "contacts", "redirect_uris", "software_id", "unknown", "scope"])
def test_C57_NUL_and_half_surrogates_are_refused_wherever_they_stand(name, text):
    assert_nothing_registered(post(f'{{"{name}": {text}}}'), METADATA)


@pytest.mark.parametrize(
    "name", ["\u202eexe.moc", "a\u2066b", "a\u200bb", "\ufeffNotes", "a\nb", "\x1b[31m", "\x85", "x" * 3000, " ", "\t"]
)
def test_C57_C64_name_that_deceives_is_refused(name):
    assert_nothing_registered(post({**WEB, "client_name": name}), METADATA)


def test_C57_C64_markup_in_a_name_is_text_on_the_page(flow):
    client = client_of(registered({**WEB, "client_name": "<img src=x onerror=alert(1)>{{7*7}}"}))
    page = flow.authorize(client).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert "49" not in re.sub(r"<[^>]*>", "", page)


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "http://c.example/", "//c.example/", "x"])
@pytest.mark.parametrize("name", ["client_uri", "logo_uri", "tos_uri", "policy_uri"])
def test_C57_C64_address_people_click_is_https(name, uri):
    assert_nothing_registered(post({**WEB, name: uri}), METADATA)


# C58

FOREIGN = {
    "skip_authorization": True,
    "user": 1,
    "user_id": 1,
    "owner": "alice",
    "owners": [1],
    "client_type": "public",
    "is_staff": True,
    "is_superuser": True,
    "profile": "first_party",
    "first_party": True,
    "status": "suspended",
    "allowed_scopes": ["*"],
    "scopes": ["*"],
    "default_scopes": ["write"],
    "resource_server_for": ["*"],
    "service_account": 1,
    "require_pkce": False,
    "subject_type_": "dot",
    "token_format": "opaque",
    "access_token_lifetime": 10**9,
    "refresh_token_leeway": 10**9,
    "registration_source": "admin",
    "unconfirmed_until": None,
    "registration_token_digest": "0" * 64,
    "client_id": "c_chosen",
    "client_secret": "chosen-by-the-client",
    "client_secret_expires_at": 1,
    "client_id_issued_at": 1,
    "registration_access_token": "chosen",
    "registration_client_uri": "https://evil.example/",
    "algorithm": "HS256",
    "allowed_origins": "https://evil.example",
    "authorization_grant_type": "password",
    "hash_client_secret": False,
    "id": 1,
    "pk": 1,
    "application": 1,
    "name": "Admin",
    "created": "2000-01-01",
}
_VARY = {"id", "application_id", "client_id", "created_at", "unconfirmed_until", "registration_token_digest",
         "created", "updated"}  # fmt: skip


def _columns(answer) -> dict[str, object]:
    client = Client.objects.get(application__client_id=answer["client_id"])
    application = application_model().objects.filter(pk=client.application_id).values().get()
    both = {**Client.objects.filter(pk=client.pk).values().get(), **{f"dot {n}": v for n, v in application.items()}}
    return {name: value for name, value in both.items() if name.removeprefix("dot ") not in _VARY}


@pytest.mark.parametrize("document", [WEB, NATIVE])
def test_C58_members_that_are_not_the_client_s_to_say_change_no_column(document, alice):
    plain, tried = registered(document), registered({**document, **FOREIGN})
    assert _columns(tried) == _columns(plain)
    client = client_of(tried).row
    assert client.unconfirmed_until is not None
    assert client.application.user_id is None
    assert client.owners.count() == 0
    assert not {"skip_authorization", "profile", "status", "first_party"} & set(tried)


@pytest.mark.parametrize("document", [WEB, NATIVE])
def test_C58_nor_do_they_in_a_change(document, initial_access_token):
    plain = registered(document)
    before = _columns(plain)
    allowed = {name: value for name, value in FOREIGN.items() if not name.startswith(("client_", "registration_acc"))}
    allowed.pop("registration_client_uri")
    assert put(plain, **allowed).status_code == 200
    assert _columns(plain) == before


def test_C58_AS17_client_cannot_choose_its_identifier_nor_look_like_a_person(flow, conf_client, initial_access_token):
    flow.tokens(conf_client, scope="openid read")
    sub = Subject.objects.get().sub
    InitialAccessToken.objects.update(uses_left=10)
    for wanted in (sub, "1", "alice", conf_client.client_id, "https://evil.example/client"):
        answer = registered({**MACHINE, "client_id": wanted, "sub": wanted}, initial_access_token)
        assert answer["client_id"] != wanted
        assert re.fullmatch(r"c_[0-9a-f]{24}", answer["client_id"])
        token = machine_token(client_of(answer)).json()["access_token"]
        assert userinfo(token).status_code in {401, 403}


# C59

INSIDE = [
    "https://127.0.0.1/x",
    "https://127.0.0.1:{port}/x",
    "http://127.0.0.1:{port}/x",
    "https://localhost:{port}/x",
    "https://LOCALHOST./x",
    "https://app.localhost/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]:{port}/x",
    "https://[::ffff:7f00:1]:{port}/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[64:ff9b:1::7f00:1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[fe80::1%25eth0]/x",
    "http://0x7f000001/",
    "https://0x7f000001:{port}/x",
    "https://0x7f.1/x",
    "https://2130706433:{port}/x",
    "https://017700000001/x",
    "https://0177.0.0.1/x",
    "https://127.1:{port}/x",
    "https://0/x",
    "https://127.0.0.1./x",
    "https://1.2.3.0x4/x",
    "https://\uff11\uff12\uff17.0.0.1/x",
    "https://①②⑦.0.0.1/x",
    "https://127\u30020\u30020\u30021/x",
    "https://user@127.0.0.1/x",
    "https://c.example@127.0.0.1/x",
    "https://c.example:pw@c.example/x",
    "https://c.example\\@127.0.0.1/x",
    "https://printer/x",
    "https://printer.local/x",
    "https://db.internal/x",
    "https://router.home.arpa/x",
    "https://c.example:99999/x",
    "https://c.example:x/x",
    "https://[c.example/x",
    "https:///x",
    "https:c.example/x",
    "https://%31%32%37.0.0.1/x",
    "https://c..example/x",
    "https://-.example/x",
    "gopher://127.0.0.1/x",
    "file:///etc/passwd",
]


@contextmanager
def _listener():
    """A socket on this machine, and how many connections it has had."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        listening.setblocking(False)  # the socket's own signature

        def connections() -> int:
            try:
                listening.accept()
            except BlockingIOError:
                return 0
            return 1

        yield listening.getsockname()[1], connections


@pytest.mark.parametrize(
    "name",
    [
        *("jwks_uri", "logo_uri", "client_uri", "tos_uri", "policy_uri", "sector_identifier_uri"),
        *("initiate_login_uri", "backchannel_logout_uri", "frontchannel_logout_uri", "request_uris", "logo_uri#de"),
    ],
)
def test_C59_address_that_leads_inside_is_refused_and_nothing_connects(name):
    with _listener() as (port, connections):
        for pattern in INSIDE:
            address = pattern.replace("{port}", str(port))
            response = post({**WEB, name: [address] if name == "request_uris" else address})
            assert_nothing_registered(response, METADATA)
        assert connections() == 0


@pytest.mark.parametrize("name", ["jwks_uri", "logo_uri", "sector_identifier_uri", "backchannel_logout_uri"])
def test_C59_name_that_may_lead_inside_is_not_even_resolved(name, monkeypatch):
    """A public host that redirects inside, and one whose name changes: nothing here asks them."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: pytest.fail("resolved"))
    monkeypatch.setattr(socket.socket, "connect", lambda *_args: pytest.fail("connected"))
    answer = post({**WEB, name: "https://redirects-inside.example/x"})
    assert answer.status_code == 201


# C60, IS4


def test_C60_IS4_token_of_one_client_is_nothing_at_another_s(initial_access_token):
    mine, other = registered(), registered(WEB, initial_access_token)
    for method in (get, put, delete):
        response = method(other, token=mine["registration_access_token"])
        assert_refused(response, "invalid_token", status=401)
        assert 'error="invalid_token"' in response["WWW-Authenticate"]
    assert (get(mine).status_code, get(other).status_code) == (200, 200)


def test_C60_after_the_end_and_after_a_change_the_token_is_nothing(initial_access_token):
    for token in (None, initial_access_token):
        answer = registered(WEB, token)
        changed = put(answer).json()
        for method in (get, put, delete):
            assert_refused(method(answer), "invalid_token", status=401)
        assert delete(changed).status_code == 204
        for method in (get, put, delete):
            assert_refused(method(changed), "invalid_token", status=401)


def test_C60_IS4_registration_token_opens_no_other_door(flow, conf_client, resource_server, settings):
    settings.ROOT_URLCONF = "tests.budgets.urls"
    answer = registered()
    token = answer["registration_access_token"]
    assert userinfo(token).status_code == 401
    for path in ("/plain", "/rest"):
        assert Browser().get(path, **bearer(token)).status_code == 401
    introspected = post_form(Browser(), "/introspect", {"token": token}, HTTP_AUTHORIZATION=resource_server.basic)
    assert introspected.json() == {"active": False}
    assert post(WEB, token).status_code == 401
    for grant in (
        {"grant_type": "refresh_token", "refresh_token": token},
        {"grant_type": "authorization_code", "code": token, "redirect_uri": "https://c.example/cb"},
    ):
        form = {**grant, "client_id": answer["client_id"], "client_secret": answer["client_secret"]}
        assert post_form(Browser(), "/token", form).json()["error"] == "invalid_grant"
    with_token = Registered(client_of(answer).row, token)
    assert machine_token(with_token).status_code == 401


def test_C60_IS4_no_other_credential_opens_a_registration(flow, initial_access_token):
    answer = registered(WEB, initial_access_token)
    tokens = flow.tokens(client_of(answer), scope="openid read")
    issued = [tokens[name] for name in ("access_token", "refresh_token", "id_token")]
    for value in (*issued, initial_access_token, answer["client_secret"], answer["client_id"]):
        assert_refused(get(answer, value), "invalid_token", status=401)
    basic = Browser().get(path_of(answer), HTTP_AUTHORIZATION=client_of(answer).basic)
    assert_refused(basic, "invalid_token", status=401)


@pytest.mark.parametrize("client_id", ["..", "%2e%2e", "a/b", "a" * 101, "ü", "a\x00", "a%00b", "a b", "'--"])
def test_IS4_odd_client_id_is_not_found(client_id):
    for method in ("get", "put", "delete"):
        assert getattr(Browser(), method)(f"/register/{client_id}").status_code in {400, 401, 404, 405}


# AS24, AS25


@pytest.mark.parametrize("uri", ["myapp:/cb", "myapp://cb", "com.example.app:/cb#x", "com.EXAMPLE.app:/cb", "a.:/cb"])
def test_AS24_private_scheme_is_a_reversed_domain_name(uri):
    assert_nothing_registered(post({**NATIVE, "redirect_uris": [uri]}), REDIRECT)


def test_AS24_AS25_native_app_is_public_and_stays_so():
    answer = registered({**NATIVE, "redirect_uris": ["com.example.app:/cb"]})
    assert "client_secret" not in answer
    assert client_of(answer).row.is_public
    assert put(answer, token_endpoint_auth_method="client_secret_post").status_code == 400


# Traces


def test_C65_nothing_that_was_given_stands_in_log_event_or_error(caplog, initial_access_token, settings):
    settings.DEBUG = True
    caplog.set_level(0)
    answer = registered(WEB, initial_access_token, HTTP_IDEMPOTENCY_KEY="k" * 36)
    changed = put(answer).json()
    put(answer)
    put(changed, client_secret="chosen-by-the-client")
    post(WEB, initial_access_token + "x")
    get(answer, answer["client_secret"])
    values = [
        *(one["registration_access_token"] for one in (answer, changed)),
        *(answer["client_secret"], initial_access_token, "k" * 36, "chosen-by-the-client"),
    ]
    written = caplog.text + json.dumps(list(AuditEvent.objects.values("detail", "actor", "client_id")))
    assert [value for value in values if value in written] == []
    assert rows() == (0, 0, 0, 0)

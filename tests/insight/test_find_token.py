"""Found a token in a log: every kind is recognised, whatever stands around it, and the value is kept nowhere."""

from __future__ import annotations

import base64
import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection
from django.db.models import F
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from oauth2_provider.models import AccessToken as DotAccessToken
from oauth2_provider.models import RefreshToken as DotRefreshToken

from oauth_provider import credentials
from oauth_provider.insight import find_token as room
from oauth_provider.models import (
    AccessToken,
    AuditEvent,
    AuthorizationCode,
    Client,
    ClientSecret,
    Grant,
    InitialAccessToken,
    SigningKey,
)
from tests.flow import field_of, machine_token, post_form, refresh, userinfo
from tests.hostile.test_markers import heard  # noqa: F401  # a fixture
from tests.insight.conftest import BASE, text_of
from tests.insight.scan import everything_kept

pytestmark = pytest.mark.django_db

PAGE = BASE + "find-token/"
REVOKE = BASE + "find-token/revoke/"
FUTURE = timezone.now() + timedelta(days=1)


@pytest.fixture(params=["jwt", "opaque"])
def web(request, conf_client):
    conf_client.row.change(token_format=request.param)
    return conf_client


def look(admin: Browser, value: str) -> str:
    response = admin.post(PAGE, {"value": value})
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return text_of(response)


def b64(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


# Every kind


def test_access_and_refresh_and_id_token(admin, flow, web):
    tokens = flow.tokens(web, scope="openid read")
    grant = Grant.objects.get()
    kind = "opaque" if web.row.token_format == "opaque" else "JWT"
    for name, title in (
        ("access_token", f"Access token ({kind})"),
        ("refresh_token", "Refresh token"),
        ("id_token", "ID token (JWT)"),
    ):
        text = look(admin, tokens[name])
        assert f"{title} …{tokens[name][-4:]} State Live" in text
        assert f"Client Notes for Web {web.client_id} Person alice" in text
        if name != "id_token":
            assert "Scopes openid read" in text
            assert f"Grant {grant.pk}" in text


def test_permission_that_was_taken_away_since_is_not_shown_any_more(admin, flow, web):
    tokens = flow.tokens(web, scope="openid read write")
    assert flow.browser.post(f"/connected-apps/{web.row.pk}", {"scope": "write"}).status_code == 303
    text = look(admin, tokens["access_token"])
    assert "Scopes openid read " in text
    assert "write" not in text


def test_machine_token(admin, machine_client):
    text = look(admin, machine_token(machine_client).json()["access_token"])
    assert "Access token (JWT)" in text
    assert f"Client Nightly report {machine_client.client_id} Person none Scopes read" in text


def test_code_live_used_and_expired(admin, flow, conf_client):
    code = flow.code(conf_client)
    assert "Authorization code" in (text := look(admin, code))
    assert "State Live" in text
    AuthorizationCode.objects.update(expires_at=F("expires_at") - timedelta(hours=1))
    assert "State Expired" in look(admin, code)
    AuthorizationCode.objects.update(expires_at=F("expires_at") + timedelta(hours=1))
    flow.redeem(conf_client, code)
    assert "State Used : it was used on" in look(admin, code)


def test_refresh_token_used_revoked_and_expired(admin, flow, conf_client):
    value = flow.tokens(conf_client)["refresh_token"]
    refresh(conf_client, value)
    assert "State Used" in look(admin, value)
    Grant.objects.update(expires_at=timezone.now() - timedelta(days=1))
    successor = refresh(conf_client, value)
    assert successor.status_code == 400
    Grant.objects.get().revoke(reason="withdrawn_by_user")
    assert "State Revoked : the grant was revoked: withdrawn_by_user" in look(admin, value)


def test_access_token_revoked_and_expired(admin, flow, web):
    value = flow.tokens(web)["access_token"]
    web.row.suspend()
    assert "State Revoked : the client is suspended" in look(admin, value)
    web.row.reactivate()
    Grant.objects.get().revoke(reason="withdrawn_by_user")
    text = look(admin, value)
    assert "State Revoked : the grant was revoked: withdrawn_by_user" in text
    assert "Person alice" in text


def test_device_code_in_each_state(admin, device_client, flow):
    started = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id}).json()
    text = look(admin, started["device_code"])
    assert "Device code" in text
    assert "State Waiting for a person" in text
    assert f"Client Notes for TV {device_client.client_id}" in text
    flow.browser.post("/device", {"user_code": started["user_code"], "decision": "allow"})
    assert "State Live : the person allowed it" in look(admin, started["device_code"])
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": started["device_code"]}
    post_form(Browser(), "/token", {**form, "client_id": device_client.client_id})
    text = look(admin, started["device_code"])
    assert "State Used" in text
    assert "Person alice" in text


def test_client_secret_in_each_state(admin, conf_client):
    row = ClientSecret.objects.get()
    text = look(admin, str(conf_client.secret))
    assert f"Client secret …{row.hint} State Live" in text
    assert f"{BASE}{conf_client.row.pk}/secrets/{row.pk}/revoke/" in page(admin, str(conf_client.secret))
    ClientSecret.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "State Expired" in look(admin, str(conf_client.secret))
    row.revoke()
    assert "State Revoked : it was revoked on" in look(admin, str(conf_client.secret))
    assert "secrets/" not in page(admin, str(conf_client.secret))


def test_request_id_of_a_consent_page(admin, flow, conf_client):
    consent = flow.authorize(conf_client)
    value = field_of(consent, "request")
    assert "Request id of a consent page" in (text := look(admin, value))
    assert "State Waiting for a person" in text
    flow.decide(consent)
    assert "State Used : decided on" in look(admin, value)


def test_registration_access_token(admin, conf_client):
    value = credentials.make(credentials.Kind.REGISTRATION_ACCESS_TOKEN)
    Client.objects.filter(pk=conf_client.row.pk).update(registration_token_digest=credentials.digest(value))
    assert f"Registration access token …{value[-4:]} State Live Client Notes for Web" in look(admin, value)


def test_initial_access_token_in_each_state(admin, alice):
    row, value = InitialAccessToken.objects.make(note="For the partners", expires_at=FUTURE, uses=1, owner=alice)
    text = look(admin, value)
    assert "Initial access token" in text
    assert "State Live : “For the partners”; registrations left: 1" in text
    assert "Person alice" in text
    InitialAccessToken.objects.spend(row.digest)
    assert "State Used" in look(admin, value)
    row.revoke()
    assert "State Revoked" in look(admin, value)


@pytest.fixture
def dot(conf_client, alice) -> tuple[str, str]:
    """An access and a refresh token that django-oauth-toolkit issued."""
    application = conf_client.row.application
    access = DotAccessToken.objects.create(
        user=alice, token="dot-access-" + "x" * 20, application=application, scope="read", expires=FUTURE
    )
    DotRefreshToken.objects.create(
        user=alice, token="dot-refresh-" + "x" * 20, application=application, access_token=access
    )
    return "dot-access-" + "x" * 20, "dot-refresh-" + "x" * 20


def test_tokens_of_django_oauth_toolkit(admin, dot, conf_client):
    access, old = dot
    assert f"Access token (django-oauth-toolkit) …{access[-4:]} State Live Client Notes for Web" in look(admin, access)
    text = look(admin, old)
    assert "Refresh token (django-oauth-toolkit)" in text
    assert "Person alice" in text
    refresh(conf_client, old)
    assert "State Revoked : it was used or revoked on" in look(admin, old)


def test_secret_taken_over_from_django_oauth_toolkit(admin, conf_client):
    ClientSecret.objects.keep(conf_client.row, "a-secret-made-elsewhere-0123456789", imported=True)
    assert "Client secret (django-oauth-toolkit)" in look(admin, "a-secret-made-elsewhere-0123456789")


# Whatever stands around it


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "  {}\n",
        '"{}"',
        "'{}',",
        "Bearer {}",
        "bearer   {}",
        "Authorization: Bearer {}",
        "authorization:bearer {}",
        '{{"access_token": "{}", "token_type": "Bearer", "expires_in": 3600}}',
        '10.0.0.1 - - [24/Nov/2026] "GET /notes?access_token={}&x=1 HTTP/1.1" 200',
        "retry with {} and again with {}",
    ],
)
def test_what_stands_around_is_forgiven(admin, flow, web, around):
    value = flow.tokens(web)["access_token"]
    assert f"Access token ({'opaque' if web.row.token_format == 'opaque' else 'JWT'})" in look(
        admin, around.format(value, value)
    )


def test_a_value_broken_into_lines_by_a_terminal_is_joined(admin, flow, web):
    value = flow.tokens(web)["access_token"]
    broken = "\n".join(value[start : start + 40] for start in range(0, len(value), 40))
    assert "State Live" in look(admin, broken)
    assert "State Live" in look(admin, f"Authorization: Bearer {broken}")


# What is none


def test_damaged_paste_says_check_signs_wrong(admin, conf_client):
    value = str(conf_client.secret)
    changed = value[:20] + ("a" if value[20] != "a" else "b") + value[21:]
    for damaged in (value[:-1], value[:10] + value[11:], changed, value + "x", f"token {value[:-2]} in a line"):
        assert "The check signs are wrong: a character is missing or was changed." in look(admin, damaged)


def test_several_credentials_are_refused(admin, flow, conf_client):
    answer = json.dumps(flow.tokens(conf_client))
    assert "This holds 2 different credentials. Paste one at a time." in look(admin, answer)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "Nothing was pasted."),
        ("  \n", "Nothing was pasted."),
        ("what is this", "Nothing in this text looks like a credential of this site."),
        ("x" * 70_000, "This is too long."),
        ("somebody-elses-token", "Neither this site nor its django-oauth-toolkit knows this value."),
        ("\ud800\x00", "Neither this site nor its django-oauth-toolkit knows this value."),
        ("eyJ.eyJ.x", "It looks like a JWT, but a part of it cannot be read"),
        ("eyJ" + "A" * 9000 + ".e.x", "It looks like a JWT, but a part of it cannot be read"),
    ],
)
def test_what_is_none_says_why(admin, value, reason):
    assert room.find(value).reason.startswith(reason)
    if value.isprintable():
        assert reason in look(admin, value)


def test_whole_value_that_nobody_stored(admin):
    assert "It is whole, but stored nowhere" in look(admin, credentials.make(credentials.Kind.ACCESS_TOKEN))


def test_jwt_that_is_changed_foreign_or_signed_by_an_unknown_key(admin, machine_client):
    value = machine_token(machine_client).json()["access_token"]
    header, claims, signature = value.split(".")
    key = SigningKey.objects.get(alg="ES256")
    says = f"It is a JWT that names the issuer https://provider.example and the key {key.kid}."
    changed = ".".join((header, claims, ("A" if signature[0] != "A" else "B") + signature[1:]))
    assert f"{says} The signature does not fit" in look(admin, changed)
    own = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}
    foreign = f"{b64(own)}.{b64({'iss': 'https://evil.example/<b>', 'sub': 'x'})}.AAAA"
    text = look(admin, foreign)
    assert "names the issuer https://evil.example/<b> and the key k1. The issuer of this site is" in text
    unknown = f"{b64(own)}.{b64({'iss': 'https://provider.example'})}.AAAA"
    assert "There is no such key here" in look(admin, unknown)
    key.revoke()
    assert "Signatures of that key are not accepted any more; it is revoked." in look(admin, value)


# The value is kept nowhere


def test_C65_pasted_values_are_in_no_table_session_log_cache_or_page(admin, flow, conf_client, heard):  # noqa: F811
    tokens = flow.tokens(conf_client, scope="openid read")
    values = [
        *(tokens[name] for name in ("access_token", "refresh_token", "id_token")),
        *(str(conf_client.secret), flow.code(conf_client), credentials.make(credentials.Kind.REFRESH_TOKEN)),
        *(str(conf_client.secret)[:-1], "a-password-pasted-by-mistake", tokens["access_token"][:-3] + "AAA"),
    ]
    heard.lines.clear()
    shown = []
    with CaptureQueriesContext(connection) as statements:
        for value in values:
            response = admin.post(PAGE, {"value": value})
            shown.append(response.content.decode() + str(response.headers) + str(response.cookies))
    assert len(statements) > 3 * len(values)
    places = {"kept": everything_kept(), "logs": "\n".join(heard.lines), "pages": "".join(shown)}
    assert len(heard.lines) > len(values)
    for place, text in places.items():
        assert [value for value in values if value in text] == [], place
    assert not LogEntry.objects.exists()


def test_C65_error_mail_about_the_page_shows_no_value(admin, conf_client, settings, monkeypatch):
    settings.ADMINS = [("Operator", "operator@people.example")]

    def fail(value: str) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(room.pasted, "read", fail)
    admin.raise_request_exception = False
    assert admin.post(PAGE, {"value": conf_client.secret}).status_code == 500
    assert mail.outbox
    assert "a fault" in mail.outbox[0].body
    assert str(conf_client.secret) not in mail.outbox[0].body


def test_value_in_the_address_is_not_looked_up(admin, conf_client):
    response = admin.get(PAGE, {"value": conf_client.secret})
    assert response.status_code == 200
    assert "Notes for Web" not in text_of(response)
    assert not AuditEvent.objects.filter(event="credential_looked_up").exists()


def test_form_keeps_browsers_from_remembering(admin):
    form = admin.get(PAGE).content.decode()
    assert re.search(r'<textarea name="value"[^>]* autocomplete="off"[^>]*></textarea>', form)


def test_look_up_is_recorded_with_kind_client_grant_and_actor(admin, flow, conf_client):
    look(admin, flow.tokens(conf_client)["access_token"])
    look(admin, str(conf_client.secret)[:-1])
    found, none = AuditEvent.objects.filter(event="credential_looked_up").order_by("pk")
    assert found.detail == {"kind": "access_token", "state": "live"}
    assert (found.actor, found.client_id) == ("root", conf_client.client_id)
    assert (found.grant_id, found.address) == (str(Grant.objects.get().pk), "127.0.0.1")
    assert none.detail == {"kind": "client_secret", "found": False}
    assert (none.actor, none.client_id) == ("root", "")


# Rights, and what the page costs


@pytest.mark.parametrize("lacking", ["view_client", "view_grant"])
def test_page_needs_sight_of_clients_and_of_grants(staff, conf_client, lacking):
    browser = staff(lacking)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {"value": conf_client.secret}).status_code == 403
    assert not AuditEvent.objects.filter(event="credential_looked_up").exists()
    assert "find-token" not in browser.get("/admin/").content.decode()


def test_sight_alone_is_enough_to_look_and_ends_nothing(staff, flow, conf_client):
    value = flow.tokens(conf_client)["access_token"]
    browser = staff(only=("view_client", "view_grant"))
    assert PAGE in browser.get(BASE).content.decode()
    shown = page(browser, value)
    assert "State Live" in " ".join(html.unescape(re.sub(r"<[^>]*>", " ", shown)).split())
    assert "Revoke" not in shown


def test_strangers_are_sent_to_sign_in_and_a_forged_form_is_refused(conf_client, django_user_model, admin):
    assert Browser().post(PAGE, {"value": conf_client.secret}).status_code == 302
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.get(username="root"))
    assert strict.post(PAGE, {"value": conf_client.secret}).status_code == 403
    assert strict.post(REVOKE, {"reference": "x", "confirmed": "yes"}).status_code == 403


STATEMENTS = {
    "jwt": 4,  # session, person · grant with user, client and Application · the event
    "opaque": 5,
    "refresh_token": 4,
    "id_token": 5,  # client · subject
    "client_secret": 4,
    "unknown": 6,  # two tables of django-oauth-toolkit and the secrets
}


@pytest.mark.parametrize("kind", STATEMENTS)
def test_page_costs_few_statements(admin, flow, conf_client, warm, kind):
    conf_client.row.change(token_format="opaque" if kind == "opaque" else "jwt")
    tokens = flow.tokens(conf_client, scope="openid read")
    value = {
        "jwt": tokens["access_token"],
        "opaque": tokens["access_token"],
        "client_secret": conf_client.secret,
        "unknown": "nobody-knows",
    }.get(kind) or tokens[kind]
    look(admin, value)
    warm()
    with CaptureQueriesContext(connection) as captured:
        look(admin, value)
    assert len(captured) == STATEMENTS[kind], "\n".join(query["sql"] for query in captured.captured_queries)


# Ending what was found


def page(browser: Browser, value: str) -> str:
    return browser.post(PAGE, {"value": value}).content.decode()


def reference_on(shown: str) -> str:
    found = re.search(r'name="reference" value="([^"]+)"', shown)
    assert found, shown
    return html.unescape(found[1])


def test_family_is_revoked_by_its_grant_after_asking(admin, flow, web):
    tokens = flow.tokens(web, scope="openid read")
    grant = Grant.objects.get()
    address = f"/admin/oauth_provider/grant/{grant.pk}/revoke/"
    for name in ("access_token", "refresh_token"):
        shown = page(admin, tokens[name])
        assert address in shown
        assert tokens[name] not in shown
    asked = admin.get(address)
    assert "Every token of the family is refused at once." in text_of(asked)
    assert userinfo(tokens["access_token"]).status_code == 200
    admin.post(address, {"confirmed": "yes"})
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(web, tokens["refresh_token"]).status_code == 400
    assert address not in page(admin, tokens["access_token"])


def test_one_token_is_revoked_after_asking_and_the_family_goes_on(admin, flow, web):
    tokens = flow.tokens(web, scope="openid read")
    reference = reference_on(page(admin, tokens["access_token"]))
    assert tokens["access_token"] not in reference
    asked = admin.post(REVOKE, {"reference": reference})
    assert "Revoke this one token?" in text_of(asked)
    assert userinfo(tokens["access_token"]).status_code == 200
    done = admin.post(REVOKE, {"reference": reference_on(asked.content.decode()), "confirmed": "yes"})
    assert done.status_code == 302
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(web, tokens["refresh_token"]).status_code == 200
    event = AuditEvent.objects.get(event="token_revoked")
    assert (event.actor, event.client_id, event.user_id) == ("root", web.client_id, str(Grant.objects.get().user_id))
    assert tokens["access_token"] not in everything_kept_in(LogEntry)
    assert "name=“reference”" not in page(admin, tokens["access_token"])


def everything_kept_in(model: Any) -> str:
    return "".join(str(row) for row in model.objects.values())


def test_machine_token_is_revoked_by_itself(admin, machine_client, resource_server):
    for token_format in ("jwt", "opaque"):
        machine_client.row.change(token_format=token_format)
        value = machine_token(machine_client).json()["access_token"]
        admin.post(REVOKE, {"reference": reference_on(page(admin, value)), "confirmed": "yes"})
        asked = post_form(Browser(), "/introspect", {"token": value}, HTTP_AUTHORIZATION=resource_server.basic)
        assert asked.json() == {"active": False}
        assert "State Revoked : this token was revoked" in look(admin, value)
    assert AccessToken.objects.get().revoked_at is not None


def test_tokens_of_django_oauth_toolkit_are_ended(admin, dot, conf_client):
    access, old = dot
    for value in (old, access):
        shown = page(admin, value)
        if "reference" in shown:
            admin.post(REVOKE, {"reference": reference_on(shown), "confirmed": "yes"})
    assert not DotAccessToken.objects.exists()
    assert refresh(conf_client, old).status_code == 400
    assert AuditEvent.objects.filter(event="token_revoked", actor="root").exists()


def test_access_token_of_django_oauth_toolkit_is_ended_alone(admin, dot):
    admin.post(REVOKE, {"reference": reference_on(page(admin, dot[0])), "confirmed": "yes"})
    assert not DotAccessToken.objects.exists()
    assert DotRefreshToken.objects.get().revoked is None


@pytest.mark.parametrize("reference", ["", "x", "eyJrIjoxfQ:1:forged"])
def test_reference_that_is_not_ours_ends_nothing(admin, reference):
    assert admin.post(REVOKE, {"reference": reference, "confirmed": "yes"}).status_code == 302
    assert admin.get(REVOKE, {"reference": reference}).status_code == 302
    assert not AuditEvent.objects.filter(event="token_revoked").exists()


def test_reference_sent_twice_or_to_what_is_gone_changes_nothing(admin, machine_client):
    machine_client.row.change(token_format="opaque")
    reference = reference_on(page(admin, machine_token(machine_client).json()["access_token"]))
    for _ in range(2):
        admin.post(REVOKE, {"reference": reference, "confirmed": "yes"})
    AccessToken.objects.all().delete()
    admin.post(REVOKE, {"reference": reference, "confirmed": "yes"})
    assert AuditEvent.objects.filter(event="token_revoked").count() == 1


def test_revoking_needs_revoke_grant(staff, admin, machine_client, conf_client):
    value = machine_token(machine_client).json()["access_token"]
    reference = reference_on(page(admin, value))
    lacking = staff("revoke_grant", "rotate_secret")
    assert "Revoke" not in page(lacking, value)
    assert "Revoke" not in page(lacking, str(conf_client.secret))
    assert lacking.post(REVOKE, {"reference": reference, "confirmed": "yes"}).status_code == 403
    allowed = staff(only=("view_client", "view_grant", "revoke_grant"))
    assert "Revoke this token…" in page(allowed, value)
    assert allowed.post(REVOKE, {"reference": reference, "confirmed": "yes"}).status_code == 302
    assert "State Revoked" in look(admin, value)

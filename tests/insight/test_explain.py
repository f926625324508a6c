"""A refusal over HTTP, then its request id on the page: the rule, both values with the difference, the fix."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider import credentials, rules
from oauth_provider.models import (
    AuditEvent,
    AuthorizationCode,
    Client,
    ClientSecret,
    DeviceCode,
    Grant,
    RefreshToken,
    StoredRequest,
)
from tests.flow import Flow, Registered, field_of, machine_token, pkce, post_form, refresh
from tests.insight.conftest import BASE, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

PAGE = BASE + "explain/"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
JUNK = "A" * 49


def page_of(admin: Browser, refused: Any) -> Any:
    response = admin.get(PAGE, {"request_id": refused["X-Request-Id"]})
    assert response.status_code == 200
    return response


def past(rows: Any, **columns: timedelta) -> None:
    rows.update(**{name: F(name) - age for name, age in columns.items()})


@pytest.fixture
def world(flow, request) -> World:
    kinds = ("conf", "public", "machine", "device")
    return World(flow, *(request.getfixturevalue(f"{kind}_client") for kind in kinds))


class World:
    """Clients and a person's browser, and the ways to be refused."""

    def __init__(self, flow: Flow, *clients: Registered) -> None:
        self.flow = flow
        self.web, self.native, self.machine, self.tv = clients

    def token(self, data: Any, **headers: Any) -> Any:
        return post_form(Browser(), "/token", data, **headers)

    def refused_code(self, change: Callable[[str], None] | None = None, **changes: Any) -> Any:
        code = self.flow.code(self.web)
        if change is not None:
            change(code)
        return self.flow.redeem(self.web, code, **changes)

    def refused_refresh(self, change: Callable[[str], None] | None = None, **changes: Any) -> Any:
        value = self.flow.tokens(self.web)["refresh_token"]
        if change is not None:
            change(value)
        return refresh(self.web, value, **changes)

    def device(self, change: Callable[[str], Any] | None = None, **changes: Any) -> Any:
        started = post_form(Browser(), "/device_authorization", {"client_id": self.tv.client_id}).json()
        if change is not None:
            change(started["device_code"])
        form = {"grant_type": DEVICE_CODE, "device_code": started["device_code"], "client_id": self.tv.client_id}
        return self.token({**form, **changes})

    def without_code(self, **changes: Any) -> Any:
        return self.token({"grant_type": "authorization_code"} | changes, HTTP_AUTHORIZATION=self.web.basic)


def spend_twice(world: World) -> Any:
    code = world.flow.code(world.web)
    world.flow.redeem(world.web, code)
    return world.flow.redeem(world.web, code)


def refresh_twice(world: World) -> Any:
    Client.objects.filter(pk=world.web.row.pk).update(refresh_token_leeway=0)
    value = world.flow.tokens(world.web)["refresh_token"]
    refresh(world.web, value)
    return refresh(world.web, value)


def with_suspended(world: World) -> Any:
    world.machine.row.suspend()
    return machine_token(world.machine)


def with_secret(**columns: Any) -> Callable[[World], Any]:
    def ask(world: World) -> Any:
        ClientSecret.objects.filter(client=world.machine.row).update(**columns)
        return machine_token(world.machine)

    return ask


def of_another_client(world: World) -> Any:
    other, secret = Client.objects.register(name="Other", redirect_uris=["https://c.example/cb"], scopes=["read"])
    return world.flow.redeem(Registered(other, secret), world.flow.code(world.web))


def without_pkce(world: World) -> Any:
    Client.objects.filter(pk=world.web.row.pk).update(profile="legacy", require_pkce=False)
    code = world.flow.code(world.web, code_challenge=None, code_challenge_method=None)
    return world.flow.redeem(world.web, code, code_verifier=None, redirect_uri="https://c.example/CB")


def inactive(world: World) -> Any:
    def leave(_code: str) -> None:
        # Past save(), which would end the grant.
        user = Grant.objects.get().user
        type(user).objects.filter(pk=user.pk).update(is_active=False)

    return world.refused_code(leave)


def too_many(world: World) -> Any:
    AuditEvent.objects.all().delete()
    wrong = Registered(world.machine.row, "wrong")
    return [machine_token(wrong) for _ in range(3)][-1]


def personal(world: World) -> Any:
    world.machine.row.change(allowed_scopes=["openid", "read"])
    return machine_token(world.machine, scope="openid read")


def old_page(world: World) -> Any:
    page = world.flow.authorize(world.web)
    past(StoredRequest.objects, expires_at=timedelta(hours=1))
    return world.flow.browser.get("/authorize", {"request": field_of(page, "request")})


def device_done(world: World) -> Any:
    return world.device(lambda _code: DeviceCode.objects.update(state="consumed"))


def revoked_family(world: World) -> Any:
    return world.refused_refresh(lambda _value: Grant.objects.get().revoke(reason="revoked_by_admin"))


WAYS: dict[str, tuple[Callable[[World], Any], str, str]] = {
    # rule: (how, what the page must say of what was sent, and of what would have been right)
    "not_post": (lambda _: Browser().get("/token"), "", ""),
    "parameters_in_url": (lambda _: post_form(Browser(), "/token?a=b", {}), "", ""),
    "content_type": (
        lambda _: Browser().post("/token", "{}", content_type="application/json"),
        "Sent application/json",
        "Expected application/x-www-form-urlencoded",
    ),
    "parameter_repeated": (lambda w: w.token("grant_type=a&grant_type=b"), "", ""),
    "parameter_missing": (lambda w: w.without_code(), "", ""),
    "client_id_missing": (lambda w: w.flow.authorize(w.web, client_id=None), "", ""),
    "client_unknown": (lambda w: w.flow.authorize(w.web, client_id="nobody"), "Sent nobody", ""),
    "client_not_active": (with_suspended, "", "Status suspended"),
    "two_auth_methods": (
        lambda w: machine_token(w.machine, client_id=w.machine.client_id, client_secret="x"),
        "Sent client_secret_basic client_secret_post",
        "",
    ),
    "authentication_missing": (lambda w: w.token({"grant_type": "client_credentials"}), "", ""),
    "authorization_scheme": (
        lambda w: w.token({"grant_type": "client_credentials"}, HTTP_AUTHORIZATION="Bearer x"),
        "Sent Bearer",
        "Expected Basic",
    ),
    "authorization_header": (
        lambda w: w.token({"grant_type": "client_credentials"}, HTTP_AUTHORIZATION="Basic !"),
        "",
        "",
    ),
    "secret_incomplete": (lambda w: w.token({"client_secret": "x"} | {"grant_type": "client_credentials"}), "", ""),
    "client_ids_differ": (
        lambda w: machine_token(w.machine, client_id="another"),
        "Sent another",
        "Expected c_",
    ),
    "auth_method": (
        lambda w: w.token({"grant_type": "client_credentials", "client_id": w.machine.client_id}),
        "Sent none",
        "Registered client_secret_basic client_secret_post",
    ),
    "secret_wrong": (
        lambda w: machine_token(Registered(w.machine.row, "not-the-secret-wxyz")),
        "Sent …wxyz",
        "Registered …",
    ),
    "secret_is_hash": (lambda w: machine_token(Registered(w.machine.row, "pbkdf2_sha256$x")), "", ""),
    "secret_revoked": (with_secret(revoked_at=timezone.now()), "Sent …", ""),
    "secret_expired": (with_secret(expires_at=timezone.now() - timedelta(days=1)), "Sent …", ""),
    "origin_not_registered": (
        lambda w: w.token(
            {"grant_type": "refresh_token", "client_id": w.native.client_id}, HTTP_ORIGIN="https://evil.example"
        ),
        "Sent https://evil.example",
        "",
    ),
    "introspection_needs_secret": (
        lambda w: post_form(Browser(), "/introspect", {"token": "x", "client_id": w.native.client_id}),
        "",
        "",
    ),
    "redirect_uri_missing": (
        lambda w: w.flow.authorize(w.native, redirect_uri=None),
        "",
        "Registered http://127.0.0.1/cb",
    ),
    "redirect_uri_not_registered": (
        lambda w: w.flow.authorize(w.web, redirect_uri="https://c.example/cb/"),
        "Sent https://c.example/cb /",
        "Registered https://c.example/cb ·",
    ),
    "state_too_long": (lambda w: w.flow.authorize(w.web, state="ü" * 4000), "", ""),
    "response_type_missing": (lambda w: w.flow.authorize(w.web, response_type=None), "", ""),
    "response_type_not_served": (
        lambda w: w.flow.authorize(w.web, response_type="token"),
        "Sent token",
        "Served code",
    ),
    "response_mode_not_served": (
        lambda w: w.flow.authorize(w.web, response_mode="jwt"),
        "Sent jwt",
        "Served query",
    ),
    "prompt_malformed": (lambda w: w.flow.authorize(w.web, prompt="none login"), "Sent none login", "Served consent"),
    "max_age_malformed": (lambda w: w.flow.authorize(w.web, max_age="-1"), "Sent -1", ""),
    "nonce_too_long": (lambda w: w.flow.authorize(w.web, nonce="n" * 600), "", ""),
    "pkce_missing": (
        lambda w: w.flow.authorize(w.web, code_challenge=None, code_challenge_method=None),
        "",
        "",
    ),
    "pkce_method": (
        lambda w: w.flow.authorize(w.web, code_challenge_method="plain"),
        "Sent plain",
        "Expected S256",
    ),
    "pkce_malformed": (
        lambda w: w.flow.authorize(w.web, code_challenge="short"),
        "Sent 5 characters",
        "Expected 43 characters",
    ),
    "request_too_old": (old_page, "Expired ", ""),
    "request_id_missing": (lambda w: w.flow.browser.get("/authorize/decision"), "", ""),
    "scope_unknown": (lambda w: w.flow.authorize(w.web, scope="read nosuch"), "Sent read nosuch", "Known openid"),
    "scope_not_allowed": (
        lambda w: machine_token(w.machine, scope="read introspection"),
        "Sent read introspection",
        "Allowed read write",
    ),
    "scope_needs_person": (personal, "Sent openid read", "Allowed read"),
    "resource_unknown": (
        lambda w: machine_token(w.machine, resource="https://api.example/x"),
        "Sent https://api.example/ x",
        "Known https://api.example/ v1",
    ),
    "resource_not_allowed": (
        lambda w: machine_token(w.machine, resource="https://api.example/v1"),
        "Sent https://api.example/v1",
        "Allowed ",
    ),
    "scope_not_granted": (
        lambda w: w.refused_refresh(scope="read write"),
        "Sent read write",
        "Granted read",
    ),
    "user_not_active": (inactive, "", ""),
    "grant_type_not_registered": (
        lambda w: w.token({"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=w.web.basic),
        "Sent client_credentials",
        "Registered authorization_code refresh_token",
    ),
    "unsupported_grant_type": (
        lambda w: w.token({"grant_type": "password"}, HTTP_AUTHORIZATION=w.web.basic),
        "Sent password",
        "Served authorization_code",
    ),
    "verifier_malformed": (lambda w: w.refused_code(code_verifier="short"), "Sent 5 characters", ""),
    "verifier_missing": (lambda w: w.refused_code(code_verifier=None), "", ""),
    "verifier_wrong": (lambda w: w.refused_code(code_verifier=pkce()[0]), "", ""),
    "code_damaged": (lambda w: w.without_code(code="op_ac_" + JUNK), "", ""),
    "code_unknown": (
        lambda w: w.without_code(code=credentials.make(credentials.Kind.AUTHORIZATION_CODE)),
        "",
        "",
    ),
    "code_used": (spend_twice, "", "First used "),
    "code_of_another_client": (of_another_client, "", ""),
    "code_expired": (
        lambda w: w.refused_code(lambda _code: past(AuthorizationCode.objects, expires_at=timedelta(hours=1))),
        "",
        "Expired ",
    ),
    "code_redirect_uri": (
        without_pkce,
        "Sent https://c.example/ CB",
        "Expected https://c.example/ cb",
    ),
    "grant_revoked": (revoked_family, "", ""),
    "refresh_token_damaged": (lambda w: refresh(w.web, "op_rt_" + JUNK), "", ""),
    "refresh_token_unknown": (lambda w: refresh(w.web, credentials.make(credentials.Kind.REFRESH_TOKEN)), "", ""),
    "refresh_token_expired": (
        lambda w: w.refused_refresh(lambda _value: past(RefreshToken.objects, expires_at=timedelta(days=99))),
        "",
        "Expired ",
    ),
    "refresh_token_used": (refresh_twice, "", "Seconds after its first use "),
    "device_code_damaged": (lambda w: w.device(device_code="op_dc_" + JUNK), "", ""),
    "device_code_unknown": (
        lambda w: w.device(device_code=credentials.make(credentials.Kind.DEVICE_CODE)),
        "",
        "",
    ),
    "device_code_used": (device_done, "", ""),
    "access_denied": (lambda w: w.device(lambda _code: DeviceCode.objects.update(state="denied")), "", ""),
    "expired_token": (
        lambda w: w.device(lambda _code: past(DeviceCode.objects, expires_at=timedelta(hours=1))),
        "",
        "Expired ",
    ),
    "request_not_supported": (lambda w: w.flow.authorize(w.web, request="x.y.z"), "", ""),
    "request_uri_not_supported": (lambda w: w.flow.authorize(w.web, request_uri="https://x.example"), "", ""),
    "registration_not_supported": (lambda w: w.flow.authorize(w.web, registration="{}"), "", ""),
}


@pytest.mark.parametrize("rule", WAYS)
def test_refusal_is_explained_with_rule_values_and_fix(world, admin, settings, rule):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {"https://api.example/v1": "API"}}
    refuse, sent, right = WAYS[rule]
    refused = refuse(world)
    event = AuditEvent.objects.filter(request_id=refused["X-Request-Id"], detail__has_key="rule").get()
    assert event.detail["rule"] == rule
    text = text_of(page_of(admin, refused))
    told = rules.RULES[rule]
    assert str(told.sentence) in text
    assert str(told.source) in text
    assert f"Fix {told.fix}" in text
    assert sent in text
    assert right in text
    assert "127.0.0.1" in text


def test_refused_secret_after_too_many_is_told_in_the_log_only(world, admin, settings, caplog):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SECRET_FAILURES_PER_MINUTE": 2}
    refused = too_many(world)
    assert refused.status_code == 429
    assert "Nothing is kept under this id." in text_of(page_of(admin, refused))
    assert refused["X-Request-Id"] in caplog.text
    assert AuditEvent.objects.count() == 2


def test_redirect_uri_of_several_is_compared_with_the_nearest_and_the_difference_is_marked(world, admin):
    world.web.row.set_redirect_uris(["https://other.example/x", "https://c.example/cb"])
    page = page_of(admin, world.flow.authorize(world.web, redirect_uri="https://c.example/callback"))
    assert "<mark>" in page.content.decode()
    text = text_of(page)
    # Marked pieces stand apart once the tags are gone.
    assert "Sent https://c.example/c allback" in text
    assert "Registered https://c.example/c b https://other.example/x" in text


def test_what_was_sent_is_shown_as_text(world, admin):
    evil = "https://c.example/<script>alert(1)</script>"
    page = page_of(admin, world.flow.authorize(world.web, redirect_uri=evil))
    assert "<script>alert" not in page.content.decode()
    assert "script" in text_of(page)


def test_client_person_time_and_neighbours_are_named(world, admin, alice):
    text = text_of(page_of(admin, spend_twice(world)))
    assert f"Notes for Web {world.web.client_id}" in text
    assert "What else happened in this request" in text
    assert "Reuse detected" in text
    text = text_of(page_of(admin, world.flow.authorize(world.web, scope="nosuch")))
    assert "Person alice" in text


def test_refusal_by_redirect_carries_the_request_id_too(world):
    refused = world.flow.authorize(world.web, scope="nosuch")
    assert refused.status_code == 303
    assert AuditEvent.objects.get(event="authorization_refused").request_id == refused["X-Request-Id"]


@pytest.mark.parametrize("request_id", ["", " ", "x", "1" * 400, "a\x00b", "00000000-0000-0000-0000-000000000000"])
def test_unknown_ids_find_nothing(admin, request_id):
    response = admin.get(PAGE, {"request_id": request_id})
    assert response.status_code == 200
    assert ("Nothing is kept under this id." in text_of(response)) == bool(request_id)


def test_rows_of_an_earlier_release_have_the_rule_of_their_error(admin):
    AuditEvent.objects.create(event="token_refused", request_id="r-1", detail={"error": "invalid_scope", "cause": "x"})
    AuditEvent.objects.create(event="client_authentication_failed", request_id="r-2", detail={"cause": "x"})
    assert str(rules.RULES["invalid_scope"].sentence) in text_of(admin.get(PAGE, {"request_id": "r-1"}))
    assert str(rules.RULES["invalid_client"].sentence) in text_of(admin.get(PAGE, {"request_id": "r-2"}))


def test_page_needs_view_event_and_nothing_else(staff, world):
    refused = machine_token(world.machine, scope="nosuch")
    assert staff("view_event").get(PAGE, {"request_id": refused["X-Request-Id"]}).status_code == 403
    response = staff(only=("view_event",)).get(PAGE, {"request_id": refused["X-Request-Id"]})
    assert "Sent nosuch" in text_of(response)
    assert Browser().get(PAGE).status_code == 302


def test_list_of_clients_links_to_the_page_for_whom_may_see_it(staff):
    assert PAGE in staff().get(BASE).content.decode()
    assert PAGE not in staff("view_event").get(BASE).content.decode()


def test_page_costs_at_most_seven_statements(world, admin):
    refused = machine_token(Registered(world.machine.row, "not-the-secret-wxyz"))
    page_of(admin, refused)
    with CaptureQueriesContext(connection) as statements:
        page_of(admin, refused)
    # session, person; events, client, its secrets' hints
    assert len(statements) == 5


# What anybody may cause


def test_malformed_requests_of_one_address_are_rows_within_bounds_and_lines_beyond(conf_client, caplog):
    for number in range(30):
        post_form(Browser(), "/token", {"grant_type": f"g{number}", "client_id": "x"})
        Browser().get("/authorize", {"client_id": f"nobody{number}"})
    assert AuditEvent.objects.filter(event__in=["token_refused", "authorization_refused"]).count() == 20
    assert caplog.text.count("request_id=") == 60


def test_malformed_requests_of_a_known_public_client_are_within_bounds_too(public_client):
    for _ in range(30):
        post_form(Browser(), "/token", {"grant_type": "refresh_token", "client_id": public_client.client_id})
    assert AuditEvent.objects.filter(event="token_refused").count() == 20


def test_another_address_has_its_own_share(conf_client):
    for number in range(25):
        Browser(REMOTE_ADDR=f"10.0.0.{number}").get("/authorize", {"client_id": "nobody"})
    assert AuditEvent.objects.filter(event="authorization_refused").count() == 25


def test_what_cannot_be_read_costs_no_statement(conf_client):
    with CaptureQueriesContext(connection) as statements:
        refused = post_form(Browser(), "/token", "grant_type=%zz")
        assert Browser().get("/authorize?client_id=%zz").status_code == 400
    assert refused["X-Request-Id"]
    assert len(statements) == 0


def test_C65_a_credential_in_the_wrong_field_is_not_kept(flow, conf_client, machine_client, admin, caplog):
    token = flow.tokens(conf_client, scope="openid read")
    secrets = [str(machine_client.secret), token["access_token"], token["refresh_token"], token["id_token"]]
    responses = []
    for secret in secrets:
        responses += [
            machine_token(machine_client, scope=secret),
            machine_token(machine_client, resource=secret),
            post_form(Browser(), "/token", {"grant_type": secret}),
            post_form(Browser(), "/token", {"grant_type": "client_credentials", "client_id": secret}),
            flow.authorize(conf_client, redirect_uri=f"https://c.example/?code={secret}"),
            flow.authorize(conf_client, client_id=secret),
            flow.authorize(conf_client, scope=f"{'a ' * 550}{secret}"),
        ]
    kept = "".join(f"{event.client_id} {event.detail}" for event in AuditEvent.objects.all())
    assert [secret for secret in secrets if secret in kept] == []
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert AuditEvent.objects.filter(detail__has_key="rule").count() >= 20
    pages = "".join(page_of(admin, response).content.decode() for response in responses)
    assert [secret for secret in secrets if secret in pages] == []


@pytest.mark.parametrize("junk", ["a\x00b", "a\x1b[31mb", "a\xad\xffb"])
def test_headers_with_what_no_column_takes_are_kept_readable(conf_client, machine_client, junk):
    form = {"grant_type": "client_credentials", "client_id": machine_client.client_id}
    for refused in (
        Browser().generic("POST", "/token", b"{}", content_type=f"application/json;{junk}{junk}"),
        Browser().generic("POST", "/token", b"{}", content_type=junk),
        post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=f"{junk} x"),
        post_form(Browser(), "/token", form | {"client_secret": machine_client.secret}, HTTP_ORIGIN=junk),
    ):
        assert refused.status_code in {400, 401}
    kept = [f"{event.client_id} {event.detail}" for event in AuditEvent.objects.all()]
    assert len(kept) > 3
    assert all(line.isprintable() for line in kept)


def test_values_kept_are_short(flow, conf_client):
    flow.authorize(conf_client, redirect_uri="https://c.example/" + "x" * 4000)
    detail = AuditEvent.objects.get(event="authorization_refused").detail
    assert len(detail["compared"]["sent"]) <= 601


# DEBUG says it at once


def test_with_debug_the_description_says_rule_values_and_fix(settings, machine_client):
    production = machine_token(machine_client, scope="nosuch").json()
    assert production["error_description"] == "A requested scope is unknown or not allowed for this client."
    settings.DEBUG = True
    description = machine_token(machine_client, scope="nosuch").json()["error_description"]
    assert "Rule: Each scope exists. (RFC 6749 " in description
    assert "sent: nosuch | known: openid " in description
    assert "Fix: Declare the scope" in description
    assert description.isascii()


def test_with_debug_the_page_says_rule_values_and_fix(settings, flow, conf_client):
    production = flow.authorize(conf_client, redirect_uri="https://c.example/CB")
    assert "https://c.example/cb" not in production.content.decode()
    settings.DEBUG = True
    text = text_of(flow.authorize(conf_client, redirect_uri="https://c.example/CB"))
    assert str(rules.RULES["redirect_uri_not_registered"].sentence) in text
    assert "Sent https://c.example/CB Registered https://c.example/cb Fix Register the address" in text

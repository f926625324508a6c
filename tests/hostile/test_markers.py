"""C65: every secret of every flow is sent, then looked for where it must not be: logs, tables, pages, error mails."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils.log import AdminEmailHandler

from oauth_provider.authorization import grant
from oauth_provider.keys import signing
from oauth_provider.tokens import issue
from tests.admin.test_client_registration import ADD, FORM, once, secret_in
from tests.flow import Flow, Registered, field_of, machine_token, pkce, post_form, refresh, userinfo

pytestmark = pytest.mark.django_db

WRONG = "wrong-secret-of-somebody-else-0123456789"
PASSWORDS = ("alice-password", "alice-wrong-password")


class Heard(logging.Handler):
    """Every line of every logger, as an operator would read it, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record) + repr(record.args))


@pytest.fixture
def heard(monkeypatch):
    handler = Heard()
    loggers = [logging.root, *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict))]
    for logger in loggers:
        monkeypatch.setattr(logger, "level", logging.DEBUG)
        monkeypatch.setattr(logger, "disabled", False)
        logger.manager._clear_cache()
        if logger is logging.root or not logger.propagate:
            logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)
    logging.root.manager._clear_cache()


@dataclass
class Seen:
    """What was secret, and what people and browsers were shown."""

    secrets: set[str] = field(default_factory=set)
    # Secret, but a page of the flow itself carries it: a code on its way, a form's request, a code on a screen.
    carried: set[str] = field(default_factory=set)
    shown: list[str] = field(default_factory=list)

    def note(self, response):
        if response.status_code >= 400 or response["Content-Type"].startswith("text/html"):
            self.shown.append(response.content.decode() + str(response.headers))
        return response


def _walk(seen: Seen, flow: Flow, clients: dict[str, Registered], token_format: str) -> None:
    web, native, machine, device, api = (clients[name] for name in ("web", "native", "machine", "device", "api"))
    seen.secrets |= {str(client.secret) for client in (web, machine, api)} | {WRONG, *PASSWORDS}
    for client in (web, native):
        client.row.token_format = token_format
        client.row.save()
        page = seen.note(flow.authorize(client, scope="openid read", nonce="n"))
        request_id = field_of(page, "request")
        going_on = seen.note(flow.decide(page))
        code = going_on.content.decode().split("code=")[1].split("&")[0]
        seen.carried |= {request_id, code}
        seen.secrets.add(flow.verifier)
        seen.note(flow.redeem(client, code, client_secret=WRONG))
        seen.note(flow.redeem(client, code, code_verifier=pkce()[0]))
        first = flow.redeem(client, code).json()
        second = refresh(client, first["refresh_token"]).json()
        third = refresh(client, second["refresh_token"]).json()
        for tokens in (first, second, third):
            seen.secrets |= {tokens["access_token"], tokens["refresh_token"], tokens["id_token"]}
            seen.note(userinfo(tokens["access_token"]))
        for token in (third["access_token"], third["id_token"], third["refresh_token"], WRONG):
            for path in ("/introspect", "/revoke"):
                seen.note(post_form(Browser(), path, {"token": token}, HTTP_AUTHORIZATION=api.basic))
        seen.note(post_form(Browser(), "/revoke", {"token": third["access_token"]}, HTTP_AUTHORIZATION=web.basic))
        seen.note(refresh(client, first["refresh_token"]))
        seen.note(flow.redeem(client, code))
        seen.note(userinfo(third["id_token"]))
        seen.note(Browser().get("/userinfo", {"access_token": "x"}))
    seen.secrets.add(machine_token(machine).json()["access_token"])
    seen.note(machine_token(Registered(machine.row, WRONG)))
    seen.note(machine_token(machine, scope="nonsense"))
    _walk_device(seen, flow, device)
    seen.note(Browser().post("/login", {"username": "alice", "password": PASSWORDS[1]}))
    seen.note(Browser().post("/login", {"username": "alice", "password": PASSWORDS[0]}))


def _walk_device(seen: Seen, flow: Flow, device: Registered) -> None:
    started = post_form(
        Browser(), "/device_authorization", {"client_id": device.client_id, "scope": "openid read"}
    ).json()
    seen.secrets.add(started["device_code"])
    seen.carried |= {started["user_code"], started["user_code"].replace("-", "")}
    seen.note(flow.browser.get("/device"))
    seen.note(flow.browser.post("/device", {"user_code": started["user_code"][:-1]}))
    seen.note(flow.browser.post("/device", {"user_code": started["user_code"]}))
    seen.note(flow.browser.post("/device", {"user_code": started["user_code"], "decision": "allow"}))
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": started["device_code"],
        "client_id": device.client_id,
    }
    tokens = post_form(Browser(), "/token", form).json()
    seen.secrets |= {tokens["access_token"], tokens["refresh_token"]}
    seen.note(post_form(Browser(), "/token", form))


def _add_in_admin(seen: Seen, django_user_model) -> None:
    admin = Browser()
    admin.force_login(django_user_model.objects.create_superuser("root", "root@people.example", "root-password"))
    page = admin.post(ADD, {**FORM, "once": once(admin)})
    secret = secret_in(page.content.decode())
    seen.secrets.add(secret)
    for path in ("client", "clientsecret", "auditevent", "grant", "consent", "signingkey"):
        response = admin.get(f"/admin/oauth_provider/{path}/")
        if response.status_code == 200:
            seen.note(response)


def _everything_stored() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # a name from the schema
            found.extend(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall())
    found.extend(repr(session.get_decoded()) for session in Session.objects.all())
    return "\n".join(found)


@pytest.fixture
def clients(conf_client, public_client, machine_client, device_client, resource_server) -> dict[str, Registered]:
    return {
        "web": conf_client,
        "native": public_client,
        "machine": machine_client,
        "device": device_client,
        "api": resource_server,
    }


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_C65_no_secret_is_in_a_log_a_table_or_a_page(heard, flow, clients, django_user_model, token_format):
    seen = Seen()
    # SQL with its parameters is logged too, as a developer would switch it on.
    with CaptureQueriesContext(connection):
        _walk(seen, flow, clients, token_format)
        _add_in_admin(seen, django_user_model)
    assert len(seen.secrets) > 25
    assert len(heard.lines) > 100
    assert len(seen.shown) > 25
    places = {
        "logs": ("\n".join(heard.lines), seen.secrets | seen.carried),
        "tables": (_everything_stored(), seen.secrets | seen.carried),
        "pages": ("\n".join(seen.shown), seen.secrets),
    }
    for place, (text, markers) in places.items():
        assert [marker for marker in markers if marker in text] == [], place


@pytest.fixture
def error_mails(settings):
    """As a site has it that mails its admins, in the most talkative form."""
    settings.ADMINS = [("Operator", "operator@people.example")]
    handler = AdminEmailHandler(include_html=True)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


def _fail(*_args, **_kwargs):
    raise RuntimeError("a fault")


def test_C65_no_secret_is_in_an_error_mail(error_mails, monkeypatch, flow, alice, clients):
    web, machine, device = clients["web"], clients["machine"], clients["device"]
    tokens = flow.tokens(web, scope="openid read")
    code, verifier = flow.code(web, prompt="consent"), flow.verifier
    request_id = field_of(flow.authorize(web, prompt="consent"), "request")
    started = post_form(Browser(), "/device_authorization", {"client_id": device.client_id}).json()
    secrets = {
        *(tokens["access_token"], tokens["refresh_token"], code, verifier, request_id, *PASSWORDS),
        *(str(web.secret), str(machine.secret), web.basic, started["user_code"], started["device_code"]),
        flow.browser.cookies["sessionid"].value,
    }
    monkeypatch.setitem(issue._FORMATS, "jwt", _fail)
    monkeypatch.setattr(grant, "make", _fail)
    monkeypatch.setattr(signing, "verify", _fail)
    user_logged_in.connect(_fail)
    try:
        flow.browser.raise_request_exception = False
        nobody = Browser(raise_request_exception=False)
        token = {"token": tokens["access_token"]}
        redeem = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "https://c.example/cb",
            "code_verifier": verifier,
            "client_id": web.client_id,
            "client_secret": web.secret,
        }
        again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        responses = [
            post_form(nobody, "/token", redeem),
            post_form(nobody, "/token", again, HTTP_AUTHORIZATION=web.basic),
            post_form(nobody, "/token", {"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=machine.basic),
            post_form(nobody, "/introspect", token, HTTP_AUTHORIZATION=web.basic),
            post_form(nobody, "/revoke", token, HTTP_AUTHORIZATION=web.basic),
            nobody.get("/userinfo", HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}"),
            post_form(flow.browser, "/authorize/decision", {"request": request_id, "decision": "allow"}),
            flow.browser.post("/device", {"user_code": started["user_code"], "decision": "allow"}),
            nobody.post("/login", {"username": "alice", "password": PASSWORDS[0]}),
        ]
    finally:
        user_logged_in.disconnect(_fail)
    assert [response.status_code for response in responses] == [500] * 9
    # Django's own handler mails each one too.
    assert len(mail.outbox) == 2 * 9
    for message in mail.outbox:
        text = message.subject + message.body + "".join(str(content) for content, _ in message.alternatives)
        assert "a fault" in text
        assert [marker for marker in secrets if marker in text] == [], message.subject
    assert sum(bool(message.alternatives) for message in mail.outbox) == 9

"""A site in several languages, and every page of it that a person can come to."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.clients import secrets
from oauth_provider.consent import not_me
from oauth_provider.models import AuditEvent, Client, Consent, Grant
from oauth_provider.values import Event, Source
from tests.flow import Flow, post_form
from tests.language import pseudo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def pseudo_catalogue(tmp_path_factory):
    return pseudo.write(tmp_path_factory.mktemp("pseudo"))


@pytest.fixture
def speak(settings, pseudo_catalogue) -> Callable[[str], None]:
    """`speak("de")`: the site is in that language, and its scopes are named by nobody."""

    def choose(language: str) -> None:
        settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
        settings.LOCALE_PATHS = [pseudo_catalogue]
        settings.LANGUAGE_CODE = language

    return choose


@pytest.fixture
def locale_middleware(settings) -> None:
    settings.MIDDLEWARE = deepcopy(settings.MIDDLEWARE)
    place = settings.MIDDLEWARE.index("django.middleware.common.CommonMiddleware")
    settings.MIDDLEWARE.insert(place, "django.middleware.locale.LocaleMiddleware")


def _device(browser: Browser, client: Any, **sent: str) -> Any:
    started = post_form(Browser(), "/device_authorization", {"client_id": client.client_id}, **sent).json()
    return browser.post("/device", {"user_code": started["user_code"]}), started["user_code"]


def _people_pages(alice: Any, conf_client: Any, public_client: Any, device_client: Any) -> Iterator[tuple[str, Any]]:
    browser = Browser()
    browser.force_login(alice)
    flow = Flow(browser)
    yield "login", Browser().get("/login")
    yield "login, wrong", Browser().post("/login", {"username": "alice", "password": "wrong"})
    consent = flow.authorize(conf_client)
    yield "consent", consent
    yield "continue, allowed", flow.decide(consent)
    yield "consent, more than before", flow.authorize(conf_client, scope="read write", prompt="consent")
    yield "continue, denied", flow.decide(flow.authorize(conf_client, prompt="consent"), "deny")
    yield "sign-in is not access", flow.authorize(conf_client, scope="openid", prompt="consent")
    yield "consent, local", flow.authorize(public_client)
    yield "error", flow.authorize(conf_client, redirect_uri="https://evil.example/")
    yield "too old", browser.get("/authorize?request=nothing")
    yield "device", browser.get("/device")
    yield "device, wrong", browser.post("/device", {"user_code": "BBBB-BBBC"})
    confirm, code = _device(browser, device_client)
    yield "device, confirm", confirm
    yield "device, allowed", browser.post("/device", {"user_code": code, "decision": "allow"})
    yield "device, over", browser.post("/device", {"user_code": code, "decision": "allow"})
    _confirm, code = _device(browser, device_client)
    yield "device, denied", browser.post("/device", {"user_code": code, "decision": "deny"})
    yield from _connected_pages(browser, conf_client)
    conf_client.row.allowed_users = "owners"
    conf_client.row.save(update_fields=["allowed_users"])
    yield "not for you", flow.authorize(conf_client, prompt="consent")
    yield "signed in", browser.get("/signed-out")
    told = {"frontchannel_logout_uri": "https://c.example/front"}
    conf_client.row.change(allowed_users="everyone", **told)
    for client in (conf_client, public_client):
        flow.tokens(client, scope="openid")
    yield "sign out?", browser.get(f"/end_session?client_id={conf_client.client_id}")
    yield "signed out", browser.post("/signed-out")
    yield "nobody", Browser().get("/signed-out")


def _connected_pages(browser: Browser, conf_client: Any) -> Iterator[tuple[str, Any]]:
    link = not_me.link(Consent.objects.get(client=conf_client.row))
    address = f"/connected-apps/{conf_client.row.pk}"
    yield "connected apps", browser.get("/connected-apps")
    yield "connected app", browser.get(address)
    yield "connected app, end", browser.get(f"{address}/end")
    yield "everywhere", browser.get("/connected-apps/sign-out-everywhere")
    yield "everywhere, refused", browser.post("/connected-apps/sign-out-everywhere", {"password": "wrong"})
    yield "not me", Browser().get(link)
    yield "not me, ended", Browser().post(link, follow=True)
    yield "connected apps, none", browser.get("/connected-apps")
    yield "not connected", browser.get(address)
    yield "not me, wrong", Browser().get("/not-me/nothing")


@pytest.fixture
def people_pages(alice, conf_client, public_client, device_client) -> Callable[[], dict[str, str]]:
    """Every page people see, in the states it has, by name."""

    def walk() -> dict[str, str]:
        pages = {}
        for name, answer in _people_pages(alice, conf_client, public_client, device_client):
            assert answer.status_code in {200, 400, 403, 404}, (name, answer.status_code)
            pages[name] = answer.content.decode()
        return pages

    return walk


_TABS = ("change/", "secrets/", "redirect-uris/", "scopes/", "grants/", "events/", "preview/")
_QUESTIONS = ("suspend/", "revoke-access/", "archive/")
_LISTS = ("client", "consent", "grant", "auditevent", "auditseal", "signingkey", "initialaccesstoken")


@pytest.fixture
def admin_pages(settings, alice, django_user_model) -> Callable[[], dict[str, str]]:
    """The pages of the admin, by address."""

    def walk() -> dict[str, str]:
        root = django_user_model.objects.create_superuser("root", password="pw")
        client, _secret = Client.objects.register(
            name="Notes", profile="web", redirect_uris=["https://notes.example/cb"], scopes=["read", "write"]
        )
        secrets.add(client, expires_at=timezone.now() + timedelta(days=9), actor="root", source=Source())
        consent = Consent.objects.create(user=alice, client=client, scopes=["read"])
        grant = Grant.objects.create(
            client=client, user=alice, consent=consent, scopes=["read"], subject="u_1",
            expires_at=timezone.now() + timedelta(days=3),
        )  # fmt: skip
        AuditEvent.objects.record(Event.TOKEN_ISSUED, client=client, user=alice, source=Source())
        browser = Browser()
        browser.force_login(root)
        base, ours = f"/admin/oauth_provider/client/{client.pk}/", "/admin/oauth_provider/"
        addresses = [
            *(base + tab for tab in (*_TABS, *_QUESTIONS)),
            base + "redirect-uris/?uri=https://notes.example/CB/",
            base + "preview/?preview=1&user=alice",
            *(f"{ours}{name}/" for name in _LISTS),
            *(f"{ours}client/{page}/" for page in ("add", "dashboard", "explain", "find-token")),
            f"{ours}client/add/?profile=web",
            f"{ours}initialaccesstoken/add/",
            f"{ours}signingkey/rotate/",
            f"{ours}grant/{grant.pk}/change/",
            f"{ours}consent/{consent.pk}/change/",
        ]
        pages = {}
        for address in addresses:
            answer = browser.get(address, follow=True)
            assert answer.status_code == 200, address
            pages[address.removeprefix(ours)] = answer.content.decode()
        return pages

    return walk

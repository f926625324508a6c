"""A site with a confidential, a public and an OpenID client of django-oauth-toolkit moves; nobody is signed out."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.test import override_settings
from django.urls import include, path
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope, OAuth2Authentication
from oauth_provider.models import Client, ClientOrigin, ClientSecret
from tests.flow import Flow, Registered, post_form, refresh, userinfo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

SECRET = "a-secret-the-toolkit-made"


class Notes(APIView):
    """A view of the site's API after the move."""

    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasScope("read")]

    def get(self, request):
        return Response({"app": request.auth.client.name, "user": request.user.get_username()})


urlpatterns = [path("", include("oauth_provider.urls")), path("api/notes", Notes.as_view())]


def make(name, **columns):
    columns.setdefault("client_type", "confidential")
    columns.setdefault("client_secret", SECRET)
    columns.setdefault("authorization_grant_type", "authorization-code")
    return Application.objects.create(
        name=name, client_id=f"dot-{name}", redirect_uris=f"https://{name}.example/cb", **columns
    )


def give_tokens(application, user, scope="read"):
    access = AccessToken.objects.create(
        user=user,
        application=application,
        token=f"at-{application.client_id}",
        scope=scope,
        expires=timezone.now() + timedelta(hours=1),
    )
    RefreshToken.objects.create(
        user=user, application=application, token=f"rt-{application.client_id}", access_token=access
    )


@pytest.fixture
def upgraded(alice):
    """The site before, with live clients and tokens, then `migrate`."""
    call_command("migrate", "oauth_provider", "zero", verbosity=0)
    try:
        for application in (
            make("shop", allowed_origins="https://shop.example"),
            make("phone", client_type="public", client_secret=""),
            make("portal", algorithm="RS256", authorization_grant_type="openid-hybrid"),
        ):
            give_tokens(application, alice, "openid read" if application.algorithm else "read")
        assert Application.objects.get(name="shop").client_secret != SECRET
    finally:
        call_command("migrate", "oauth_provider", verbosity=0)
    return {client.name: client for client in Client.objects.select_related("application")}


def registered(upgraded, name):
    return Registered(upgraded[name], None if upgraded[name].is_public else SECRET)


@pytest.fixture
def browser(alice):
    browser = Browser()
    browser.force_login(alice)
    return browser


def test_migration_gives_each_application_a_client(upgraded):
    assert {name: client.profile for name, client in upgraded.items()} == dict.fromkeys(
        ("shop", "phone", "portal"), "imported"
    )
    assert list(ClientOrigin.objects.values_list("client__application__name", "origin")) == [
        ("shop", "https://shop.example")
    ]


def test_migrating_twice_changes_nothing(upgraded):
    call_command("migrate", "oauth_provider", "0001", verbosity=0)
    call_command("migrate", "oauth_provider", verbosity=0)
    assert {client.pk for client in Client.objects.all()} == {client.pk for client in upgraded.values()}


@pytest.mark.parametrize("name", ["shop", "phone", "portal"])
def test_client_signs_in_with_the_secret_it_has(upgraded, browser, name):
    tokens = Flow(browser).tokens(registered(upgraded, name))
    assert tokens["token_type"] == "Bearer"
    assert tokens["scope"] == "read"
    assert tokens["access_token"].startswith("op_at_")


def test_secret_is_verified_once_and_kept_as_our_digest(upgraded, browser):
    shop = registered(upgraded, "shop")
    for _ in range(2):
        Flow(browser).tokens(shop)
    assert ClientSecret.objects.filter(client=shop.row).count() == 1
    wrong = Registered(shop.row, SECRET + "x")
    assert refresh(wrong, "rt-dot-shop").status_code == 401


@pytest.mark.parametrize("name", ["shop", "phone", "portal"])
def test_old_refresh_token_is_spent_once_for_a_pair_of_ours(upgraded, name):
    client = registered(upgraded, name)
    first = refresh(client, f"rt-dot-{name}")
    assert first.status_code == 200, first.content
    assert first.json()["refresh_token"].startswith("op_rt_")
    second = refresh(client, f"rt-dot-{name}")
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert refresh(client, first.json()["refresh_token"]).status_code == 200


def test_old_access_token_ends_with_its_refresh_token(upgraded):
    refresh(registered(upgraded, "shop"), "rt-dot-shop")
    assert Browser().get("/api/notes", headers={"authorization": "Bearer at-dot-shop"}).status_code == 401


def test_refresh_token_of_another_client_is_refused_and_stays(upgraded):
    answer = refresh(registered(upgraded, "shop"), "rt-dot-portal")
    assert answer.json()["error"] == "invalid_grant"
    assert refresh(registered(upgraded, "portal"), "rt-dot-portal").status_code == 200


def test_openid_client_sees_the_sub_it_knows(upgraded, browser, alice):
    portal = registered(upgraded, "portal")
    for tokens in (
        Flow(browser).tokens(portal, scope="openid read"),
        refresh(portal, "rt-dot-portal").json(),
    ):
        payload = tokens["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert claims["sub"] == str(alice.pk)
        assert userinfo(tokens["access_token"]).json()["sub"] == str(alice.pk)


@pytest.mark.parametrize("name", ["shop", "phone", "portal"])
def test_old_access_token_is_accepted_by_the_api(upgraded, name):
    answer = Browser().get("/api/notes", headers={"authorization": f"Bearer at-dot-{name}"})
    assert (answer.status_code, answer.json()) == (200, {"app": name, "user": "alice"})


def test_old_access_token_is_introspected(upgraded, alice):
    shop = registered(upgraded, "shop")
    answer = post_form(Browser(), "/introspect", {"token": "at-dot-phone"}, HTTP_AUTHORIZATION=shop.basic).json()
    assert answer["active"] is True
    assert answer["client_id"] == "dot-phone"
    assert answer["sub"] == str(alice.pk)


def test_old_tokens_can_be_revoked(upgraded):
    shop = registered(upgraded, "shop")
    assert post_form(Browser(), "/revoke", {"token": "rt-dot-shop"}, HTTP_AUTHORIZATION=shop.basic).status_code == 200
    assert refresh(shop, "rt-dot-shop").json()["error"] == "invalid_grant"
    assert Browser().get("/api/notes", headers={"authorization": "Bearer at-dot-shop"}).status_code == 401


def test_application_that_appeared_later_is_refused_until_it_is_adopted(upgraded, browser):
    late = make("late")
    answer = post_form(
        Browser(), "/token", {"grant_type": "client_credentials", "client_id": late.client_id, "client_secret": SECRET}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    call_command("oauth_adopt", "--all", verbosity=0)
    client = Registered(Client.objects.get(application=late), SECRET)
    assert Flow(browser).tokens(client)["access_token"]


def test_client_without_pkce_goes_on_without_it(alice, browser):
    with override_settings(OAUTH2_PROVIDER={"PKCE_REQUIRED": False}):
        application = make("legacy")
        call_command("oauth_adopt", "--client-id", application.client_id, verbosity=0)
    legacy = Registered(Client.objects.get(application=application), SECRET)
    code = Flow(browser).code(legacy, code_challenge=None, code_challenge_method=None)
    answer = Flow(browser).redeem(legacy, code, code_verifier=None)
    assert answer.status_code == 200


def test_secret_the_toolkit_kept_in_clear_works_too(upgraded, browser):
    application = make("plain", hash_client_secret=False)
    call_command("oauth_adopt", "--client-id", application.client_id, verbosity=0)
    plain = Registered(Client.objects.get(application=application), SECRET)
    assert Flow(browser).tokens(plain)["access_token"]
    assert refresh(Registered(plain.row, SECRET + "x"), "rt-dot-plain").status_code == 401

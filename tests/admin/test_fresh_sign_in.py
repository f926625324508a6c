"""New secrets, new redirect URIs, approval and keys ask for the password again, and lose nothing that was typed."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db.migrations import Migration
from django.db.models.signals import post_migrate
from django.test import Client as Browser

from oauth_provider.admin import fresh_sign_in
from oauth_provider.clients import support
from oauth_provider.keys import rotation, store
from oauth_provider.models import Client, ClientSecret, SigningKey

ROTATE = "/admin/oauth_provider/signingkey/rotate/"
ADD = "/admin/oauth_provider/client/add/"


@pytest.fixture
def stale(browser: Browser) -> Browser:
    """Signed in 16 minutes ago."""
    session = browser.session
    session["oauth_provider_auth_time"] -= 16 * 60
    session.save()
    return browser


@pytest.fixture
def keys(db: None) -> Any:
    store.forget()
    rotation.ensure()
    yield
    store.forget()


def carried(page: Any) -> list[tuple[str, str]]:
    """The hidden fields of the page, as a browser sends them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    return [(name, html.unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def asks(page: Any) -> bool:
    return fresh_sign_in.PASSWORD in page.content.decode()


def test_fresh_session_is_not_asked(browser: Browser, keys: None) -> None:
    assert not asks(browser.get(ROTATE))


def test_stale_session_is_asked_first_and_goes_on_to_the_same_address(stale: Browser, keys: None) -> None:
    page = stale.get(ROTATE)
    assert asks(page)
    assert "no-store" in page["Cache-Control"]
    answer = stale.post(ROTATE, dict(carried(page)) | {fresh_sign_in.PASSWORD: "pw"})
    assert (answer.status_code, answer["Location"]) == (302, ROTATE)
    assert not asks(stale.get(ROTATE))


def test_post_of_a_stale_session_does_nothing_until_the_password_and_then_everything(
    stale: Browser, keys: None
) -> None:
    page = stale.post(ROTATE, {"confirmed": "yes"})
    assert asks(page)
    assert not SigningKey.objects.filter(state="next").exists()
    wrong = stale.post(ROTATE, dict(carried(page)) | {fresh_sign_in.PASSWORD: "wrong"})
    assert (wrong.status_code, asks(wrong)) == (403, True)
    assert not SigningKey.objects.filter(state="next").exists()
    assert ("confirmed", "yes") in carried(wrong)
    assert stale.post(ROTATE, dict(carried(wrong)) | {fresh_sign_in.PASSWORD: "pw"}).status_code == 302
    assert SigningKey.objects.filter(state="next").exists()


def test_another_persons_password_is_no_proof(stale: Browser, keys: None, django_user_model: Any) -> None:
    django_user_model.objects.create_superuser("other", password="other-pw")
    assert asks(stale.post(ROTATE, {"confirmed": "yes", fresh_sign_in.PASSWORD: "other-pw"}))


def test_guessing_is_limited(stale: Browser, keys: None) -> None:
    for _ in range(fresh_sign_in.TRIES_PER_MINUTE):
        assert asks(stale.post(ROTATE, {"confirmed": "yes", fresh_sign_in.PASSWORD: "guess"}))
    assert asks(stale.post(ROTATE, {"confirmed": "yes", fresh_sign_in.PASSWORD: "pw"}))
    assert not SigningKey.objects.filter(state="next").exists()


def test_password_is_told_to_nobody(stale: Browser, keys: None, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    page = stale.post(ROTATE, {"confirmed": "yes", fresh_sign_in.PASSWORD: "marker-password"})
    assert "marker-password" not in page.content.decode() + caplog.text + repr(dict(stale.session))


def test_a_client_added_by_a_stale_session_keeps_every_line_that_was_typed(stale: Browser) -> None:
    assert asks(stale.get(ADD))
    form = {"name": "Notes", "profile": "web", "redirect_uris": "https://a.example/cb\r\nhttps://a.example/2",
            "scopes": ["read", "write"], "once": "0" * 32}  # fmt: skip
    page = stale.post(ADD, form)
    assert asks(page)
    assert not Client.objects.exists()
    fields: dict[str, list[str]] = {}
    for name, value in carried(page):
        fields.setdefault(name, []).append(value)
    answer = stale.post(ADD, {**fields, fresh_sign_in.PASSWORD: "pw"})
    assert answer.status_code == 200
    client = Client.objects.get()
    assert client.redirect_uris == ("https://a.example/cb", "https://a.example/2")
    assert client.allowed_scopes == ["read", "write"]


def test_new_secret_asks(stale: Browser, web: Client) -> None:
    address = f"/admin/oauth_provider/client/{web.pk}/secrets/add/"
    page = stale.post(address, {"newest": ClientSecret.objects.get().pk})
    assert asks(page)
    assert ClientSecret.objects.count() == 1
    assert stale.post(address, dict(carried(page)) | {fresh_sign_in.PASSWORD: "pw"}).status_code == 200
    assert ClientSecret.objects.count() == 2


def test_who_has_no_password_can_sign_out_and_in_again(stale: Browser, keys: None) -> None:
    answer = stale.post(ROTATE, {fresh_sign_in.SIGN_OUT: "1"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/?next=%2Fadmin%2Foauth_provider%2Fsigningkey%2Frotate")
    assert "_auth_user_id" not in stale.session


def test_lifetime_is_a_setting(stale: Browser, keys: None, settings: Any) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "FRESH_SIGN_IN_LIFETIME": 3600}
    assert not asks(stale.get(ROTATE))


def migrated(*names: str) -> None:
    """What Django says after these migrations of ours were applied."""
    app = apps.get_app_config("oauth_provider")
    plan = [(Migration(name, "oauth_provider"), False) for name in names]
    post_migrate.send(sender=app, app_config=app, verbosity=0, interactive=False, using="default", plan=plan, apps=apps)


def test_group_for_support_may_look_and_revoke_and_nothing_else(db: None) -> None:
    # A test with transactions of its own, run before, has emptied every table.
    Group.objects.filter(name=support.NAME).delete()
    migrated("0003_clients", "0004_indexes")
    group = Group.objects.get(name=support.NAME)
    held = set(group.permissions.values_list("codename", flat=True))
    assert held == {"view_client", "view_consent", "view_grant", "view_event", "revoke_grant"}


def test_group_for_support_that_a_site_deleted_or_changed_stays_so(db: None) -> None:
    Group.objects.filter(name=support.NAME).delete()
    migrated("0006_needs_approval")
    assert not Group.objects.filter(name=support.NAME).exists()
    Group.objects.create(name=support.NAME)
    migrated("0003_clients")
    assert not Group.objects.get(name=support.NAME).permissions.exists()


def test_new_initial_access_token_asks(stale: Browser, settings: Any) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DYNAMIC_REGISTRATION": "token"}
    assert asks(stale.get("/admin/oauth_provider/initialaccesstoken/add/"))

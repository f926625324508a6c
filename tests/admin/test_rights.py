"""One table of rights: what closes to a person of the staff who holds every permission of ours but one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.audit import seal
from oauth_provider.clients import initial_access
from oauth_provider.keys import rotation
from oauth_provider.models import (
    AuditEvent,
    AuditSeal,
    Client,
    ClientSecret,
    Consent,
    Grant,
    LogoutDelivery,
    SigningKey,
)
from tests.admin.conftest import allow

OURS = "/admin/oauth_provider/"
READ_ONLY = ("auditevent", "auditseal", "consent", "grant", "logoutdelivery", "signingkey")
# The one permission that is lacking → what is closed then.
CLOSED = {
    "view_client": {"client_find_token", "client_revoke_token"},
    "add_client": {"client_add"},
    "change_client": {
        "client_change", "client_logo", "client_move", "client_redirect_uris", "client_scopes", "client_submit",
    },
    "suspend_client": {"client_suspend", "client_reactivate", "client_archive", "client_restore"},
    "approve_client": {
        "client_approve", "client_send_back",
        *(f"initialaccesstoken_{page}" for page in ("add", "changelist", "history", "revoke")),
    },
    "delete_client": {"client_delete"},
    "rotate_secret": {"client_secret_add", "client_secret_revoke"},
    "revoke_grant": {
        "client_grants_revoke", "client_revoke_access", "client_revoke_token", "consent_revoke", "grant_revoke",
    },
    "view_grant": {
        "client_find_token", "client_revoke_token", "grant_changelist", "grant_history", "grant_revoke",
    },
    "view_consent": {"consent_changelist", "consent_history", "consent_revoke"},
    "view_event": {
        "auditevent_changelist", "auditevent_export", "auditevent_history", "auditseal_changelist",
        "auditseal_history", "client_dashboard", "client_events", "client_explain",
    },
    "view_signingkey": {"signingkey_changelist", "signingkey_history", "signingkey_rotate", "signingkey_revoke"},
    "view_logoutdelivery": {"logoutdelivery_changelist", "logoutdelivery_history"},
    "rotate_key": {"signingkey_rotate", "signingkey_revoke"},
}  # fmt: skip


@pytest.fixture
def addresses(web: Client, people: Any) -> dict[str, str]:
    """Every address below our part of the admin, filled with rows that exist, by what it is called."""
    allow(web, people("ada"))
    rotation.ensure()
    token, _value = initial_access.make(note="Acme", expires_at=timezone.now() + timedelta(days=1))
    list(seal.seal_waiting())
    rows = {
        "client": web, "secret": ClientSecret.objects.get(), "grant": Grant.objects.get(),
        "consent": Consent.objects.get(), "auditevent": AuditEvent.objects.first(),
        "auditseal": AuditSeal.objects.first(), "initialaccesstoken": token, "signingkey": SigningKey.objects.first(),
        "logoutdelivery": LogoutDelivery.objects.create(client=web, sid="s", sub="u"),
    }  # fmt: skip
    found = {}
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "oauth_provider":
            continue
        for pattern in model_admin.get_urls():
            if pattern.name:
                name, route = pattern.name.removeprefix("oauth_provider_"), str(pattern.pattern)
                for placeholder in ("<path:object_id>", "<int:pk>"):
                    route = route.replace(placeholder, str(rows[model._meta.model_name].pk))
                route = route.replace("<int:secret>", str(rows["secret"].pk))
                found.setdefault(name, f"{OURS}{model._meta.model_name}/{route}")
    return found


def test_without_one_permission_its_pages_are_closed_and_no_others(staff: Any, addresses: dict[str, str]) -> None:
    doors = sorted({door for closed in CLOSED.values() for door in closed})
    found = {}
    for permission in CLOSED:
        browser: Browser = staff(permission)
        found[permission] = {door for door in doors if browser.post(addresses[door]).status_code == 403}
    assert found == CLOSED


def test_nobody_enters_by_the_doors_django_made(browser: Browser, addresses: dict[str, str]) -> None:
    """What is shown here changes by its room or not at all: not even a superuser adds, edits or deletes a row."""
    closed = {name for name, address in addresses.items() if browser.post(address).status_code == 403}
    assert closed == {f"{model}_{word}" for model in READ_ONLY for word in ("add", "change", "delete")} | {
        "initialaccesstoken_change", "initialaccesstoken_delete"
    }  # fmt: skip


def test_each_permission_of_ours_stands_in_the_table(db: None) -> None:
    shipped = {name for model in (Client, ClientSecret, Grant, AuditEvent, SigningKey)
               for name, _label in model._meta.permissions}  # fmt: skip
    assert shipped <= set(CLOSED)

"""Scope sentences are the words of the site: lazy strings, in settings or `scopes.py`, speak as their page does."""

from __future__ import annotations

import json

import pytest
from django.test import Client as Browser
from django.utils.translation import gettext_lazy

from oauth_provider.scopes import Scope
from tests.checks.sites import found
from tests.language import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def lazy_scopes(settings):
    # Words that Django's own catalogues have, so that no catalogue of a site is needed.
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "SCOPES": {
            "read": gettext_lazy("Yes"),
            "write": Scope("write", gettext_lazy("Delete"), gettext_lazy("This field is required."), sensitive=True),
            "introspection": "Ask about tokens",
        },
    }


def test_consent_page_reads_them_in_the_language_of_the_request(lazy_scopes, flow, conf_client):
    german = words.read(flow.authorize(conf_client, scope="read write", ui_locales="de").content.decode())
    assert {"Ja", "Löschen", "Dieses Feld ist zwingend erforderlich."} <= set(german)
    english = words.read(flow.authorize(conf_client, scope="read write").content.decode())
    assert {"Yes", "Delete", "This field is required."} <= set(english)


def test_they_are_no_mistake_and_no_machine_stumbles_over_them(lazy_scopes, settings):
    assert not [name for name in found() if name.startswith("E")]
    metadata = Browser().get("/.well-known/openid-configuration").json()
    assert {"read", "write"} <= set(json.loads(json.dumps(metadata))["scopes_supported"])


def test_admin_offers_them_in_the_language_of_the_reader(lazy_scopes, settings, django_user_model):
    settings.LANGUAGE_CODE = "de"
    browser = Browser()
    browser.force_login(django_user_model.objects.create_superuser("root", password="pw"))
    page = browser.get("/admin/oauth_provider/client/add/?profile=web")
    assert "read – Ja" in words.read(page.content.decode())

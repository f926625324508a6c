"""A site in several languages: pages speak the reader's, machines are never redirected to a language."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser

from tests.flow import Flow, machine_token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site_in_languages(settings):
    settings.ROOT_URLCONF = "tests.site.urls_i18n"
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
    settings.MIDDLEWARE = deepcopy(settings.MIDDLEWARE)
    place = settings.MIDDLEWARE.index("django.middleware.common.CommonMiddleware")
    settings.MIDDLEWARE.insert(place, "django.middleware.locale.LocaleMiddleware")
    settings.TEMPLATES = deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")])
def test_page_says_its_language_and_direction(flow, conf_client, language, direction):
    flow.browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    page = flow.authorize(conf_client)
    assert page.status_code == 200
    assert f'<html lang="{language}" dir="{direction}">'.encode() in page.content
    assert page["Content-Language"] == language


@pytest.mark.parametrize("path", ["/jwks", "/.well-known/openid-configuration", "/device", "/login", "/signed-out"])
def test_nothing_of_ours_is_redirected_to_a_language(db, path):
    answer = Browser(HTTP_ACCEPT_LANGUAGE="de").get(path)
    assert not answer.get("Location", "/login").startswith("/de/jwks")
    assert answer.status_code in {200, 303}


def test_token_endpoint_answers_in_english_whatever_was_asked(machine_client):
    answer = machine_token(machine_client, scope="nothing", HTTP_ACCEPT_LANGUAGE="de")
    assert answer.json()["error"] == "invalid_scope"
    # RFC 6749 §5.2: error_description is ASCII.
    assert answer.json()["error_description"].isascii()


def test_sign_in_page_with_a_language_in_its_address_is_found(conf_client, settings, alice):
    settings.LOGIN_URL = "login"
    browser = Browser(HTTP_ACCEPT_LANGUAGE="de")
    sent = Flow(browser).authorize(conf_client)
    assert urlsplit(sent["Location"]).path == "/de/accounts/login/"
    page = browser.get(sent["Location"])
    assert page.status_code == 200
    signed_in = browser.post(sent["Location"], {"username": "alice", "password": "alice-password"})
    assert browser.get(signed_in["Location"]).status_code == 200


def test_sign_in_page_that_only_gets_its_language_by_a_redirect_counts_as_served(conf_client, settings):
    """`/accounts/login/` is no route here; LocaleMiddleware sends it on to `/de/accounts/login/`."""
    settings.LOGIN_URL = "/accounts/login/"
    browser = Browser(HTTP_ACCEPT_LANGUAGE="de")
    location = Flow(browser).authorize(conf_client)["Location"]
    assert urlsplit(location).path in {"/accounts/login/", "/de/accounts/login/"}
    page = browser.get(location, follow=True)
    assert b"The site's own sign-in" in page.content

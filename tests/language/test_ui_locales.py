"""`ui_locales` (OpenID Connect Core §3.1.2.1): our pages speak what the client asks for, for that request only."""

from __future__ import annotations

import re
from copy import deepcopy
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.utils import translation

from tests.flow import Flow, after_sign_in, field_of, post_form

pytestmark = pytest.mark.django_db

GERMAN, ENGLISH = "den Zugriff auf Ihr Konto erlauben?", "to use your account?"


def heading(page) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.content.decode(), re.DOTALL)
    assert found, page.content.decode()
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def language(page) -> tuple[str, str]:
    """What the document and the header say it is written in."""
    found = re.search(r'<html lang="([^"]+)"', page.content.decode())
    assert found
    return found[1], page["Content-Language"]


@pytest.fixture
def site_in_languages(settings):
    """A site with LocaleMiddleware, as most with several languages."""
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
    settings.MIDDLEWARE = deepcopy(settings.MIDDLEWARE)
    place = settings.MIDDLEWARE.index("django.middleware.common.CommonMiddleware")
    settings.MIDDLEWARE.insert(place, "django.middleware.locale.LocaleMiddleware")


def test_first_tag_that_is_supported_wins(flow, conf_client):
    page = flow.authorize(conf_client, ui_locales="tlh de en")
    assert page.status_code == 200
    assert GERMAN in heading(page)
    assert language(page) == ("de", "de")


@pytest.mark.parametrize("tags", ["de", "DE", "de-AT", "de-CH-1996 en", "xx-YY de", "_ -de de", "  de  en "])
def test_variants_and_capitals_lead_to_the_language(flow, conf_client, tags):
    assert language(flow.authorize(conf_client, ui_locales=tags)) == ("de", "de")


@pytest.mark.parametrize("tags", ["", "tlh", "-", "d e", "../../etc", "%00", "e" * 900, " ".join(["q"] * 400), "ar fr"])
def test_unknown_and_malformed_tags_are_ignored_without_an_error(flow, conf_client, tags):
    page = flow.authorize(conf_client, ui_locales=tags)
    assert page.status_code == 200
    assert ENGLISH in heading(page)
    assert language(page) == ("en-us", "en-us")


def test_language_sent_twice_is_an_error_as_any_parameter(flow, conf_client):
    page = flow.browser.get(f"/authorize?client_id={conf_client.client_id}&ui_locales=de&ui_locales=en")
    assert page.status_code in {303, 400}


def test_language_goes_from_sign_in_to_the_page_that_goes_on(conf_client, alice):
    browser = Browser()
    sent = Flow(browser).authorize(conf_client, ui_locales="de")
    sign_in = browser.get(sent["Location"])
    assert heading(sign_in) == "Anmelden"
    assert language(sign_in) == ("de", "de")
    refused = browser.post(sent["Location"], {"username": "alice", "password": "wrong"})
    assert "Sie sind noch nicht angemeldet" in refused.content.decode()
    signed_in = browser.post(sent["Location"], {"username": "alice", "password": "alice-password"})
    assert heading(browser.get(signed_in["Location"])) == "Sie sind angemeldet"
    consent = after_sign_in(browser, signed_in)
    assert GERMAN in heading(consent)
    going_on = Flow(browser).decide(consent)
    assert heading(going_on).startswith("Zurück zu ")
    assert language(going_on) == ("de", "de")


def test_posted_request_keeps_its_language_in_its_row(conf_client, alice):
    """OpenID Connect Core §3.1.2.1: the parameters wait in a row, the address names only its id."""
    parameters = {
        "response_type": "code", "client_id": conf_client.client_id, "redirect_uri": "https://c.example/cb",
        "scope": "read", "state": "x", "code_challenge": "a" * 43, "code_challenge_method": "S256", "ui_locales": "de",
    }  # fmt: skip
    browser = Browser()
    stored = post_form(browser, "/authorize", parameters)
    sent = browser.get(stored["Location"])
    assert "ui_locales" not in sent["Location"]
    assert heading(browser.get(sent["Location"])) == "Anmelden"
    signed_in = browser.post(sent["Location"], {"username": "alice", "password": "alice-password"})
    assert GERMAN in heading(after_sign_in(browser, signed_in))


def test_error_page_speaks_it_too(flow, conf_client):
    page = flow.authorize(conf_client, ui_locales="de", redirect_uri="https://evil.example/")
    assert page.status_code == 400
    assert heading(page) == "Das hat nicht geklappt"
    assert language(page) == ("de", "de")


def test_device_page_speaks_it_through_its_steps(flow, device_client):
    asked = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id, "scope": "read"})
    page = flow.browser.get("/device?ui_locales=de")
    assert heading(page) == "Gerät verbinden"
    address = re.search(r'<form method="post" action="([^"]+)"', page.content.decode())
    assert address
    entered = {"user_code": asked.json()["user_code"]}
    confirm = post_form(flow.browser, address[1], entered)
    assert "mit Ihrem Konto verbinden?" in heading(confirm)
    done = post_form(flow.browser, address[1], {"user_code": field_of(confirm, "user_code"), "decision": "allow"})
    assert heading(done) == "Schauen Sie jetzt auf Ihr Gerät"
    assert language(done) == ("de", "de")


def test_device_page_sends_its_language_through_sign_in(device_client):
    sent = Browser().get("/device?ui_locales=de")
    assert heading(Browser().get(sent["Location"])) == "Anmelden"


def test_the_readers_own_language_stays_as_it_was(flow, conf_client):
    flow.authorize(conf_client, ui_locales="de")
    assert "django_language" not in flow.browser.cookies
    assert language(flow.browser.get("/device")) == ("en-us", "en-us")
    assert translation.get_language() == "en-us"


def test_it_wins_over_the_readers_choice_for_these_pages_only(site_in_languages, flow, conf_client):
    flow.browser.cookies["django_language"] = "en"
    assert language(flow.authorize(conf_client, ui_locales="de")) == ("de", "de")
    assert language(flow.authorize(conf_client)) == ("en", "en")
    assert flow.browser.cookies["django_language"].value == "en"


def test_language_the_site_does_not_have_is_not_spoken(settings, flow, conf_client):
    settings.LANGUAGES = [("en", "English")]
    assert language(flow.authorize(conf_client, ui_locales="de")) == ("en-us", "en-us")


def test_site_without_translations_ignores_it_and_announces_none(settings, flow, conf_client):
    settings.USE_I18N = False
    assert flow.authorize(conf_client, ui_locales="de").status_code == 200
    assert "ui_locales_supported" not in metadata()


def metadata() -> dict[str, object]:
    return Browser().get("/.well-known/openid-configuration").json()


def test_metadata_announces_what_is_spoken(settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "français")]
    assert metadata()["ui_locales_supported"] == ["en", "de"]


def test_catalogue_of_the_site_adds_its_language(settings, tmp_path):
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(b"")
    settings.LANGUAGES = [("en", "English"), ("fr", "français")]
    settings.LOCALE_PATHS = [tmp_path]
    assert metadata()["ui_locales_supported"] == ["en", "fr"]


def test_sign_in_page_reads_no_row_for_an_address_that_is_not_ours(conf_client, django_assert_num_queries):
    browser = Browser()
    browser.get("/login?next=/")
    for address in ("/shop/?request=x", "/authorize?request=nonsense", "/authorize?ui_locales=de"):
        with django_assert_num_queries(0):
            assert browser.get(f"/login?{urlencode({'next': address})}").status_code == 200

"""Guided add by recipe: one address, and the configuration of the other side on the answer, once."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser

from oauth_provider.clients.recipes import RECIPES
from oauth_provider.models import Client
from tests.admin.test_client_registration import ADD, blocks, everything_stored, secret_in

pytestmark = pytest.mark.django_db
FORM = {"name": "Grafana", "recipe": "grafana", "base_url": "https://graphs.example/", "once": "0" * 32}


def test_first_page_offers_every_recipe_and_each_leads_to_its_form(browser: Browser) -> None:
    offered = re.findall(r'href="\?recipe=(\w+)"', browser.get(ADD).content.decode())
    assert offered == list(RECIPES)
    for name in offered:
        page = browser.get(f"{ADD}?recipe={name}").content.decode()
        typed = re.findall(r'<input type="text"[^>]*name="(\w+)"', page)
        assert typed == ["base_url", "name"]
        assert RECIPES[name].written_for in page
        assert f"https://…{RECIPES[name].redirect_paths[0]}" in page


def test_answer_shows_the_configuration_with_the_secret_and_is_kept_nowhere(browser: Browser) -> None:
    answer = browser.post(ADD, FORM)
    page = answer.content.decode()
    client, secret = Client.objects.get(), secret_in(answer.content.decode())
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert [client.name, client.registration_source] == ["Grafana", "admin"]
    assert client.redirect_uris == ("https://graphs.example/login/generic_oauth",)
    (ini,) = blocks(page)
    assert f"client_id = {client.client_id}\nclient_secret = {secret}\n" in ini
    assert "grafana-admins, grafana-editors. Make them" in page
    assert secret not in everything_stored()
    assert secret not in repr(dict(browser.session)) + repr(answer.headers)
    assert secret not in repr(answer.context)
    assert LogEntry.objects.count() == 1


def test_every_part_is_there_to_copy(browser: Browser) -> None:
    page = browser.post(ADD, {**FORM, "recipe": "argocd"}).content.decode()
    assert len(blocks(page)) == 3
    assert Client.objects.count() == 2


def test_R19_same_form_sent_twice_makes_one_client_and_shows_no_secret(browser: Browser) -> None:
    secret = secret_in(browser.post(ADD, FORM).content.decode())
    again = browser.post(ADD, FORM)
    assert (again.status_code, Client.objects.count()) == (409, 1)
    assert secret not in again.content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_url": "http://graphs.example"}, "base_url"),
        ({"base_url": ""}, "base_url"),
        ({"base_url": "https://graphs.example/'"}, "base_url"),
        ({"name": "safe \u202eelif"}, "name"),
        ({"once": "short"}, "once"),
    ],
)
def test_refusal_stands_at_its_field_and_writes_nothing(browser: Browser, change: Any, field: str) -> None:
    answer = browser.post(ADD, {**FORM, **change})
    assert list(answer.context["form"].errors) == [field]
    assert not Client.objects.exists()


def test_unknown_recipe_shows_the_cards_and_says_which_was_meant(browser: Browser) -> None:
    for answer in (browser.get(f"{ADD}?recipe=grafan"), browser.post(ADD, {**FORM, "recipe": "grafan"})):
        page = html.unescape(answer.content.decode())
        assert "There is no recipe “grafan”. Did you mean “grafana”?" in page
        assert 'href="?recipe=grafana"' in page
    assert not Client.objects.exists()


def test_who_may_not_approve_gets_a_draft_and_who_may_not_add_nothing(staff: Any) -> None:
    lacking = staff("approve_client")
    assert "starts as a draft" in lacking.get(f"{ADD}?recipe=grafana").content.decode()
    assert lacking.post(ADD, FORM).status_code == 200
    assert Client.objects.get().status == "draft"
    assert staff("add_client").post(ADD, FORM).status_code == 403


def test_pages_hold_no_inline_script_and_nothing_of_a_third_party(browser: Browser) -> None:
    for answer in (browser.get(f"{ADD}?recipe=nextcloud"), browser.post(ADD, FORM)):
        page = answer.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", page)
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)

"""Signing in on the way to an app: which page, how fresh, and never around the site's own."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import include, path

from tests.flow import Flow, query_of

pytestmark = pytest.mark.django_db

urlpatterns = [path("admin/", admin.site.urls), path("", include("oauth_provider.urls"))]


def test_site_without_a_login_page_gets_ours():
    assert Browser().get("/login").status_code == 200


def test_our_page_is_closed_where_the_site_has_its_own(settings):
    settings.LOGIN_URL = "/admin/login/"
    answer = Browser().post("/login?next=/authorize", {"username": "alice", "password": "alice-password"})
    assert answer.status_code == 303
    assert answer["Location"] == "/admin/login/?next=%2Fauthorize"


def test_next_to_another_host_is_not_followed(alice):
    answer = Browser().post("/login?next=https://evil.example/", {"username": "alice", "password": "alice-password"})
    assert answer.status_code == 303
    assert "evil.example" not in answer["Location"]


def test_as28_prompt_login_asks_for_a_new_sign_in_and_then_goes_on(flow, conf_client, alice):
    first = flow.authorize(conf_client, prompt="login")
    assert first.status_code == 303
    resume = query_of(first["Location"])["next"]
    # auth_time has whole seconds: age the session's stamp so that only a new sign-in counts.
    session = flow.browser.session
    session["oauth_provider_auth_time"] -= 100
    session.save()
    flow.browser.post(first["Location"], {"username": "alice", "password": "alice-password"})
    assert flow.browser.get(resume).status_code == 200


def test_as28_login_page_that_does_not_ask_again_ends_the_session_instead_of_looping(settings, flow, conf_client):
    settings.LOGIN_URL = "/admin/login/"
    session = flow.browser.session
    session["oauth_provider_auth_time"] -= 100
    session.save()
    bounced = query_of(flow.authorize(conf_client, prompt="login")["Location"])["next"]
    again = flow.browser.get(bounced)
    assert again.status_code == 303
    assert again["Location"].startswith("/admin/login/?next=")
    assert "_auth_user_id" not in flow.browser.session


def test_c15_prompt_none_without_anybody_signed_in_answers_login_required(conf_client):
    answer = query_of(Flow().authorize(conf_client, prompt="none")["Location"])
    assert answer["error"] == "login_required"


def test_c15_prompt_none_before_any_consent_answers_consent_required(flow, conf_client):
    assert query_of(flow.authorize(conf_client, prompt="none")["Location"])["error"] == "consent_required"


def test_prompt_none_after_consent_answers_a_code(flow, conf_client):
    flow.code(conf_client)
    assert "code" in query_of(flow.authorize(conf_client, prompt="none")["Location"])

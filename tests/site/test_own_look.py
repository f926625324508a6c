"""The site's own look: its base template, its sources in the policy; framing and form targets stay denied."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from django.test import Client as Browser

pytestmark = pytest.mark.django_db

LOOK = Path(__file__).parent / "own_look"


@pytest.fixture
def own_look(settings):
    settings.TEMPLATES = deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"] = [LOOK]


def policy_of(answer) -> dict[str, list[str]]:
    rules = (rule.split() for rule in answer["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in rules}


def test_our_pages_stand_in_the_sites_base(own_look, flow, conf_client):
    for answer in (
        flow.authorize(conf_client),
        flow.authorize(conf_client, redirect_uri="https://evil.example/"),
        flow.browser.get("/device"),
        flow.browser.get("/signed-out"),
        Browser().get("/login"),
    ):
        assert b'<nav><a href="/">Acme</a></nav>' in answer.content
        assert "– Acme</title>".encode() in answer.content


def test_page_that_goes_on_still_goes_on_in_the_sites_base(own_look, flow, conf_client):
    page = flow.decide(flow.authorize(conf_client))
    assert b'<meta http-equiv="refresh" content="0;url=https://c.example/cb?' in page.content


def test_pages_csp_adds_sources_and_loosens_no_framing(settings, flow, conf_client):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "PAGES_CSP": {
            "style-src": ("https://cdn.example",),
            "font-src": ("https://fonts.example",),
            "frame-ancestors": ("https://evil.example",),
            "form-action": ("https://evil.example",),
            "base-uri": ("https://evil.example",),
        },
    }
    policy = policy_of(flow.authorize(conf_client))
    assert policy["style-src"] == ["'self'", "https://cdn.example"]
    assert policy["font-src"] == ["https://fonts.example"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["base-uri"] == ["'none'"]


def test_source_added_to_a_rule_of_none_replaces_the_none(settings, flow, conf_client):
    """CSP3 §2.3.1: 'none' beside another source is ignored, and browsers complain."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PAGES_CSP": {"default-src": ("https://cdn.example",)}}
    assert policy_of(flow.authorize(conf_client))["default-src"] == ["https://cdn.example"]


def test_pages_csp_cannot_smuggle_a_second_rule(settings, flow, conf_client):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "PAGES_CSP": {"img-src": ("https://cdn.example; form-action *",)},
    }
    policy = flow.authorize(conf_client)["Content-Security-Policy"]
    assert policy.count("form-action") == 1


@pytest.mark.parametrize("path", ["/login", "/device", "/signed-out", "/authorize"])
def test_every_page_denies_frames_even_where_the_site_allows_them(settings, flow, path):
    settings.X_FRAME_OPTIONS = "SAMEORIGIN"
    settings.SECURE_CROSS_ORIGIN_OPENER_POLICY = None
    settings.SECURE_REFERRER_POLICY = "unsafe-url"
    answer = flow.browser.get(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert policy_of(answer)["frame-ancestors"] == ["'none'"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]

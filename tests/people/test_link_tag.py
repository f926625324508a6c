"""`{% connected_apps_link %}` in the site's account menu, and times as people say them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

TAG = "{% load oauth_provider %}{% connected_apps_link %}"


def render(template: str, **context) -> str:
    return Template(template).render(Context(context))


def test_link_for_who_is_signed_in(alice, db):
    assert render(TAG, user=alice) == '<a href="/connected-apps">Connected apps</a>'


def test_request_is_enough(alice, db):
    request = RequestFactory().get("/")
    request.user = alice
    assert "/connected-apps" in render(TAG, request=request)


def test_words_and_class_are_the_sites_and_are_escaped(alice, db):
    tag = "{% load oauth_provider %}{% connected_apps_link words css_class='nav' %}"
    link = '<a href="/connected-apps" class="nav">&lt;My apps&gt;</a>'
    assert render(tag, user=alice, words="<My apps>") == link


@pytest.mark.parametrize("context", [{}, {"user": AnonymousUser()}, {"request": RequestFactory().get("/")}])
def test_nothing_for_nobody(context):
    assert render(TAG, **context) == ""


@pytest.mark.urls("tests.people.urls_without_us")
def test_nothing_where_we_are_not_mounted(alice, db):
    assert render(TAG, user=alice) == ""


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=5), "5\xa0minutes\xa0ago"),
        (timedelta(days=3, hours=4), "3\xa0days\xa0ago"),
    ],
)
def test_times_are_said_with_the_exact_one_beside(ago, words):
    moment = timezone.now() - ago
    rendered = render("{% load oauth_provider %}{{ moment|ago }}", moment=moment)
    assert f">{words}</time>" in rendered
    assert f'datetime="{moment.isoformat(timespec="seconds")}"' in rendered
    assert "title=" in rendered


def test_no_time_is_nothing():
    with translation.override("de"):
        assert render("{% load oauth_provider %}{{ moment|ago }}", moment=None) == ""

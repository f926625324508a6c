"""The part of an app's page that is about chosen objects: what it shows, and what its button sends."""

from __future__ import annotations

import pytest

from oauth_provider.consent import objects
from oauth_provider.consent.objects import Chosen, Kind
from tests.flow import post_form
from tests.people.pages import app_url, words_of

pytestmark = pytest.mark.django_db

KINDS = (
    Kind("organization", "Organizations", (Chosen("3", "Acme <b>"), Chosen("7", "Bolts & Co"))),
    Kind("board", "Boards", (), everything=True),
)


@pytest.fixture
def kept(monkeypatch):
    """What the room is asked to keep; which objects there are is the site's to say, not this page's."""
    asked = []

    def keep(_user, _client, kept, **_):
        asked.append(kept)
        return True

    monkeypatch.setattr(objects, "described", lambda *_, **__: KINDS)
    monkeypatch.setattr(objects, "keep", keep)
    return asked


def test_objects_are_named_and_escaped(flow, conf_client, kept):
    flow.tokens(conf_client)
    page = flow.browser.get(app_url(conf_client))
    assert "Organizations Acme &lt;b&gt; Bolts &amp; Co" in words_of(page)
    assert "All of them, also those you get later" in words_of(page)
    assert page.content.count(b'type="checkbox"') == 2


@pytest.mark.parametrize(("ticked", "left"), [(["3"], ["3"]), ([], []), (["3", "7"], ["3", "7"])])
def test_button_keeps_what_is_ticked_of_each_kind_that_was_chosen_from(flow, conf_client, kept, ticked, left):
    flow.tokens(conf_client)
    pairs = [("objects", "keep"), *(("object:organization", key) for key in ticked), ("object:board", "1")]
    answer = post_form(flow.browser, app_url(conf_client), pairs)
    assert answer["Location"] == f"{app_url(conf_client)}?done=objects"
    assert kept == [{"organization": left}]


def test_nothing_is_shown_or_kept_where_no_kind_of_object_is_registered(flow, conf_client):
    flow.tokens(conf_client)
    assert b'type="checkbox"' not in flow.browser.get(app_url(conf_client)).content
    answer = post_form(flow.browser, app_url(conf_client), [("objects", "keep"), ("object:organization", "3")])
    assert answer["Location"] == app_url(conf_client)

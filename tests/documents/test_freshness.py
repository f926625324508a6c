"""How long a document counts, what its changes do, and what happens when it is gone."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.clients import status
from oauth_provider.models import AuditEvent, Client
from oauth_provider.outbound import crowd
from tests.documents.published import Ask, events, make_stale, refused
from tests.flow import Flow, query_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 3600),
        ({"Cache_Control": "max-age=1800"}, 1800),
        ({"Cache_Control": 'public, MAX-AGE="1800"'}, 1800),
        ({"Cache_Control": "s-maxage=60, max-age=1800"}, 1800),
        ({"Cache_Control": "max-age=1800", "Age": "600"}, 1200),
        ({"Cache_Control": "max-age=1800", "Age": "nonsense"}, 1800),
        ({"Cache_Control": "max-age=5"}, 300),
        ({"Cache_Control": "max-age=9999999999"}, 86400),
        ({"Cache_Control": "max-age=" + "9" * 500}, 86400),
        ({"Cache_Control": "no-store"}, 300),
        ({"Cache_Control": "no-cache, max-age=1800"}, 300),
        ({"Cache_Control": "max-age=-1"}, 3600),
        ({"Cache_Control": "nonsense"}, 3600),
        ({"Expires": "0"}, 300),
        ({"Expires": "nonsense", "Date": "nonsense"}, 300),
        ({"Expires": "Tue, 24 Nov 2026 14:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 7200),
        ({"Expires": "Tue, 24 Nov 2026 11:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 300),
        ({"Expires": "Fri, 31 Dec 9999 23:59:59 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 86400),
    ],
    ids=str,
)
def test_document_stays_fresh_as_its_server_says_within_bounds(document, flow, headers, seconds):
    document.headers = headers
    before = timezone.now()
    flow.authorize(Ask())
    kept = (document.row.document_fresh_until - before).total_seconds()
    assert seconds - 5 <= kept <= seconds + 60


def test_fresh_document_is_not_read_again(document, flow):
    for _ in range(3):
        assert flow.authorize(Ask()).status_code == 200
    assert document.fetches == 1


def test_stale_document_is_read_again_and_what_changed_is_the_clients(document, flow):
    flow.authorize(Ask())
    flow.tokens(document.registered)
    make_stale(document.row)
    document.changes = {
        "client_name": "Notes Agent 2",
        "redirect_uris": ["https://app.example/new"],
        "scope": "read",
        "policy_uri": None,
        "grant_types": ["authorization_code"],
    }
    # The address that vanished is no target any more (AS1, AS3).
    assert "not registered" in refused(flow.authorize(Ask()))
    assert flow.authorize(Ask(redirect_uri="https://app.example/new")).status_code == 200
    row = document.row
    assert (row.name, row.redirect_uris, row.policy_uri) == ("Notes Agent 2", ("https://app.example/new",), "")
    assert (row.allowed_scopes, row.grant_types) == (["read"], ["authorization_code"])
    assert row.document_fresh_until > timezone.now()
    assert document.fetches == 2
    event = AuditEvent.objects.get(event="client_changed")
    assert event.detail == {
        "fields": [
            *sorted(["allowed_scopes", "grant_types", "policy_uri", "requested_scopes"]),
            "name",
            "redirect_uris",
        ],
        "redirect_uris_added": ["https://app.example/new"],
        "redirect_uris_removed": ["https://app.example/cb", "http://127.0.0.1/cb"],
    }


def test_addresses_of_a_sign_out_follow_the_document(document, flow):
    document.changes = {"post_logout_redirect_uris": ["https://app.example/out"]}
    flow.authorize(Ask())
    flow.tokens(document.registered)
    make_stale(document.row)
    document.changes = {
        "post_logout_redirect_uris": ["https://app.example/bye", "https://app.example/bye"],
        "backchannel_logout_uri": "https://app.example/logout",
    }
    assert flow.authorize(Ask()).status_code == 200
    row = document.row
    assert row.post_logout_redirect_uris == ("https://app.example/bye",)
    assert row.backchannel_logout_uri == "https://app.example/logout"
    assert AuditEvent.objects.get(event="client_changed").detail == {
        "fields": ["backchannel_logout_uri", "post_logout_redirect_uris"],
        "redirect_uris_added": [],
        "redirect_uris_removed": [],
        "post_logout_redirect_uris_added": ["https://app.example/bye"],
        "post_logout_redirect_uris_removed": ["https://app.example/out"],
    }


def test_stale_document_that_says_the_same_writes_no_event(document, flow):
    flow.authorize(Ask())
    flow.tokens(document.registered)
    make_stale(document.row)
    assert flow.authorize(Ask()).status_code == 200
    assert (document.fetches, events("client_changed")) == (2, [])
    assert document.row.document_fresh_until > timezone.now()


def test_change_of_an_unconfirmed_client_writes_no_event(document, flow):
    flow.authorize(Ask())
    make_stale(document.row)
    document.changes = {"client_name": "Another"}
    flow.authorize(Ask())
    assert document.row.name == "Another"
    assert not AuditEvent.objects.filter(event__in=["client_registered", "client_changed"]).exists()


def test_what_an_admin_took_from_a_client_does_not_come_back_with_the_next_reading(publish, flow):
    document = publish(scope="read openid")
    flow.authorize(Ask())
    Client.objects.filter(pk=document.row.pk).update(allowed_scopes=["openid"], default_scopes=[])
    make_stale(document.row)
    document.changes["client_name"] = "Another"
    flow.authorize(Ask(), scope="openid")
    assert (document.row.name, document.row.allowed_scopes) == ("Another", ["openid"])


@pytest.mark.parametrize(
    "trouble", ["500 Trouble", "429 Too Many Requests", "301 Moved", "name", "certificate", "long"]
)
def test_document_that_cannot_be_fetched_stays_good_for_a_day(document, internet, flow, trouble):
    flow.authorize(Ask())
    make_stale(document.row, since=timedelta(hours=23))
    if trouble == "name":
        internet.name("app.example", [])
    elif trouble == "certificate":
        internet.site("app.example", certificate="evil.example")
    elif trouble == "long":
        document.raw = b"x" * 20_000
    else:
        document.status = trouble
    assert flow.authorize(Ask()).status_code == 200
    make_stale(document.row, since=timedelta(hours=25))
    crowd.forget()
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert Client.objects.filter(pk=document.row.pk).exists()


@pytest.mark.parametrize("end", ["404 Not Found", "410 Gone", "wrong"])
def test_document_that_is_gone_or_wrong_ends_the_client_at_once(document, flow, end):
    flow.authorize(Ask())
    make_stale(document.row)
    assert query_of(Flow(Browser()).authorize(Ask(), prompt="none")["Location"])["error"] == "login_required"
    if end == "wrong":
        document.changes = {"client_id": "https://app.example/other"}
    else:
        document.status = end
    assert "cannot be used" in refused(flow.authorize(Ask()))
    # Nobody is redirected to where it once pointed, not even with an error (AS3).
    refused(Flow(Browser()).authorize(Ask(), prompt="none"))
    assert "cannot be used" in refused(flow.authorize(Ask()))
    document.changes, document.status = {}, "200 OK"
    assert flow.authorize(Ask()).status_code == 200


def test_stranger_is_not_sent_anywhere_by_a_document_that_is_long_stale(document, flow):
    flow.authorize(Ask())
    make_stale(document.row, since=timedelta(hours=25))
    refused(Flow(Browser()).authorize(Ask(), prompt="none"))
    response = Flow(Browser()).authorize(Ask())
    assert urlsplit(response["Location"]).path == "/login"
    assert document.fetches == 1


def test_suspended_client_is_refused_and_its_document_left_alone(document, flow):
    flow.authorize(Ask())
    status.suspend(document.row)
    make_stale(document.row)
    assert "cannot be used at present" in refused(flow.authorize(Ask()))
    assert document.fetches == 1

"""A client nobody registered, from a browser's request to tokens, and the row that is left of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import Application

from oauth_provider.clients import documents
from oauth_provider.models import AuditEvent, Client, Consent
from oauth_provider.values import Source
from tests.documents.published import URL, Ask, events, make_stale, refused
from tests.flow import Flow, Registered, refresh, userinfo

pytestmark = pytest.mark.django_db


def test_whole_flow_of_a_client_nobody_registered(document, flow):
    page = flow.authorize(Ask(), scope="read openid")
    shown = page.content.decode()
    assert page.status_code == 200
    assert "This app says it is <bdi>Notes Agent</bdi>; its address is" in shown
    assert '<strong><bdi dir="ltr">app.example</bdi></strong>' in shown
    assert 'href="https://app.example/privacy"' in shown
    tokens = flow.tokens(document.registered, scope="read openid")
    assert tokens["scope"] == "read openid"
    assert userinfo(tokens["access_token"]).status_code == 200
    renewed = refresh(document.registered, tokens["refresh_token"])
    assert renewed.status_code == 200
    assert document.fetches == 1


def test_row_of_a_document(document, flow):
    before = timezone.now()
    flow.authorize(Ask())
    row, application = document.row, document.row.application
    assert (row.profile, row.status, row.auth_method, row.registration_source) == ("mcp", "active", "none", "document")
    assert (row.name, row.redirect_uris) == ("Notes Agent", ("https://app.example/cb", "http://127.0.0.1/cb"))
    assert row.grant_types == ["authorization_code", "refresh_token"]
    assert row.response_types == ["code"]
    assert (row.allowed_scopes, row.default_scopes) == (["read", "openid"], ["read"])
    assert (row.client_uri, row.policy_uri) == ("https://app.example/", "https://app.example/privacy")
    assert (row.require_pkce, row.first_party, row.resources, row.resource_server_for) == (True, False, [], [])
    assert (application.client_type, application.user, application.skip_authorization) == ("public", None, False)
    assert list(row.secrets.all()) == []
    assert before + timedelta(hours=23) < row.unconfirmed_until < timezone.now() + timedelta(hours=25)


def test_C58_members_nobody_asked_for_have_no_effect(publish, flow, alice):
    taken = {
        "skip_authorization": True,
        "user": alice.pk,
        "user_id": alice.pk,
        "owners": [alice.pk],
        "client_type": "confidential",
        "authorization_grant_type": "client-credentials",
        "is_staff": True,
        "is_superuser": True,
        "first_party": True,
        "profile": "first_party",
        "status": "suspended",
        "registration_source": "admin",
        "unconfirmed_until": None,
        "document_fresh_until": "2999-01-01T00:00:00Z",
        "allowed_scopes": ["*"],
        "default_scopes": ["write"],
        "resources": ["https://other.example"],
        "resource_server_for": ["*"],
        "require_pkce": False,
        "token_format": "opaque",
        "access_token_lifetime": 999_999,
        "service_account": alice.pk,
        "allowed_users": "owners",
        "id": 1,
        "pk": 1,
        "jwks_uri": "https://127.0.0.1/keys",
        "sector_identifier_uri": "https://169.254.169.254/latest",
        "hash_client_secret": False,
    }
    document = publish(**taken)
    page = flow.authorize(Ask())
    assert page.status_code == 200
    row, application = document.row, document.row.application
    assert (application.user, application.skip_authorization, application.client_type) == (None, False, "public")
    assert application.authorization_grant_type == "authorization-code"
    assert (row.profile, row.status, row.first_party, row.registration_source) == ("mcp", "active", False, "document")
    assert (row.allowed_scopes, row.default_scopes, row.resources, row.resource_server_for) == (
        ["read", "openid"],
        ["read"],
        [],
        [],
    )
    assert (row.require_pkce, row.token_format, row.access_token_lifetime) == (True, "jwt", None)
    assert (row.service_account, row.allowed_users, row.owners.count()) == (None, "everyone", 0)
    assert row.unconfirmed_until is not None
    assert row.document_fresh_until < timezone.now() + timedelta(days=2)
    assert document.listener.paths == ["/client.json"]
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (False, False)


def test_metadata_says_so_only_where_documents_are_read(change):
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        change(CLIENT_ID_METADATA_HOSTS=["app.example"])
        assert Browser().get(path).json()["client_id_metadata_document_supported"] is True
        change(CLIENT_ID_METADATA_HOSTS=[])
        assert "client_id_metadata_document_supported" not in Browser().get(path).json()


def test_AS23_consent_is_asked_each_time(document, flow, alice):
    flow.authorize(Ask())
    for _ in range(2):
        flow.tokens(document.registered)
        assert flow.authorize(document.registered).status_code == 200
    assert Consent.objects.get(user=alice).remembered_until is None


def test_first_person_who_allows_it_confirms_it_and_the_event_says_what_it_is(document, flow, alice, bob):
    flow.location(Ask(), "deny")
    assert document.row.unconfirmed_until is not None
    flow.tokens(document.registered)
    assert document.row.unconfirmed_until is None
    browser = Browser()
    browser.force_login(bob)
    Flow(browser).tokens(document.registered)
    event = AuditEvent.objects.get(event="client_confirmed")
    assert (event.client_id, event.user_id) == (URL, str(alice.pk))
    assert event.address
    told = {
        "source": "document",
        "registered_at": document.row.created_at.isoformat(),
        "profile": "mcp",
        "name": "Notes Agent",
        "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"],
        "scopes": ["read", "openid"],
    }
    assert {name: event.detail[name] for name in told} == told
    assert "client_registered" not in events()


def test_two_requests_that_both_saw_no_row_make_one(document, alice):
    first = documents.find_or_fetch(URL, None, user=alice, source=Source())
    second = documents.find_or_fetch(URL, None, user=alice, source=Source())
    assert first.pk == second.pk
    assert Client.objects.count() == 1


def test_client_that_was_cleared_away_while_its_document_was_read_is_made_again(document, alice, flow):
    flow.authorize(Ask())
    make_stale(document.row)
    seen = Client.objects.named(URL)
    document.row.erase()
    found = documents.find_or_fetch(URL, seen, user=alice, source=Source())
    assert (found.pk != seen.pk, document.row.pk) == (True, found.pk)


def test_client_registered_by_hand_under_an_address_needs_no_document(internet, flow):
    site = internet.site("app.example")
    row, _ = Client.objects.register(
        name="By hand", profile="mcp", client_id=URL, redirect_uris=["https://app.example/cb"], scopes=["read"]
    )
    assert flow.authorize(Registered(row, None)).status_code == 200
    assert site.connections == 0


def test_application_of_the_toolkit_under_the_same_address_is_no_crash_and_not_taken_over(document, flow):
    Application.objects.create(client_id=URL, name="Theirs", client_type="public", authorization_grant_type="implicit")
    assert "No app is registered" in refused(flow.authorize(Ask()))
    assert Application.objects.get(client_id=URL).name == "Theirs"

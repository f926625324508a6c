from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import AuditEvent, Client
from tests.admin.filled import base


@pytest.fixture
def old(web: Client) -> Client:
    """As the migration leaves a client of django-oauth-toolkit."""
    Client.objects.filter(pk=web.pk).update(profile="imported", require_pkce=False, registration_source="dot")
    web.set_redirect_uris(["https://old.example/cb", "http://old.example/cb"])
    return Client.objects.get(pk=web.pk)


def test_what_breaks_is_shown_before_anything_happens(browser: Browser, old: Client) -> None:
    assert "Move to a modern profile…" in browser.get(base(old) + "change/").content.decode()
    offers = browser.get(base(old) + "move/").content.decode()
    assert "Web application with a server" in offers
    assert "http://old.example/cb" in offers
    asked = browser.get(base(old) + "move/?profile=web").content.decode()
    for words in ("http://old.example/cb", "PKCE challenge", "Web application with a server"):
        assert words in asked
    assert browser.post(base(old) + "move/", {"profile": "web"}).status_code == 200
    assert Client.objects.get().profile == "imported"
    assert browser.post(base(old) + "move/", {"profile": "web", "confirmed": "yes"}).status_code == 302
    moved = Client.objects.get()
    assert (moved.profile, moved.require_pkce, moved.redirect_uris) == ("web", True, ("https://old.example/cb",))
    event = AuditEvent.objects.get(event="client_changed")
    assert (event.detail["from"], event.detail["to"], event.actor) == ("imported", "web", "root")


@pytest.mark.parametrize("profile", ["machine", "legacy", "imported", "nonsense", ""])
def test_profile_it_cannot_have_is_not_moved_to(browser: Browser, old: Client, profile: str) -> None:
    Client.objects.filter(pk=old.pk).update(grant_types=["authorization_code"])
    answer = browser.post(base(old) + "move/", {"profile": profile, "confirmed": "yes"})
    assert answer.status_code == 200
    assert Client.objects.get().profile == "imported"


def test_move_that_would_leave_no_redirect_uri_says_so_and_changes_nothing(browser: Browser, old: Client) -> None:
    old.set_redirect_uris(["http://old.example/cb"])
    answer = browser.post(base(old) + "move/", {"profile": "web", "confirmed": "yes"}, follow=True)
    assert "None of its redirect URIs is allowed" in answer.content.decode()
    assert Client.objects.get().profile == "imported"


def test_modern_client_is_offered_no_move(browser: Browser, web: Client) -> None:
    assert "Move to a modern profile…" not in browser.get(base(web) + "change/").content.decode()
    assert browser.post(base(web) + "move/", {"profile": "spa", "confirmed": "yes"}).status_code == 302
    assert Client.objects.get().profile == "web"


def test_profile_is_explained_with_what_deviates_marked(browser: Browser, web: Client) -> None:
    page = browser.get(base(web) + "change/").content.decode()
    assert "PKCE (S256) required" in page
    assert "differs" not in page
    Client.objects.filter(pk=web.pk).update(access_token_lifetime=60)
    page = browser.get(base(web) + "change/").content.decode()
    assert "1 deviation" in page
    assert page.count("differs") == 1

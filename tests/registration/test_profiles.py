"""Profiles: what one implies, where a client deviates, and moving an imported client to a modern one."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from oauth_provider.clients import modern, redirect_uris
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.models import AuditEvent, Client
from oauth_provider.values import Profile
from tests.flow import Registered, machine_token, query_of

pytestmark = pytest.mark.django_db


def make(profile: str, **wanted) -> Client:
    rules = PROFILES[Profile(profile)]
    uris = ["https://a.example/cb"] if rules.needs_redirect_uri else []
    return Client.objects.register(
        **{"name": profile, "profile": profile, "redirect_uris": uris, "scopes": ["read"], **wanted}
    )[0]


def imported(**columns) -> Client:
    client = make("web")
    columns = {"profile": "imported", "require_pkce": False, "registration_source": "dot", **columns}
    uris = columns.pop("redirect_uris", None)
    Client.objects.filter(pk=client.pk).update(**columns)
    client.refresh_from_db()
    if uris is not None:
        client.set_redirect_uris(uris)
    return client


@pytest.mark.parametrize("profile", [profile for profile in Profile if profile != Profile.IMPORTED])
def test_a_new_client_of_each_profile_has_what_the_profile_implies(profile):
    assert len(modern.explain(profile)) >= 15
    assert modern.deviations(make(profile)) == []


@pytest.mark.parametrize("profile", ["web", "spa", "native", "machine", "device", "mcp", "first_party", "legacy"])
def test_explain_says_what_a_client_of_the_profile_is(profile):
    client = make(profile)
    assert [(row.name, row.value) for row in modern.explain(profile) if row.name != "consent"] == [
        (row.name, row.value) for row in modern.compare(client) if row.name != "consent"
    ]


def test_a_client_with_its_own_lifetime_and_format_deviates_in_two_sentences():
    client = make("web", settings={"access_token_lifetime": 60, "token_format": "opaque"})
    assert len(modern.deviations(client)) == 2
    assert any("60 instead of 3600" in sentence for sentence in modern.deviations(client))


def test_moving_an_imported_client_says_first_what_breaks_then_does_exactly_that(flow):
    client = imported(
        redirect_uris=["https://a.example/cb", "http://old.example/cb"],
        grant_types=["authorization_code", "refresh_token", "client_credentials"],
    )
    before = modern.what_breaks(client, "web")
    sentences = " ".join(breaks.sentence for breaks in before)
    assert "client_credentials" in sentences
    assert "http://old.example/cb" in sentences
    assert "PKCE" in sentences
    assert modern.move(client, "web", actor="root") == before
    client = Client.objects.get(pk=client.pk)
    assert (client.profile, client.redirect_uris, client.require_pkce) == ("web", ("https://a.example/cb",), True)
    assert client.grant_types == ["authorization_code", "refresh_token"]
    answer = flow.authorize(Registered(client, None), code_challenge=None, code_challenge_method=None)
    assert query_of(answer["Location"])["error"] == "invalid_request"
    event = AuditEvent.objects.get(event="client_changed")
    assert (event.detail["from"], event.detail["to"]) == ("imported", "web")


def test_moving_to_a_profile_with_nothing_in_common_changes_nothing():
    client = imported(grant_types=["client_credentials"])
    with pytest.raises(ValidationError):
        modern.move(client, "spa")
    client.refresh_from_db()
    assert client.profile == "imported"
    assert "spa" not in modern.target_profiles(client)
    assert "machine" in modern.target_profiles(client)


def test_a_row_changed_behind_our_back_gets_no_grant_its_profile_lacks(machine_client, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(grant_types=["client_credentials"])
    response = machine_token(conf_client)
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")
    assert machine_token(machine_client).status_code == 200


def test_a_row_changed_behind_our_back_needs_PKCE_all_the_same(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(require_pkce=False)
    answer = flow.authorize(conf_client, code_challenge=None, code_challenge_method=None)
    assert query_of(answer["Location"])["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("given", "profile", "mended"),
    [
        ("http://a.example/cb", "web", "https://a.example/cb"),
        (" https://a.example/cb ", "web", "https://a.example/cb"),
        ("https://a.example/cb#top", "web", "https://a.example/cb"),
        ("https://ada:pw@a.example/cb", "web", "https://a.example/cb"),
        ("a.example/cb", "web", "https://a.example/cb"),
        ("https://*.example/cb", "web", None),
        ("myapp:/cb", "native", None),
        ("javascript:alert(1)", "web", None),
        ("https://a.example/cb", "web", None),
        ("http://127.0.0.1/cb#x", "native", "http://127.0.0.1/cb"),
        ("http://[::1", "web", None),
    ],
)
def test_a_refused_redirect_uri_is_mended_where_the_meaning_is_plain(given, profile, mended):
    assert redirect_uris.corrected(given, rules=PROFILES[Profile(profile)]) == mended

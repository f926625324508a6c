"""Taking away: one permission, one place, one app, everything; each holds at the next request and the next refresh."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider import credentials, limits
from oauth_provider.models import AuditEvent, Client, Consent, Grant
from oauth_provider.scopes import Scope
from tests.flow import Registered, post_form, refresh, userinfo
from tests.people.pages import app_url, call, press, statements, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.people.pages")]


@pytest.fixture(params=["jwt", "opaque"])
def client(request, conf_client) -> Registered:
    conf_client.row.token_format = request.param
    conf_client.row.save(update_fields=["token_format"])
    return conf_client


def test_permission_taken_away_is_refused_at_the_next_request_and_after_a_refresh(flow, client):
    tokens = flow.tokens(client, scope="openid read write")
    assert (call("/api/read", tokens), call("/api/write", tokens)) == (200, 200)
    answer = press(flow.browser, app_url(client), scope="write")
    assert (answer.status_code, answer["Location"]) == (303, f"{app_url(client)}?done=permission")
    assert (call("/api/read", tokens), call("/api/write", tokens)) == (200, 403)
    renewed = refresh(client, tokens["refresh_token"]).json()
    assert renewed["scope"] == "openid read"
    assert (call("/api/read", renewed), call("/api/write", renewed)) == (200, 403)
    assert refresh(client, renewed["refresh_token"], scope="write").json()["error"] == "invalid_scope"
    said = words_of(flow.browser.get(answer["Location"]))
    assert "The app can no longer do that. It may ask you again." in said
    assert "You took away: Change your notes" in said


def test_check_of_a_narrowed_token_costs_no_statement_more(flow, client):
    tokens = flow.tokens(client, scope="read write")
    with statements() as before:
        assert call("/api/read", tokens) == 200
    press(flow.browser, app_url(client), scope="write")
    with statements() as after:
        assert call("/api/read", tokens) == 200
    assert len(after) == len(before), after


def test_introspection_tells_the_narrowed_scopes(flow, client, resource_server):
    tokens = flow.tokens(client, scope="read write")
    press(flow.browser, app_url(client), scope="write")
    answer = post_form(
        Browser(), "/introspect", {"token": tokens["access_token"]}, HTTP_AUTHORIZATION=resource_server.basic
    )
    assert answer.json()["scope"] == "read"


def test_app_that_wants_it_back_must_ask(flow, client):
    flow.tokens(client, scope="read write")
    press(flow.browser, app_url(client), scope="write")
    assert flow.authorize(client, scope="read").status_code == 303
    page = flow.authorize(client, scope="read write")
    assert page.status_code == 200
    assert b">New<" in page.content


def test_permission_of_every_grant_goes_and_one_left_with_none_ends(flow, client):
    both = flow.tokens(client, scope="read write")
    only = flow.tokens(client, scope="write")
    press(flow.browser, app_url(client), scope="write")
    assert call("/api/read", both) == 200
    assert call("/api/write", only) == 401
    assert refresh(client, only["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("scope", ["openid", "introspection", "admin", "", "read write", "write\x00"])
def test_what_is_not_offered_is_not_taken(flow, client, scope):
    flow.tokens(client, scope="openid read write")
    assert press(flow.browser, app_url(client), scope=scope).status_code in {303, 400}
    assert sorted(Grant.objects.get().scopes) == ["openid", "read", "write"]
    assert not AuditEvent.objects.filter(event__in=["consent_withdrawn", "consent_narrowed"]).exists()


def test_last_permission_and_sign_in_itself_are_not_offered(flow, client):
    flow.tokens(client, scope="read")
    assert b'name="scope"' not in flow.browser.get(app_url(client)).content
    press(flow.browser, app_url(client), scope="read")
    assert Grant.objects.get().scopes == ["read"]


def test_permission_that_another_contains_says_so_and_goes_only_with_it(flow, client, settings):
    scopes = {
        **settings.OAUTH_PROVIDER["SCOPES"],
        "write": Scope("write", "Change your notes", implies=("read",), sensitive=True),
    }
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SCOPES": scopes}
    tokens = flow.tokens(client, scope="openid read write")
    page = flow.browser.get(app_url(client))
    assert "Part of: Change your notes" in words_of(page)
    assert "Sensitive" in words_of(page)
    press(flow.browser, app_url(client), scope="read")
    assert call("/api/read", tokens) == 200
    press(flow.browser, app_url(client), scope="write")
    assert (call("/api/read", tokens), call("/api/write", tokens)) == (200, 403)


def test_one_place_ends_and_the_others_go_on(flow, client):
    lost, kept = flow.tokens(client), flow.tokens(client)
    grant = Grant.objects.order_by("created_at").first()
    answer = press(flow.browser, app_url(client), place=str(grant.pk))
    assert answer["Location"] == f"{app_url(client)}?done=place"
    assert (call("/api/read", lost), call("/api/read", kept)) == (401, 200)
    assert refresh(client, lost["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(client, kept["refresh_token"]).status_code == 200
    assert "You ended its access in one place" in words_of(flow.browser.get(app_url(client)))


def test_last_place_of_an_app_without_a_remembered_answer_leads_back_to_the_list(flow, public_client):
    flow.code(public_client)
    place = str(Grant.objects.get().pk)
    assert press(flow.browser, app_url(public_client), place=place)["Location"] == "/connected-apps?done=place"


@pytest.mark.parametrize("place", ["", "not-a-uuid", "00000000-0000-4000-8000-000000000000", "\x00"])
def test_place_that_is_none_of_this_app_ends_nothing(flow, client, place):
    tokens = flow.tokens(client)
    assert press(flow.browser, app_url(client), place=place).status_code in {303, 400}
    assert call("/api/read", tokens) == 200


def test_place_of_another_app_is_not_ended_through_this_one(flow, client, public_client):
    flow.tokens(client)
    flow.code(public_client)
    place = Grant.objects.get(client=public_client.row)
    press(flow.browser, app_url(client), place=str(place.pk))
    place.refresh_from_db()
    assert place.revoked_at is None


def test_app_ends_after_a_page_that_says_what_ends(flow, client):
    several = [flow.tokens(client, scope="openid read write") for _ in range(2)]
    said = words_of(flow.browser.get(f"{app_url(client)}/end"))
    assert "signed out at once in 2 places" in said
    assert "It loses 3 permissions" in said
    assert "keeps data it already copied" in said
    assert call("/api/read", several[0]) == 200
    answer = press(flow.browser, f"{app_url(client)}/end")
    assert (answer.status_code, answer["Location"]) == (303, "/connected-apps?done=app")
    for tokens in several:
        assert call("/api/read", tokens) == 401
        assert userinfo(tokens["access_token"]).status_code == 401
        assert refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.browser.get(app_url(client)).status_code == 404
    assert flow.authorize(client).status_code == 200
    event = AuditEvent.objects.get(event="consent_withdrawn")
    assert event.detail == {"reason": "app_ended", "grants": 2}


def test_app_ended_twice_is_one_event(flow, client):
    flow.tokens(client)
    for _ in range(2):
        assert press(flow.browser, f"{app_url(client)}/end").status_code == 303
    assert AuditEvent.objects.filter(event="consent_withdrawn").count() == 1


def test_R14_code_on_its_way_when_the_app_ends_is_refused(flow, client):
    flow.tokens(client)
    code = flow.code(client)
    verifier = flow.verifier
    press(flow.browser, f"{app_url(client)}/end")
    flow.verifier = verifier
    assert flow.redeem(client, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("taken", ["everything", "a permission"])
def test_R14_grant_made_from_an_answer_read_before_it_was_taken_back_gives_no_token(flow, client, taken):
    """As if the silent authorization had read the consent before, and stored its grant after, the person ended it."""
    flow.tokens(client, scope="read write")
    code = flow.code(client, scope="read write")
    if taken == "everything":
        Consent.objects.update(revoked_at=timezone.now())
    else:
        Consent.objects.update(scopes=["read"])
    assert flow.redeem(client, code).json()["error"] == "invalid_grant"
    assert Grant.objects.order_by("created_at").last().revoked_reason == "consent_withdrawn"


def test_app_of_this_site_without_a_consent_ends_too(flow):
    row, secret = Client.objects.register(
        name="Acme Mail", profile="first_party", redirect_uris=["https://c.example/cb"], scopes=["read", "write"]
    )
    own = Registered(row, secret)
    tokens = flow.tokens(own, scope="read write")
    assert not Consent.objects.exists()
    press(flow.browser, app_url(own), scope="write")
    assert call("/api/write", tokens) == 200
    press(flow.browser, f"{app_url(own)}/end")
    assert call("/api/read", tokens) == 401
    assert refresh(own, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_stale_form_shows_the_page_again_and_ends_nothing(flow, client, alice):
    tokens = flow.tokens(client)
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    for path in (app_url(client), f"{app_url(client)}/end", "/connected-apps/sign-out-everywhere"):
        answer = post_form(browser, path, {"scope": "read", "password": "alice-password"})
        assert (answer.status_code, answer["Location"]) == (303, path)
    assert call("/api/read", tokens) == 200


def test_django_oauth_toolkits_tokens_of_the_app_end_with_it(flow, client, alice):
    from oauth2_provider.models import AccessToken, RefreshToken

    flow.tokens(client)
    application = client.row.application
    access = AccessToken.objects.create(
        user=alice, application=application, token="dot-access", scope="read",
        expires=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    RefreshToken.objects.create(user=alice, application=application, token="dot-refresh", access_token=access)
    assert call("/api/read", {"access_token": "dot-access"}) == 200
    press(flow.browser, f"{app_url(client)}/end")
    assert call("/api/read", {"access_token": "dot-access"}) == 401
    assert refresh(client, "dot-refresh").json()["error"] == "invalid_grant"


# Everywhere


def test_sign_out_everywhere_ends_every_app_and_every_other_browser(flow, client, public_client, alice):
    tokens = flow.tokens(client)
    flow.code(public_client)
    other, bobs = Browser(), Browser()
    other.force_login(alice)
    assert other.get("/connected-apps/").status_code == 200
    said = words_of(flow.browser.get("/connected-apps/sign-out-everywhere"))
    assert "2 apps are signed out" in said
    assert "(in 2 places)" in said
    answer = press(flow.browser, "/connected-apps/sign-out-everywhere", password="alice-password")
    assert (answer.status_code, answer["Location"]) == (303, "/connected-apps?done=everywhere")
    assert flow.browser.get("/connected-apps/").status_code == 200
    assert other.get("/connected-apps/").status_code == 303
    assert call("/api/read", tokens) == 401
    assert refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert bobs.login(username="alice", password="alice-password")


def test_sign_out_everywhere_leaves_other_people_alone(flow, client, bob):
    bobs = Browser()
    bobs.force_login(bob)
    press(flow.browser, "/connected-apps/sign-out-everywhere", password="alice-password")
    assert bobs.get("/connected-apps/").status_code == 200


def test_sign_out_everywhere_without_a_password_at_this_site(flow, client, alice):
    alice.set_unusable_password()
    alice.save()
    flow.browser.force_login(alice)
    other = Browser()
    other.force_login(alice)
    tokens = flow.tokens(client)
    assert b'type="password"' not in flow.browser.get("/connected-apps/sign-out-everywhere").content
    assert press(flow.browser, "/connected-apps/sign-out-everywhere").status_code == 303
    assert flow.browser.get("/connected-apps/").status_code == 200
    assert other.get("/connected-apps/").status_code == 303
    assert call("/api/read", tokens) == 401
    alice.refresh_from_db()
    assert not alice.has_usable_password()


def test_sign_out_everywhere_takes_the_password_and_counts_tries(flow, client, monkeypatch):
    # Tries are counted by the minute; this one does not end while they are made.
    monkeypatch.setattr(limits, "_name", lambda key, window, _now=None: credentials.digest(f"{key}:{window}"))
    tokens = flow.tokens(client)
    for _ in range(10):
        answer = press(flow.browser, "/connected-apps/sign-out-everywhere", password="wrong")
        assert answer.status_code == 400
    assert "This is not your password" in words_of(answer)
    answer = press(flow.browser, "/connected-apps/sign-out-everywhere", password="alice-password")
    assert answer.status_code == 400
    assert call("/api/read", tokens) == 200

"""Initial access tokens in the admin: made and shown once, revoked after asking, by those who may approve clients."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.clients import initial_access
from oauth_provider.models import AuditEvent, InitialAccessToken
from tests.admin.conftest import EVIL
from tests.admin.test_client_registration import everything_stored

LIST = "/admin/oauth_provider/initialaccesstoken/"
ADD = f"{LIST}add/"
FORM = {"note": "Acme", "lifetime": "86400", "uses": "3", "scopes": ["read"], "owner": ""}


def form(browser: Browser, **changes: Any) -> dict[str, Any]:
    page = browser.get(ADD).content.decode()
    return {**FORM, "once": re.findall(r'name="once" value="([0-9a-f]{32})"', page)[0], **changes}


def value_in(page: str) -> str:
    return str(re.findall(r'id="oauth-initial-access-token"[^>]* value="([^"]+)"', page)[0])


def token(**changes: Any) -> InitialAccessToken:
    wanted = {"note": "Acme", "expires_at": timezone.now() + timedelta(days=1), **changes}
    return initial_access.make(**wanted)[0]


def test_post_answers_with_the_token_and_tells_an_event(browser: Browser, superuser: Any) -> None:
    answer = browser.post(ADD, form(browser, owner=superuser.pk))
    value = value_in(answer.content.decode())
    row = InitialAccessToken.objects.get()
    assert (answer.status_code, row.digest) == (200, credentials.digest(value))
    assert "no-store" in answer["Cache-Control"]
    assert credentials.is_kind(value, credentials.Kind.INITIAL_ACCESS_TOKEN)
    assert (row.note, row.uses_left, row.scopes, row.owner) == ("Acme", 3, ["read"], superuser)
    assert timedelta(hours=23) < row.expires_at - timezone.now() < timedelta(hours=25)
    event = AuditEvent.objects.get(event="initial_access_token_made")
    assert (event.actor, event.address, event.detail["note"]) == ("root", "127.0.0.1", "Acme")
    assert "https://provider.example/register" in answer.content.decode()


def test_the_token_stands_nowhere_else(browser: Browser) -> None:
    answer = browser.post(ADD, form(browser))
    value, row = value_in(answer.content.decode()), InitialAccessToken.objects.get()
    assert LogEntry.objects.count() == 1
    assert value not in everything_stored()
    assert value not in repr(dict(browser.session)) + repr(answer.headers) + repr(browser.cookies)
    assert value not in repr(getattr(cache, "_cache", ""))
    for address in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/history/", f"{LIST}{row.pk}/revoke/"):
        page = browser.get(address).content.decode()
        assert value not in page
        assert row.digest not in page


def test_the_form_sent_twice_makes_one_token_and_shows_it_once(browser: Browser) -> None:
    sent = form(browser)
    value = value_in(browser.post(ADD, sent).content.decode())
    again = browser.post(ADD, sent)
    assert again.status_code == 409
    assert value not in again.content.decode()
    assert InitialAccessToken.objects.count() == 1
    assert AuditEvent.objects.filter(event="initial_access_token_made").count() == 1
    assert value_in(browser.post(ADD, form(browser)).content.decode()) != value


def test_the_same_form_of_another_person_is_another_token(browser: Browser, staff: Any) -> None:
    sent = form(browser)
    first = value_in(browser.post(ADD, sent).content.decode())
    assert value_in(staff().post(ADD, sent).content.decode()) != first


@pytest.mark.parametrize(
    "wrong",
    [
        {"note": ""},
        {"note": "x" * 256},
        {"uses": "0"},
        {"uses": "10001"},
        {"lifetime": "99999999"},
        {"scopes": ["unknown"]},
        {"owner": "12345"},
        {"once": "x"},
    ],
)
def test_wrong_form_makes_nothing(browser: Browser, wrong: dict[str, Any]) -> None:
    answer = browser.post(ADD, form(browser, **wrong))
    assert (answer.status_code, InitialAccessToken.objects.count()) == (200, 0)
    assert "errornote" in answer.content.decode()


def test_revoking_asks_first_says_what_is_left_and_tells_an_event(browser: Browser) -> None:
    row = token(uses=7)
    page = browser.get(f"{LIST}{row.pk}/revoke/")
    assert "7" in page.content.decode()
    row.refresh_from_db()
    assert row.revoked_at is None
    browser.post(f"{LIST}{row.pk}/revoke/", {"confirmed": "yes"})
    row.refresh_from_db()
    assert row.revoked_at is not None
    event = AuditEvent.objects.get(event="initial_access_token_revoked")
    assert (event.actor, event.detail) == ("root", {"token": row.pk, "note": "Acme"})


def test_live_ones_are_revoked_from_the_list(browser: Browser) -> None:
    rows = [token(), token()]
    ticked = {"action": "revoke_selected", "_selected_action": [row.pk for row in rows]}
    assert browser.post(LIST, ticked).status_code == 200
    browser.post(LIST, {**ticked, "confirmed": "yes"})
    assert InitialAccessToken.objects.filter(revoked_at=None).count() == 0


def test_list_tells_states_and_escapes_what_people_wrote(browser: Browser) -> None:
    token(note=EVIL)
    used_up, over = token(note="used"), token(note="over")
    InitialAccessToken.objects.filter(pk=used_up.pk).update(uses_left=0)
    InitialAccessToken.objects.filter(pk=over.pk).update(expires_at=timezone.now())
    token(note="gone").revoke()
    page = browser.get(LIST).content.decode()
    assert EVIL not in page
    for state in ("live", "used up", "expired", "revoked"):
        assert f">{state}</td>" in page


def test_everything_needs_approve_client_and_nothing_else(staff: Any) -> None:
    row = token()
    pages = [LIST, ADD, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/revoke/"]
    lacking = staff("approve_client")
    assert {lacking.get(address).status_code for address in pages} == {403}
    assert lacking.post(ADD, FORM).status_code == 403
    assert lacking.post(f"{LIST}{row.pk}/revoke/", {"confirmed": "yes"}).status_code == 403
    holding = staff(only=("approve_client",))
    assert {holding.get(address).status_code for address in pages} == {200}
    assert InitialAccessToken.objects.filter(revoked_at=None).count() == 1
    assert holding.get(f"{LIST}{row.pk}/delete/").status_code == 403


def test_page_says_when_registration_is_off(browser: Browser, settings: Any) -> None:
    assert "DYNAMIC_REGISTRATION is off" in browser.get(ADD).content.decode()
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DYNAMIC_REGISTRATION": "token"}
    assert "DYNAMIC_REGISTRATION is off" not in browser.get(ADD).content.decode()


def test_list_of_30_costs_no_more_queries_than_of_3(browser: Browser, people: Any) -> None:
    for number in range(3):
        token(owner=people(f"owner{number}"))
    browser.get(LIST)
    with CaptureQueriesContext(connection) as few:
        browser.get(LIST)
    for number in range(3, 30):
        token(owner=people(f"owner{number}"))
    with CaptureQueriesContext(connection) as many:
        browser.get(LIST)
    assert len(many) == len(few) <= 12


def test_owner_may_be_deleted_and_the_token_stays(browser: Browser, people: Any) -> None:
    owner = people("ada")
    token(owner=owner)
    browser.post(f"/admin/auth/user/{owner.pk}/delete/", {"post": "yes"})
    assert InitialAccessToken.objects.get().owner is None

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.admin import client_grants
from oauth_provider.models import AuditEvent, Client, Grant
from tests.admin.conftest import EVIL, allow
from tests.admin.filled import base

YES = {"confirmed": "yes"}


def test_live_grants_newest_first_with_what_is_known_of_them(browser: Browser, web: Client, people: Any) -> None:
    now = timezone.now()
    device = "urn:ietf:params:oauth:grant-type:device_code"
    ada = allow(web, people("ada"), created_at=now - timedelta(days=3), grant_type=device, sid="5e55" * 8)
    bob = allow(web, people("bob"), created_at=now - timedelta(hours=1), last_used_at=now - timedelta(minutes=5))
    allow(web, people("gone"), revoked_at=now)
    allow(web, people("late"), expires_at=now - timedelta(days=1))
    other, _secret = Client.objects.register(name="Other", profile="device")
    allow(other, people("elsewhere"))
    answer = browser.get(base(web) + "grants/")
    assert [row.grant.pk for row in answer.context["rows"]] == [bob.pk, ada.pk]
    page = answer.content.decode()
    for words in ("2 live grants", "on a device", "5e555e55", "5\xa0minutes\xa0ago", "3\xa0days\xa0ago", "never"):
        assert words in page


def test_ticked_grants_are_asked_about_in_numbers_and_revoked(browser: Browser, web: Client, people: Any) -> None:
    ada, bob = people("ada"), people("bob")
    rows = [allow(web, ada), allow(web, ada), allow(web, bob)]
    form = {"grant": [str(row.pk) for row in rows[1:]]}
    asked = browser.post(base(web) + "grants/revoke/", form)
    assert "Grants that end now: 2. People: 2." in asked.content.decode()
    assert Grant.objects.filter(revoked_at=None).count() == 3
    hidden = [value for name, value in asked.context["wanted"].hidden if name == "grant"]
    assert browser.post(base(web) + "grants/revoke/", {"grant": hidden, **YES}).status_code == 302
    assert [grant.pk for grant in Grant.objects.filter(revoked_at=None)] == [rows[0].pk]
    events = AuditEvent.objects.filter(event="grant_revoked", actor="root", client_id=web.client_id)
    assert sorted(event.grant_id for event in events) == sorted(form["grant"])
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("ticked", [[], ["nonsense"], ["00000000-0000-0000-0000-000000000000"], ["\x00"]])
def test_nothing_ticked_or_nonsense_revokes_nothing(
    browser: Browser, web: Client, people: Any, ticked: list[str]
) -> None:
    allow(web, people("ada"))
    assert browser.post(base(web) + "grants/revoke/", {"grant": ticked, **YES}).status_code == 302
    assert Grant.objects.filter(revoked_at=None).count() == 1
    assert browser.get(base(web) + "grants/revoke/").status_code == 405


def test_grant_of_another_client_is_not_revoked_from_this_page(browser: Browser, web: Client, people: Any) -> None:
    other, _secret = Client.objects.register(name="Other", profile="device")
    grant = allow(other, people("ada"))
    browser.post(base(web) + "grants/revoke/", {"grant": [str(grant.pk)], **YES})
    assert Grant.objects.get().revoked_at is None


def test_pages_are_leafed_through_and_counted_no_further_than_the_bound(
    browser: Browser, web: Client, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_grants, "MOST_COUNTED", 100)
    ada, now = people("ada"), timezone.now()
    Grant.objects.bulk_create(
        Grant(client=web, user=ada, subject="u", scopes=[], expires_at=now + timedelta(days=1), created_at=now)
        for _number in range(120)
    )
    first = browser.get(base(web) + "grants/")
    assert len(first.context["rows"]) == client_grants.PER_PAGE == 50
    assert "More than 100 live grants" in first.content.decode()
    assert "Page 1 of 2" in first.content.decode()
    seen = {row.grant.pk for row in first.context["rows"]}
    second = browser.get(base(web) + "grants/?page=2")
    assert not seen & {row.grant.pk for row in second.context["rows"]}
    for nonsense in ("99", "-1", "x"):
        assert browser.get(base(web) + f"grants/?page={nonsense}").status_code == 200


def test_grants_and_events_show_names_escaped(browser: Browser, web: Client, people: Any) -> None:
    person = people(EVIL)
    allow(web, person)
    AuditEvent.objects.record("token_issued", client=web, user=person, detail={"why": EVIL})  # type: ignore[arg-type]
    for tab in ("grants/", "events/"):
        page = browser.get(base(web) + tab).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_whoever_may_not_revoke_sees_the_grants_without_ticks(staff: Any, web: Client, people: Any) -> None:
    allow(web, people("ada"))
    page = staff("revoke_grant").get(base(web) + "grants/").content.decode()
    assert ">ada<" in page
    assert 'type="checkbox"' not in page


def test_last_events_name_who_did_it_and_whom_it_is_about(browser: Browser, web: Client, people: Any) -> None:
    ada = people("ada")
    AuditEvent.objects.record("grant_revoked", client=web, user=ada, actor="root")  # type: ignore[arg-type]
    AuditEvent.objects.record("token_issued", client=web, user=ada)  # type: ignore[arg-type]
    AuditEvent.objects.record("token_refused", client=web, detail={"error": "invalid_grant"})  # type: ignore[arg-type]
    AuditEvent.objects.record("token_issued", client_id="c_other")  # type: ignore[arg-type]
    AuditEvent.objects.create(event="token_issued", client_id=web.client_id, user_id="a key of another kind")
    rows = browser.get(base(web) + "events/").context["rows"]
    assert [(row.event.event, row.by, row.about, row.is_grave) for row in rows[:4]] == [
        ("token_issued", "a key of another kind", "", False),
        ("token_refused", "", "", True),
        ("token_issued", "ada", "", False),
        ("grant_revoked", "root", "ada", False),
    ]
    page = browser.get(base(web) + "events/").content.decode()
    assert f"auditevent/?q={web.client_id}" in page
    assert "invalid_grant" in page


def test_only_the_last_fifty_events_are_read(browser: Browser, web: Client) -> None:
    AuditEvent.objects.bulk_create(AuditEvent(event="token_issued", client_id=web.client_id) for _number in range(60))
    answer = browser.get(base(web) + "events/")
    assert len(answer.context["rows"]) == 50
    assert "Older events" in answer.content.decode()

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from oauth_provider.models import AuditEvent, Client
from oauth_provider.values import Event, Source
from tests.admin.conftest import EVIL

EVENTS = "/admin/oauth_provider/auditevent/"


def test_search_by_request_id_client_and_user(browser: Browser, web: Client, people: Any) -> None:
    ada = people("ada")
    AuditEvent.objects.all().delete()
    AuditEvent.objects.record(Event.TOKEN_ISSUED, client=web, user=ada, source=Source(request_id="r-1"))
    AuditEvent.objects.record(Event.TOKEN_REFUSED, client_id="unknown", actor="root", source=Source(request_id="r-2"))
    for term, count in (
        ("r-1", 1), (web.client_id, 1), ("unknown", 1), (str(ada.pk), 1), ("ada", 1), ("root", 1), ("r", 0), ("", 2),
    ):  # fmt: skip
        assert browser.get(EVENTS, {"q": term}).context["cl"].result_count == count, term
    assert browser.get(EVENTS, {"q": "r-1\x00"}).status_code in {200, 302}
    assert browser.get(EVENTS, {"event__exact": "token_issued"}).context["cl"].result_count == 1
    assert browser.get(EVENTS, {"at__year": AuditEvent.objects.latest("at").at.year}).context["cl"].result_count == 2


def test_nobody_adds_changes_or_deletes_an_event(browser: Browser, staff: Any, web: Client) -> None:
    event = AuditEvent.objects.get()
    before = AuditEvent.objects.values().get()
    for person in (browser, staff()):
        assert person.get(f"{EVENTS}{event.pk}/change/").status_code == 200
        assert person.get(f"{EVENTS}add/").status_code == 403
        assert person.post(f"{EVENTS}{event.pk}/change/", {"actor": "x"}).status_code == 403
        assert person.post(f"{EVENTS}{event.pk}/delete/", {"post": "yes"}).status_code == 403
        person.post(EVENTS, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert AuditEvent.objects.values().get() == before


def test_C64_markup_in_what_a_request_sent_is_escaped(browser: Browser, db: None) -> None:
    event = AuditEvent.objects.record(
        Event.TOKEN_REFUSED, client_id=EVIL, actor=EVIL, source=Source(user_agent=EVIL), detail={"why": EVIL}
    )
    for address in (EVENTS, f"{EVENTS}{event.pk}/change/"):
        page = browser.get(address).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page

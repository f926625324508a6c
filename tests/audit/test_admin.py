"""The screens of the audit: who may see them, what they say, what they cost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import AsyncClient, override_settings
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider.admin.audit_filters import KINDS
from oauth_provider.audit import seal
from oauth_provider.models import AuditEvent, AuditSeal
from oauth_provider.values import Event, Source
from tests.admin.conftest import EVIL

EVENTS = "/admin/oauth_provider/auditevent/"
SEALS = "/admin/oauth_provider/auditseal/"
EXPORT = f"{EVENTS}export/"


@pytest.fixture(autouse=True)
def _admin_only(settings, db):
    settings.ROOT_URLCONF = "tests.admin.urls"


@pytest.fixture
def browser(django_user_model):
    browser = Browser()
    browser.force_login(django_user_model.objects.create_superuser("root", password="pw"))
    return browser


@pytest.fixture
def staff(django_user_model):
    """A staff person's browser with these permissions, or with every one there is but some."""

    def make(*codenames, but=()):
        user = django_user_model.objects.create_user(f"staff{django_user_model.objects.count()}", is_staff=True)
        held = Permission.objects.filter(codename__in=codenames) if codenames else Permission.objects.all()
        user.user_permissions.set(held.exclude(codename__in=but))
        browser = Browser()
        browser.force_login(user)
        return browser

    return make


def lines(response):
    assert response.status_code == 200
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


class TestPermission:
    def pages(self):
        event = AuditEvent.objects.record(Event.KEY_CREATED)
        list(seal.seal_waiting())
        return [
            EVENTS, f"{EVENTS}?q=r-1", f"{EVENTS}?kind=keys", f"{EVENTS}?batch=1", EXPORT, f"{EXPORT}?q=r-1",
            f"{EVENTS}{event.pk}/change/", f"{EVENTS}{event.pk}/history/", f"{EVENTS}{event.pk}/delete/",
            f"{EVENTS}add/", SEALS, f"{SEALS}1/change/", f"{SEALS}1/history/", f"{SEALS}add/", f"{SEALS}1/delete/",
        ]  # fmt: skip

    def test_staff_with_every_permission_but_view_event_sees_nothing(self, staff):
        person = staff(but=["view_event"])
        for page in self.pages():
            assert person.get(page).status_code == 403, page
            assert person.post(page).status_code == 403, page
        index = person.get("/admin/").content.decode()
        assert "auditevent" not in index
        assert "auditseal" not in index

    def test_view_event_alone_is_enough_to_read_and_for_nothing_else(self, staff):
        person = staff("view_event")
        read = [page for page in self.pages() if not page.endswith(("/add/", "/delete/"))]
        assert [person.get(page).status_code for page in read] == [200] * len(read)
        for page in (f"{EVENTS}add/", f"{SEALS}add/", f"{SEALS}1/delete/"):
            assert person.get(page).status_code == 403

    def test_nobody_changes_a_seal(self, browser):
        self.pages()
        before = AuditSeal.objects.values().get()
        assert browser.post(f"{SEALS}1/change/", {"root": "0" * 64}).status_code == 403
        assert browser.post(f"{SEALS}1/delete/", {"post": "yes"}).status_code == 403
        browser.post(SEALS, {"action": "delete_selected", "_selected_action": [1], "post": "yes"})
        assert AuditSeal.objects.values().get() == before

    def test_visitor_is_sent_to_sign_in(self):
        for page in (EVENTS, EXPORT, SEALS):
            assert Browser().get(page).status_code == 302


class TestNames:
    def test_names_stand_beside_the_ids_with_links(self, browser, machine_client, alice):
        AuditEvent.objects.record(Event.TOKEN_ISSUED, client=machine_client.row, user=alice)
        page = browser.get(EVENTS, {"event__exact": "token_issued"}).content.decode()
        client_page = f"/admin/oauth_provider/client/{machine_client.row.pk}/change/"
        client_id = machine_client.row.client_id
        assert f'<a href="{client_page}">Nightly report</a> <span class="quiet">{client_id}</span>' in page
        user_page = f"/admin/auth/user/{alice.pk}/change/"
        assert f'<a href="{user_page}">alice</a> <span class="quiet">{alice.pk}</span>' in page

    def test_no_link_for_whom_the_page_would_refuse(self, staff, machine_client, alice):
        AuditEvent.objects.record(Event.TOKEN_ISSUED, client=machine_client.row, user=alice)
        page = staff("view_event").get(EVENTS).content.decode()
        assert f'Nightly report <span class="quiet">{machine_client.row.client_id}</span>' in page
        assert f'alice <span class="quiet">{alice.pk}</span>' in page
        assert "/client/" not in page
        assert "/user/" not in page

    @pytest.mark.parametrize("user_id", ["99999", "nobody", "9" * 60, "-1", "\u0663"])
    def test_ids_stay_when_the_row_is_gone(self, browser, user_id):
        event = AuditEvent.objects.create(event=Event.TOKEN_ISSUED, client_id="long-gone", user_id=user_id)
        for address in (EVENTS, f"{EVENTS}{event.pk}/change/"):
            page = browser.get(address).content.decode()
            assert "long-gone" in page
            assert user_id in page

    def test_C64_markup_in_names_is_escaped(self, browser, machine_client, django_user_model):
        machine_client.row.application.name = EVIL
        machine_client.row.application.save()
        user = django_user_model.objects.create_user(EVIL)
        event = AuditEvent.objects.record(
            Event.TOKEN_ISSUED, client=machine_client.row, user=user, detail={EVIL: {EVIL: [EVIL, {"x": EVIL}]}}
        )
        for address in (EVENTS, f"{EVENTS}{event.pk}/change/"):
            page = browser.get(address).content.decode()
            assert "<img src=x" not in page
            assert "&lt;img src=x" in page


class TestPage:
    def test_details_are_a_definition_list(self, browser):
        event = AuditEvent.objects.record(
            Event.TOKEN_REFUSED,
            detail={
                "error": "invalid_grant",
                "may_retry": False,
                "scopes": ["read", "write"],
                "compared": {"sent": "a"},
            },
        )
        page = browser.get(f"{EVENTS}{event.pk}/change/").content.decode()
        assert "<dt>error</dt><dd>invalid_grant</dd>" in page
        assert "<dt>may retry</dt><dd>no</dd>" in page
        assert "<dt>scopes</dt><dd>read, write</dd>" in page
        assert '<dt>compared</dt><dd><dl class="oauth-definitions"><dt>sent</dt><dd>a</dd></dl></dd>' in page
        assert "{&#x27;" not in page

    def test_seal_of_an_event_is_named_and_leads_to_it_and_back(self, browser):
        event = AuditEvent.objects.record(Event.KEY_CREATED)
        assert "Not sealed yet" in browser.get(f"{EVENTS}{event.pk}/change/").content.decode()
        list(seal.seal_waiting())
        page = browser.get(f"{EVENTS}{event.pk}/change/").content.decode()
        assert f'<a href="{SEALS}1/change/">Sealed in 1</a>' in page
        page = browser.get(f"{SEALS}1/change/").content.decode()
        assert AuditSeal.objects.get().root in page
        assert f'<a href="{EVENTS}?batch=1">1 event</a>' in page
        assert browser.get(f"{EVENTS}?batch=1").context["cl"].result_count == 1

    def test_list_of_seals_reads_no_leaves(self, browser):
        AuditEvent.objects.record(Event.KEY_CREATED)
        list(seal.seal_waiting())
        with CaptureQueriesContext(connection) as asked:
            page = browser.get(SEALS).content.decode()
        assert AuditSeal.objects.get().root in page
        assert not any('"leaves"' in query["sql"] for query in asked)


class TestFilters:
    def test_every_event_is_of_a_kind_and_refusals_are_all_there(self):
        of_kinds = [event for _title, events in KINDS.values() for event in events]
        assert sorted(of_kinds) == sorted(Event)
        refused = {event for event in Event if event.endswith(("_refused", "_failed")) or event == Event.REUSE_DETECTED}
        assert set(KINDS["refusals"][1]) == refused

    def test_kind_shows_its_events_and_a_strange_one_all(self, browser):
        for event in (Event.TOKEN_REFUSED, Event.KEY_CREATED, Event.SECRET_ADDED, Event.TOKEN_ISSUED):
            AuditEvent.objects.record(event)
        for kind, count in {"refusals": 1, "keys": 1, "secrets": 1, "tokens": 1, "clients": 0, "strange": 4}.items():
            assert browser.get(EVENTS, {"kind": kind}).context["cl"].result_count == count, kind

    def test_months_are_offered_and_find_their_events(self, browser):
        now = timezone.now()
        last_month = now.replace(day=1) - timedelta(days=1)
        AuditEvent.objects.create(event=Event.KEY_CREATED, at=now)
        AuditEvent.objects.create(event=Event.KEY_CREATED, at=last_month)
        changes = browser.get(EVENTS).context["cl"]
        links = {
            choice["display"]: choice["query_string"]
            for spec in changes.filter_specs for choice in spec.choices(changes)
        }  # fmt: skip
        found = browser.get(EVENTS + links[f"{last_month:%B %Y}"]).context["cl"]
        assert [event.at for event in found.result_list] == [last_month]

    def test_filters_and_search_together(self, browser, machine_client):
        AuditEvent.objects.record(Event.TOKEN_REFUSED, client=machine_client.row)
        AuditEvent.objects.record(Event.TOKEN_REFUSED, client_id="another")
        wanted = {"q": machine_client.row.client_id, "kind": "refusals"}
        assert browser.get(EVENTS, wanted).context["cl"].result_count == 1
        assert len(lines(browser.get(EXPORT, wanted))) == 1


class TestExport:
    def test_lines_hold_every_column(self, browser, alice):
        at = datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=UTC)
        AuditEvent.objects.create(
            event=Event.TOKEN_REFUSED, at=at, client_id="c", user_id=str(alice.pk), actor="root", grant_id="g",
            address="192.0.2.1", user_agent="curl/8", request_id="r", detail={"error": "invalid_grant", "left": 3},
        )  # fmt: skip
        list(seal.seal_waiting())
        response = browser.get(EXPORT)
        assert response["Content-Type"] == "application/x-ndjson"
        assert "no-store" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith('attachment; filename="audit-events-20')
        [line] = lines(response)
        assert line == {
            "id": AuditEvent.objects.get().pk,
            "at": "2026-11-24T12:00:00.000005+00:00",
            "seal": 1,
            "event": "token_refused",
            "client_id": "c",
            "user_id": str(alice.pk),
            "actor": "root",
            "grant_id": "g",
            "address": "192.0.2.1",
            "user_agent": "curl/8",
            "request_id": "r",
            "detail": {"error": "invalid_grant", "left": 3},
        }

    @pytest.mark.parametrize(
        "formula",
        [
            "=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\tx", " =1", "\u3000=1",
            "\ufeff=1",
            "\u200b=1", "\x01=1", "\xa0@x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "\ufe66x", "\u2212x",
        ],
    )  # fmt: skip
    def test_AS_formulas_are_neutralised_wherever_they_stand(self, browser, formula):
        AuditEvent.objects.record(
            Event.TOKEN_REFUSED, client_id=formula, actor=formula,
            source=Source(user_agent=formula, request_id=formula),
            detail={"why": formula, "list": [formula, {"deep": formula}], formula: 1},
        )  # fmt: skip
        harmless = f"'{formula}"
        [line] = lines(browser.get(EXPORT))
        assert [line[name] for name in ("client_id", "actor", "user_agent", "request_id")] == [harmless] * 4
        assert line["detail"] == {"why": harmless, "list": [harmless, {"deep": harmless}], harmless: 1}

    @pytest.mark.parametrize(
        "text", ["", "a=b", "1-1", "2026-11-24", "https://a.example/?x=1", "ada@people.example", "'"]
    )
    def test_other_text_is_left_as_it_is(self, browser, text):
        AuditEvent.objects.record(Event.TOKEN_REFUSED, actor=text, detail={"left": -3})
        [line] = lines(browser.get(EXPORT))
        assert line["actor"] == text
        assert line["detail"] == {"left": -3}

    def test_control_characters_are_escaped(self, browser):
        """One event is one line for every reader, and what turns text around on a screen is not there raw."""
        AuditEvent.objects.record(Event.TOKEN_REFUSED, actor="a\nb\u2028c\x1b[2Jd\u202ee\x85f\x7f")
        content = b"".join(browser.get(EXPORT).streaming_content)
        assert content.endswith(b"\n")
        assert all(0x20 <= sign < 0x7F or sign == 0x7F for sign in content[:-1])
        assert json.loads(content)["actor"] == "a\nb\u2028c\x1b[2Jd\u202ee\x85f\x7f"

    def test_thousands_of_events_come_page_by_page(self, browser):
        AuditEvent.objects.bulk_create([AuditEvent(event=Event.TOKEN_ISSUED) for _ in range(2500)])
        response = browser.get(EXPORT)
        with CaptureQueriesContext(connection) as asked:
            chunks = list(response.streaming_content)
        assert [chunk.count(b"\n") for chunk in chunks] == [1000, 1000, 500]
        assert len(asked) == 3
        ids = [json.loads(line)["id"] for line in b"".join(chunks).splitlines()]
        assert ids == list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))

    def test_whole_page_at_the_end_is_not_sent_twice(self, browser):
        AuditEvent.objects.bulk_create([AuditEvent(event=Event.TOKEN_ISSUED) for _ in range(1000)])
        assert len(lines(browser.get(EXPORT))) == 1000

    def test_no_events_are_an_empty_file(self, browser):
        assert lines(browser.get(EXPORT, {"q": "nothing"})) == []

    def test_link_keeps_filters_and_search_and_drops_the_page(self, browser):
        page = browser.get(EVENTS, {"kind": "keys", "q": "a b", "p": "1", "o": "1"}).content.decode()
        assert f'href="{EXPORT}?kind=keys&amp;q=a+b"' in page
        assert f'href="{EXPORT}"' in browser.get(EVENTS).content.decode()

    @pytest.mark.parametrize("nonsense", [{"at__gte": "yesterday"}, {"strange": "1"}, {"batch": "x"}])
    def test_nonsense_leads_back_to_the_list(self, browser, nonsense):
        response = browser.get(EXPORT, nonsense)
        assert response.status_code == 302
        assert response["Location"] == f"{EVENTS}?e=1"

    def test_only_read(self, browser):
        assert browser.post(EXPORT).status_code == 405

    def test_asynchronous_server_gets_it_piece_by_piece(self, django_user_model):
        AuditEvent.objects.bulk_create([AuditEvent(event=Event.TOKEN_ISSUED) for _ in range(1500)])
        client = AsyncClient()
        client.force_login(django_user_model.objects.create_superuser("ada", password="pw"))

        async def fetch():
            response = await client.get(EXPORT)
            return response.is_async, [chunk.count(b"\n") async for chunk in response.streaming_content]

        assert async_to_sync(fetch)() == (True, [1000, 500])


class TestCost:
    def fill(self, count):
        AuditEvent.objects.bulk_create(
            [
                AuditEvent(event=Event.TOKEN_ISSUED, client_id=f"c{number % 7}", user_id=str(number), actor="root")
                for number in range(count)
            ]
        )

    def test_list_counts_to_ten_thousand_and_says_that_there_are_more(self, browser):
        self.fill(10_050)
        response = browser.get(EVENTS)
        page = response.content.decode()
        assert "10,000+ audit events" in " ".join(page.split())
        assert "There are more. Filter or search to reach them, or export them." in page
        assert response.context["cl"].paginator.num_pages == 200
        assert len(browser.get(EVENTS, {"p": 200}).context["cl"].result_list) == 50
        assert browser.get(EVENTS, {"p": 201})["Location"].endswith("?e=1")
        assert "10,000+ results" in " ".join(browser.get(EVENTS, {"q": "root"}).content.decode().split())
        fewer = browser.get(EVENTS, {"q": "c1"})
        assert fewer.context["cl"].result_count == 1436
        assert "1436 audit events" in " ".join(fewer.content.decode().split())
        with override_settings(USE_THOUSAND_SEPARATOR=True):
            assert "10,000 audit events" in " ".join(browser.get(EVENTS).content.decode().split())

    @pytest.mark.parametrize(
        ("wanted", "statements"),
        [
            ({}, 6),  # session · user · count · events · clients · users
            ({"kind": "tokens"}, 6),
            ({"event__exact": "token_issued"}, 6),
            ({"kind": "keys"}, 4),
            ({"q": "c1"}, 12),  # and the person of this name · is it a request, client, grant, person, user
            ({"q": "root", "kind": "tokens"}, 12),
            ({"_facets": "True"}, 6),
        ],
    )
    def test_statements_of_the_list(self, browser, wanted, statements):
        self.fill(60)
        browser.get(EVENTS)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(EVENTS, wanted).status_code == 200
        assert len(asked) == statements

    def test_statements_of_the_list_for_a_person_with_permissions(self, staff):
        self.fill(60)
        person = staff("view_event", "view_client")
        with CaptureQueriesContext(connection) as asked:
            person.get(EVENTS, {"q": "root"})
        assert len(asked) == 14  # and the permissions of the person, and of their groups

    @pytest.mark.parametrize(
        "wanted",
        [
            {}, {"p": "3"}, {"o": "1"}, {"o": "2"}, {"o": "-3.4"}, {"kind": "tokens"}, {"kind": "keys"}, {"q": "c1"},
            {"event__exact": "token_issued"}, {"q": "root"}, {"q": "nothing"}, {"q": "5", "kind": "refusals"},
            {"at__gte": "2020-01-01 00:00:00+00:00", "at__lt": "2030-01-01 00:00:00+00:00"},
            {"batch": "1"}, {"_facets": "True"},
        ],
    )  # fmt: skip
    def test_no_statement_of_the_list_reads_or_sorts_the_whole_table(self, browser, wanted):
        self.fill(200)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(EVENTS, wanted).status_code == 200
        about_events = [query["sql"] for query in asked if "oauth_provider_auditevent" in query["sql"]]
        assert about_events
        for sql in about_events:
            # A count stops after 10,001 rows, in whichever order they come.
            assert uses_an_index(sql) or "LIMIT 10001" in sql, sql


def uses_an_index(sql):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps = [row[3] for row in cursor.fetchall()]
            return all("USING" in step for step in steps if step.startswith(("SCAN oauth", "SEARCH oauth")))
        # A few hundred rows are read faster than an index: ask what would be done without that way.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on")
        return "Seq Scan on oauth_provider_auditevent" not in plan

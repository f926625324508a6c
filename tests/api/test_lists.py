"""Lists: pages, filters, and statements that do not grow with the rows."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider.api import pagination
from oauth_provider.models import AuditEvent, Client, ClientSecret, Consent, Grant
from oauth_provider.values import Event
from tests.api.conftest import problem

KEY = "00000000-0000-0000-0000-000000000000"


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def walk(api, path):
    """Every row of a list, page by page, and the number of pages."""
    found, pages, address = [], 0, path
    while address:
        answer = api.get(address.removeprefix("http://testserver")).json()
        found.extend(answer["results"])
        address = answer["next"]
        pages += 1
    return found, pages


def clients(number):
    for position in range(number):
        Client.objects.register(
            name=f"App {position}", profile="web", redirect_uris=["https://a.example/cb"], origins=["https://a.example"],
            owners=[Group.objects.get_or_create(name=f"Team {position}")[0]],
        )  # fmt: skip


def grants(number, *, client, users, **columns):
    wanted = {"subject": "u_1", "scopes": ["read"], "expires_at": timezone.now() + timedelta(days=1), **columns}
    return Grant.objects.bulk_create(
        Grant(client=client, user=users[position % len(users)], **wanted) for position in range(number)
    )


def people(django_user_model, number):
    return [django_user_model.objects.create_user(f"person{position}") for position in range(number)]


def test_clients_are_counted_and_paged(machine, monkeypatch):
    api = machine()
    clients(4)
    answer = api.get("clients?page_size=2").json()
    assert (answer["count"], answer["count_is_exact"], len(answer["results"])) == (5, True, 2)
    assert answer["results"][0]["name"] == "App 3"
    rows, pages = walk(api, "clients?page_size=2")
    assert (len({row["client_id"] for row in rows}), pages) == (5, 3)
    monkeypatch.setattr(pagination, "MOST_COUNTED", 3)
    bounded = api.get("clients?page_size=2").json()
    assert (bounded["count"], bounded["count_is_exact"]) == (3, False)
    problem(api.get("clients?page=9"), 404)


@pytest.mark.parametrize("path", ["events", "grants", "consents", "secrets"])
def test_lists_by_cursor_show_every_row_once(machine, web, path, django_user_model):
    api = machine()
    users = people(django_user_model, 7)
    # One moment for all: the cursor must get over rows of the same time.
    grants(7, client=web, users=users, created_at=timezone.now())
    Consent.objects.bulk_create(Consent(client=web, user=user) for user in users)
    ClientSecret.objects.bulk_create(
        ClientSecret(client=web, digest=f"{number:064}", hint="abcd") for number in range(7)
    )
    AuditEvent.objects.bulk_create(AuditEvent(event=Event.TOKEN_ISSUED) for _ in range(7))
    address = f"clients/{web.client_id}/secrets" if path == "secrets" else path
    everything = [row["id"] for row in results(api.get(f"{address}?page_size=200"))]
    assert len(everything) >= 7
    rows, pages = walk(api, f"{address}?page_size=3")
    assert [row["id"] for row in rows] == everything
    assert pages == -(-len(everything) // 3)


NO_SIZE = ("0", "201", "-1", "x", "9" * 99, "\u0661")
NO_CURSOR = ("x", "%FF", "%00", cursor("x"), cursor("-1"), cursor("9" * 19), cursor("1|2"))
NO_CURSOR_BY_TIME = (
    "1",
    f"yesterday|{KEY}",
    f"2026-01-01T00:00:00|{KEY}",
    f"9999-12-31T23:59:59-23:59|{KEY}",
    "2026-01-01T00:00:00Z|1",
)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        *[(path, f"page_size={value}") for path in ("clients", "events") for value in NO_SIZE],
        *[("clients", f"page={value}") for value in ("0", "-1", "x", "last", "9" * 99)],
        *[("events", f"cursor={value}") for value in NO_CURSOR],
        *[("grants", f"cursor={cursor(value)}") for value in NO_CURSOR_BY_TIME],
        *[(path, f"{name}=") for path, name in (("clients", "owner"), ("events", "at_after"), ("grants", "cursor"))],
        ("clients", "status=lost"),
        ("clients", "client_id=%00"),
        ("clients", "owner=%00"),
        ("clients", "nmae=x"),
        ("events", "event=token_issued"),
        ("events", "event=x&client_id=c"),
        ("events", "at_after=yesterday"),
        ("events", "at_after=9999-12-31T23:59:59-23:59"),
        ("events", "at_before=0001-01-01T00:00:00%2B23:59"),
        ("events", f"client_id={'x' * 256}"),
        ("events", "client_id=a&client_id=b"),
        ("events", "%00=1"),
        ("grants", "state=dead"),
        ("grants", "user=%00"),
        ("consents", "client=x"),
        ("schema", "format=yaml"),
        ("stats", "period=1y"),
        ("stats", "period="),
        ("stats", "periods=7d"),
    ],
)
def test_wrong_parameter_is_named(machine, path, query):
    body = problem(machine().get(f"{path}?{query}"), 400, "invalid")
    assert list(body["errors"]) == [query.split("=")[0].replace("%00", "?")]


def test_clients_are_found_by_id_state_and_owner(machine, alice, bob):
    api = machine()
    wanted = {"profile": "web", "redirect_uris": ["https://a.example/cb"]}
    one, _secret = Client.objects.register(name="One", owners=[alice], **wanted)
    two, _secret = Client.objects.register(name="Two", owners=[bob], status="draft", **wanted)

    def found(query):
        return [row["client_id"] for row in results(api.get(f"clients?{query}"))]

    assert found(f"client_id={one.client_id}") == [one.client_id]
    assert found("status=draft") == [two.client_id]
    assert found("owner=alice") == [one.client_id]
    assert found("owner=nobody") == found("client_id=nobody") == []


def test_grants_are_found_by_client_person_time_and_state(machine, web, conf_client, alice, bob):
    api, now = machine(), timezone.now()
    (old,) = grants(1, client=web, users=[alice], created_at=now - timedelta(days=2), expires_at=now)
    (new,) = grants(1, client=web, users=[bob])
    (other,) = grants(1, client=conf_client.row, users=[alice])
    (ended,) = grants(1, client=conf_client.row, users=[bob], revoked_at=now)

    def found(query):
        return {row["id"] for row in results(api.get(f"grants?{query}"))}

    def ids(*rows):
        return {str(row.pk) for row in rows}

    yesterday = quote((now - timedelta(days=1)).isoformat())
    assert found("") == ids(old, new, other, ended)
    assert found(f"client_id={web.client_id}") == ids(old, new)
    assert found("user=alice") == ids(old, other)
    assert found("state=live") == ids(new, other)
    assert found(f"created_before={yesterday}") == ids(old)
    assert found(f"created_after={yesterday}&user=alice") == ids(other)


def test_consents_are_found_by_client_and_person(machine, web, conf_client, alice, bob):
    api = machine()
    first = Consent.objects.create(client=web, user=alice, scopes=["read"])
    second = Consent.objects.create(client=conf_client.row, user=bob)
    assert [row["id"] for row in results(api.get("consents"))] == [second.pk, first.pk]
    (row,) = results(api.get(f"consents?client_id={web.client_id}"))
    assert (row["id"], row["user"]) == (first.pk, {"id": str(alice.pk), "name": "alice"})
    assert [row["id"] for row in results(api.get("consents?user=bob"))] == [second.pk]


def test_events_are_found_by_what_has_an_index(machine, alice):
    api = machine()
    row = AuditEvent.objects.create(
        event=Event.TOKEN_REFUSED, client_id="c_x", user_id=str(alice.pk), grant_id="g", request_id="r",
        at=datetime(2026, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    AuditEvent.objects.create(event=Event.TOKEN_ISSUED, client_id="c_x", at=datetime(2026, 1, 3, tzinfo=UTC))
    for query in (
        "client_id=c_x&event=token_refused", f"user_id={alice.pk}", "grant_id=g", "request_id=r",
        "at_before=2026-01-03T00:00:00Z", "at_after=2026-01-02T00:00:00Z&event=token_refused",
    ):  # fmt: skip
        (found,) = results(api.get(f"events?{query}"))
        assert (found["id"], found["at"]) == (row.pk, "2026-01-02T00:00:00Z")


@pytest.mark.parametrize("path", ["clients", "clients/{client}/secrets", "grants", "consents", "events"])
def test_statements_do_not_grow_with_the_rows(machine, web, path, django_user_model):
    api = machine()
    address = path.format(client=web.client_id)

    def statements():
        with CaptureQueriesContext(connection) as captured:
            found = results(api.get(f"{address}?page_size=200"))
        return len(captured.captured_queries), len(found)

    def more(number, start):
        clients(number)
        users = [django_user_model.objects.create_user(f"u{start + position}") for position in range(number)]
        grants(number, client=web, users=users)
        Consent.objects.bulk_create(Consent(client=web, user=user) for user in users)
        ClientSecret.objects.bulk_create(
            ClientSecret(client=web, digest=f"{start + position:064}", hint="abcd") for position in range(number)
        )

    more(2, 0)
    few, rows = statements()
    more(30, 100)
    many, more_rows = statements()
    assert more_rows >= rows + 30
    assert many == few <= 8

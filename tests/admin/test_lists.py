from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider.admin import bounded_paginator
from oauth_provider.models import AuditEvent, Client, Consent, Grant, SigningKey
from oauth_provider.values import Event
from tests.admin.conftest import allow

CLIENTS = "/admin/oauth_provider/client/"
GRANTS = "/admin/oauth_provider/grant/"
CONSENTS = "/admin/oauth_provider/consent/"
MOST_STATEMENTS = 15


def fill(people: Any, start: int, end: int) -> None:
    for number in range(start, end):
        client, _secret = Client.objects.register(
            name=f"Client {number:03}", profile="web", redirect_uris=[f"https://{number}.example/cb"]
        )
        allow(client, people(f"user{number}"), last_used_at=timezone.now())
        AuditEvent.objects.record(Event.TOKEN_REFUSED, client=client)
        SigningKey.objects.create(
            kid=f"k{number}", alg="RS256", state="retired", public_jwk={}, ciphertext=b"x", kek_id="k"
        )


def rows(browser: Browser, address: str) -> list[Any]:
    return list(browser.get(address).context["cl"].result_list)


@pytest.mark.parametrize("model", ["client", "grant", "consent", "signingkey", "auditevent"])
@pytest.mark.parametrize("who", ["superuser", "staff"])
def test_list_of_50_rows_costs_no_more_queries_than_of_3(
    browser: Browser, staff: Any, people: Any, model: str, who: str
) -> None:
    browser = browser if who == "superuser" else staff()
    address = f"/admin/oauth_provider/{model}/"
    fill(people, 0, 3)
    browser.get(address)  # content types are read once per process
    with CaptureQueriesContext(connection) as few:
        assert len(rows(browser, address)) >= 3
    fill(people, 3, 50)
    with CaptureQueriesContext(connection) as many:
        assert len(rows(browser, address)) == 50
    assert len(many) == len(few) <= MOST_STATEMENTS


@pytest.mark.parametrize("address", [GRANTS, CONSENTS])
@pytest.mark.parametrize("query", ["q=user3", "q=Client 003", "state=live", "p=2"])
def test_searching_and_leafing_cost_no_more_either(browser: Browser, people: Any, address: str, query: str) -> None:
    fill(people, 0, 55)
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert rows(browser, f"{address}?{query}")
    assert len(captured) <= MOST_STATEMENTS


def test_clients_show_live_grants_failures_of_a_day_and_last_use(browser: Browser, web: Client, people: Any) -> None:
    for name in ("ada", "bob"):
        allow(web, people(name))
    allow(web, people("eve"), revoked_at=timezone.now())
    for _ in range(3):
        AuditEvent.objects.record(Event.CLIENT_AUTHENTICATION_FAILED, client=web)
    old = AuditEvent.objects.record(Event.TOKEN_REFUSED, client=web)
    AuditEvent.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=2))
    page = browser.get(CLIENTS).content.decode()
    assert '<td class="field-live_grants">2</td>' in page
    assert '<td class="field-failures">3</td>' in page
    assert '<td class="field-last_used">–</td>' in page
    web.change(last_used_at=timezone.now())
    assert '<td class="field-last_used"><time datetime="' in browser.get(CLIENTS).content.decode()


def test_clients_are_in_order_of_their_names_on_every_page(browser: Browser, people: Any) -> None:
    fill(people, 0, 60)
    names = [client.name for page in (1, 2) for client in rows(browser, f"{CLIENTS}?p={page}")]
    assert names == [f"Client {number:03}" for number in range(60)]


def test_grants_come_newest_first_on_every_page(browser: Browser, people: Any) -> None:
    fill(people, 0, 60)
    times = [grant.created_at for page in (1, 2) for grant in rows(browser, f"{GRANTS}?p={page}")]
    assert len(times) == 60
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("address", [GRANTS, CONSENTS])
def test_a_long_list_is_counted_and_leafed_to_a_bound_and_says_so(
    browser: Browser, people: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(people, 0, 55)
    sentence = "There are more than these pages show."
    assert sentence not in browser.get(address).content.decode()
    monkeypatch.setattr(bounded_paginator, "MOST", 52)
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(f"{address}?p=2")
    assert sentence in answer.content.decode()
    assert len(answer.context["cl"].result_list) == 2
    counting = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert counting
    assert all("LIMIT 53" in sql for sql in counting)


@pytest.mark.parametrize("address", [GRANTS, CONSENTS])
def test_search_is_exact(browser: Browser, web: Client, people: Any, address: str) -> None:
    ada = people("ada")
    grant = allow(web, ada)
    found = {"ada": 1, " ada ": 1, web.client_id: 1, "Notes": 1, "notes": 1, "ad": 0, "Note": 0, "%": 0}
    found[str(grant.pk)] = int(address == GRANTS)
    for term, number in found.items():
        answer = browser.get(address, {"q": term})
        assert answer.status_code == 200
        assert answer.context["cl"].result_count == number, term


@pytest.mark.parametrize("address", [GRANTS, CONSENTS])
def test_only_columns_with_an_index_are_sorted_whatever_the_address_says(
    browser: Browser, people: Any, address: str
) -> None:
    fill(people, 0, 2)
    for column in range(1, 8):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(f"{address}?o={column}").status_code == 200
        order = [sql["sql"].split("ORDER BY")[1] for sql in captured if "ORDER BY" in sql["sql"]]
        table = f"oauth_provider_{address.split('/')[-2]}"
        indexed = {f'"{table}"."{name}"' for name in ("id", "created_at", "expires_at")}
        for one in order:
            names = {part.split()[0].replace("1", f'"{table}"."id"') for part in one.split("LIMIT")[0].split(",")}
            assert names <= indexed, one


def test_a_consent_tells_when_it_was_last_used_by_any_grant_of_its_person(
    browser: Browser, web: Client, people: Any
) -> None:
    ada, bob = people("ada"), people("bob")
    now = timezone.now()
    for user, hours in ((ada, 5), (ada, 2), (bob, 1)):
        allow(web, user, last_used_at=now - timedelta(hours=hours))
    used = {consent.user.username: consent.last_used_at for consent in rows(browser, CONSENTS)}
    assert used == {"ada": now - timedelta(hours=2), "bob": now - timedelta(hours=1)}
    page = browser.get(f"{CONSENTS}{Consent.objects.get(user=ada).pk}/change/")
    assert page.context["original"].last_used_at == now - timedelta(hours=2)
    assert Grant.objects.count() == 3

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from oauth_provider.models import AuditEvent, Client, SigningKey
from oauth_provider.values import Event
from tests.admin.conftest import allow


def fill(people: Any, start: int, end: int) -> None:
    for number in range(start, end):
        client, _secret = Client.objects.register(
            name=f"Client {number}", profile="web", redirect_uris=[f"https://{number}.example/cb"]
        )
        allow(client, people(f"user{number}"))
        AuditEvent.objects.record(Event.TOKEN_ISSUED, client=client)
        SigningKey.objects.create(
            kid=f"k{number}", alg="RS256", state="retired", public_jwk={}, ciphertext=b"x", kek_id="k"
        )


@pytest.mark.parametrize("model", ["client", "grant", "consent", "signingkey", "auditevent"])
def test_list_of_30_rows_costs_no_more_queries_than_of_3(browser: Browser, people: Any, model: str) -> None:
    address = f"/admin/oauth_provider/{model}/"
    fill(people, 0, 3)
    browser.get(address)  # content types are read once per process
    with CaptureQueriesContext(connection) as few:
        assert len(browser.get(address).context["cl"].result_list) >= 3
    fill(people, 3, 30)
    with CaptureQueriesContext(connection) as many:
        assert len(browser.get(address).context["cl"].result_list) >= 30
    assert len(many) == len(few) <= 12

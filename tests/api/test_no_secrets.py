"""No answer ever holds a secret again: everything is made with known values, then every address is read."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client as Browser
from django.urls import get_resolver, reverse

from oauth_provider import credentials
from oauth_provider.api.urls import urlpatterns
from oauth_provider.models import AccessToken, ClientSecret, Consent, Grant, RefreshToken, SigningKey
from oauth_provider.values import TokenFormat
from tests.api.conftest import problem
from tests.flow import machine_token, post_form

# As secret scanners look for them.
CREDENTIAL = re.compile(r"op_(?:at|rt|ac|dc|cs|ra|ru)_[0-9A-Za-z]{49}")


@pytest.fixture
def world(machine, conf_client, machine_client, device_client, flow):
    """Everything there is of secrets, and a caller that may do everything: (caller, values, values of the API)."""
    api = machine()
    conf_client.row.token_format = TokenFormat.OPAQUE
    conf_client.row.save()
    tokens = flow.tokens(conf_client, scope="openid read")
    device = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id}).json()
    made = api.post("clients", {"name": "Made", "profile": "machine", "scopes": ["read"]}).json()
    added = api.post(f"{made['url']}/secrets", {}).json()
    machine_token(machine_client)
    values = [
        conf_client.secret, machine_client.secret, made["client_secret"], added["client_secret"], api.token,
        tokens["access_token"], tokens["refresh_token"], tokens["id_token"], device["device_code"],
        device["user_code"],
    ]  # fmt: skip
    digests = [
        *ClientSecret.objects.values_list("digest", flat=True),
        *AccessToken.objects.values_list("digest", flat=True),
        *RefreshToken.objects.values_list("digest", flat=True),
        *(credentials.digest(value) for value in values if CREDENTIAL.fullmatch(value)),
        conf_client.row.application.client_secret,
    ]
    sealed = [bytes(key.ciphertext).hex() for key in SigningKey.objects.all()]
    return api, made, [*values, *digests, *sealed]


def addresses(client, secret):
    """Every named address of the API, filled in."""
    names = {pattern.name for pattern in urlpatterns if pattern.name and pattern.name != "not-served"}
    places = {
        "client_id": client["client_id"], "secret": secret, "consent": Consent.objects.get().pk,
        "grant": Grant.objects.get().pk,
    }  # fmt: skip
    for name in sorted(names):
        ((_template, wanted),) = get_resolver("oauth_provider.api.urls").reverse_dict.getlist(name)[0][0]
        yield name, reverse(f"oauth_provider_api:{name}", kwargs={place: places[place] for place in wanted})


def test_no_address_answers_with_a_secret_token_or_digest(world):
    api, client, hidden = world
    rows = ClientSecret.objects.filter(client__application__client_id=client["client_id"])
    seen = []
    for name, address in addresses(client, rows.first().pk):
        for method, body in (("GET", None), ("POST", {}), ("PATCH", {})):
            if (name, method) == ("secrets", "POST"):
                continue  # the one that adds, tested below
            response = api(method, address, body)
            text = json.dumps(json.loads(response.content)) if response.content else ""
            assert [value for value in hidden if value in text] == [], (method, address)
            assert not CREDENTIAL.search(text), (method, address)
            seen.append((name, response.status_code))
    assert {status for _name, status in seen} <= {200, 400, 405, 409}
    read = {name for name, status in seen if status == 200}
    assert {"clients", "client", "secrets", "grants", "grant", "consents", "events", "schema", "archive"} <= read


def test_hint_has_four_signs_and_nothing_else_of_the_secret(world):
    api, client, _hidden = world
    for row in api.get(f"{client['url']}/secrets").json()["results"]:
        assert row["hint"] == client["client_secret"][-4:] or len(row["hint"]) == 4
        assert "digest" not in row
        assert not any("secret" in name for name in row)


def test_refused_registration_says_nothing_of_a_secret(world):
    api, _client, _hidden = world
    wanted = {"name": "Again", "profile": "machine"}
    first = api.post("clients", wanted, Idempotency_Key="k").json()["client_secret"]
    again = problem(api.post("clients", wanted, Idempotency_Key="k"), 409)
    assert first not in json.dumps(again)
    assert first not in api.get("events").content.decode()


def test_secret_that_was_sent_by_mistake_is_not_echoed(world):
    """Somebody pastes a secret where a client id belongs."""
    api, client, _hidden = world
    for response in (
        api.get(f"clients/{client['client_secret']}"),
        api.patch(client["url"], {"scopes": [client["client_secret"]]}),
        api.patch(client["url"], {client["client_secret"]: 1}),
        api.get(f"clients?{client['client_secret']}=1"),
        api.patch(client["url"], {"allowed_groups": [client["client_secret"]]}),
    ):
        assert response.status_code in {400, 404}
        assert client["client_secret"] not in response.content.decode()

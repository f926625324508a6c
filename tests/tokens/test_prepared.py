"""Statements compiled once find and change what the queryset they are written as finds and changes."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from oauth_provider import credentials
from oauth_provider.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    Grant,
    RefreshToken,
    access_token,
    authorization_code,
    client,
    refresh_token,
)
from oauth_provider.tokens import lookup
from oauth_provider.tokens.lookup import jti_digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(flow, conf_client):
    """One grant with a code and two refresh tokens, an opaque access token, and an opaque machine token."""
    conf_client.row.token_format = "opaque"
    conf_client.row.save(update_fields=["token_format"])
    return flow.tokens(conf_client, scope="openid read")


def _columns(row):
    deferred = row.get_deferred_fields()
    return {name: getattr(row, name) for name in vars(row).keys() & _names(row) - deferred} | {"deferred": deferred}


def _names(row):
    return {column.attname for column in row._meta.concrete_fields}


def _everything(row, paths, annotations=()):
    """The columns of the row and of everything selected along, and the annotations whose value is not the time."""
    found = {"": _columns(row), **{name: getattr(row, name) for name in annotations}}
    for path in paths:
        related = row
        for name in path.split("__"):
            try:
                related = None if related is None else getattr(related, name)
            except ObjectDoesNotExist:
                related = None
        found[path] = None if related is None else (type(related), _columns(related))
    return found


def _cases():
    code = ("grant", "grant__user")
    token = ("grant", "user", "client", "client__application")
    yield "code", authorization_code._FIND, AuthorizationCode, code, ("is_expired",), lambda row: {"digest": row.digest}
    for name, find in (("", access_token._FIND[False]), (" for userinfo", access_token._FIND[True])):
        yield f"access token{name}", find, AccessToken, token, (), lambda row: {"digest": row.digest}
    refresh = ("grant", "grant__user", "successor")
    yield "refresh token", refresh_token._FIND, RefreshToken, refresh, (), lambda row: {"digest": row.digest}
    yield "client", client._NAMED, Client, ("application",), (), lambda row: {"client_id": row.client_id}
    secret = ("secret_id", "secret_expires_at", "secret_revoked_at")
    yield (
        "client and secret", client._WITH_SECRET, Client, ("application",), secret,
        lambda row: {"client_id": row.client_id, "digest": row.secrets.get().digest},
    )  # fmt: skip
    revoked = ("token_is_revoked",)
    for name, grant in (("", lookup._GRANT[False]), (" for userinfo", lookup._GRANT[True])):
        yield (
            f"grant of a JWT{name}", grant, Grant, ("user", "client", "client__application"), revoked,
            lambda row: {"grant_id": row.pk, "revocation": jti_digest("x")},
        )  # fmt: skip
    yield (
        "client of a JWT", lookup._CLIENT, Client, ("application", "service_account"), revoked,
        lambda row: {"client_id": row.client_id, "revocation": jti_digest("x")},
    )  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case[1:], id=case[0]) for case in _cases()])
def test_prepared_finds_what_its_queryset_finds(tokens, case):
    prepared, model, paths, annotations, values_of = case
    rows = list(model.objects.all())
    assert rows
    for row in rows:
        values = values_of(row)
        with CaptureQueriesContext(connection) as captured:
            found = prepared.first("default", **values)
            seen = _everything(found, paths, annotations)
        assert len(captured) == 1, "what is selected along must not be read again"
        assert seen == _everything(prepared.build(**values).get(), paths, annotations)
        assert not found._state.adding
        assert found._state.db == "default"


def test_prepared_finds_nothing_by_a_value_no_row_has(tokens):
    assert AccessToken.objects.find(credentials.digest("nothing")) is None
    assert lookup._GRANT[False].first("default", grant_id=uuid.uuid4(), revocation="") is None


def test_examples_of_a_prepared_statement_are_no_values_of_it(tokens):
    """A value equal to an example must be a value like any other."""
    for example in ("?digest", "?client_id", "?revocation"):
        assert Client.objects.named(example) is None
        assert Client.objects.with_secret(Client.objects.first().client_id, example).secret_id is None


def test_refresh_token_of_another_client_is_not_found(tokens, machine_client):
    row = RefreshToken.objects.first()
    assert RefreshToken.objects.find(row.digest, row.client) == row
    assert RefreshToken.objects.find(row.digest, machine_client.row) is None
    assert RefreshToken.objects.lock_family(row.digest, row.client, address="192.0.2.7")
    assert not RefreshToken.objects.lock_family(row.digest, machine_client.row, address="192.0.2.7")


def test_saving_what_was_found_changes_its_row_alone(tokens):
    found = AccessToken.objects.find(AccessToken.objects.get().digest)
    found.client.first_party = True
    found.client.save(update_fields=["first_party"])
    assert Client.objects.get(pk=found.client.pk).first_party
    assert found.client.application.oauth_provider_client == found.client


def test_every_connection_has_its_own_plan(tokens):
    AccessToken.objects.find("x")
    assert connections["default"] in access_token._FIND[False]._plans

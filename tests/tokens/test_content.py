"""What is in a token and what is kept of it."""

from __future__ import annotations

import re

import jwt
import pytest

from oauth_provider import credentials
from oauth_provider.models import AccessToken, Grant, RefreshToken
from oauth_provider.tokens.lookup import find_access_token
from tests.flow import machine_token, refresh, userinfo

pytestmark = pytest.mark.django_db

SHAPE = r"op_{kind}_[0-9A-Za-z]{{49}}"


def _claims(value):
    return jwt.decode(value, options={"verify_signature": False})


def test_jwt_of_a_person_has_no_row_and_names_its_grant(flow, conf_client):
    claims = _claims(flow.tokens(conf_client)["access_token"])
    assert claims["grant_id"] == str(Grant.objects.get().pk)
    assert claims["sub"] == Grant.objects.get().subject
    assert AccessToken.objects.count() == 0


def test_jwt_of_a_machine_has_neither_row_nor_grant(machine_client):
    claims = _claims(machine_token(machine_client).json()["access_token"])
    assert "grant_id" not in claims
    assert "auth_time" not in claims
    assert (AccessToken.objects.count(), Grant.objects.count()) == (0, 0)


@pytest.mark.parametrize("token_format", ["opaque"])
def test_opaque_token_is_kept_as_a_digest_only(flow, app, token_format):
    tokens = flow.tokens(app)
    row = AccessToken.objects.get()
    assert re.fullmatch(SHAPE.format(kind="at"), tokens["access_token"])
    assert row.digest == credentials.digest(tokens["access_token"])
    assert tokens["access_token"] not in str(vars(row))


def test_refresh_token_is_kept_as_a_digest_only(flow, app):
    tokens = flow.tokens(app)
    row = RefreshToken.objects.get()
    assert re.fullmatch(SHAPE.format(kind="rt"), tokens["refresh_token"])
    assert row.digest == credentials.digest(tokens["refresh_token"])
    assert tokens["refresh_token"] not in str(vars(row))


def test_nonce_of_a_successor_is_erased_when_it_is_used(flow, app):
    tokens = flow.tokens(app)
    second = refresh(app, tokens["refresh_token"]).json()
    assert RefreshToken.objects.exclude(derivation_nonce="").count() == 1
    refresh(app, second["refresh_token"])
    used = RefreshToken.objects.get(digest=credentials.digest(second["refresh_token"]))
    assert used.derivation_nonce == ""


def test_narrowed_access_token_has_only_what_was_asked(flow, app):
    tokens = flow.tokens(app, scope="openid read write")
    narrowed = refresh(app, tokens["refresh_token"], scope="read").json()
    assert narrowed["scope"] == "read"
    assert find_access_token(narrowed["access_token"]).scopes == ("read",)
    assert userinfo(narrowed["access_token"]).status_code == 403
    assert "id_token" not in narrowed


def test_token_has_the_clients_default_scopes_and_never_all(flow, app):
    assert flow.tokens(app, scope=None)["scope"] == "read"


def test_both_formats_stand_for_the_same(flow, app):
    tokens = flow.tokens(app, scope="openid read")
    token = find_access_token(tokens["access_token"])
    assert token.client.pk == app.row.pk
    assert token.scopes == ("openid", "read")
    assert token.audience == ("https://provider.example",)
    assert token.subject == Grant.objects.get().subject
    assert token.auth_time == Grant.objects.get().auth_time
    assert (token.expires_at - token.issued_at).total_seconds() == 3600


def test_both_formats_of_a_machine_stand_for_the_same(machine):
    token = find_access_token(machine_token(machine).json()["access_token"])
    assert (token.subject, token.user, token.grant) == (machine.client_id, None, None)

"""The secret django-oauth-toolkit keeps goes on working until it was used once, and is our digest afterwards."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from oauth2_provider.models import Application

from oauth_provider.clients import secrets
from oauth_provider.models import Client, ClientSecret
from oauth_provider.transfer import dot
from tests.flow import post_form

pytestmark = pytest.mark.django_db

SECRET = "a-secret-the-toolkit-made-and-hashed-itself"


@pytest.fixture
def imported():
    application = Application.objects.create(
        name="Old job", client_type="confidential", authorization_grant_type="client-credentials", client_secret=SECRET
    )
    dot.adopt(application.client_id)
    return Client.objects.get(application=application)


def _token(client, secret):
    body = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
    return post_form(Browser(), "/token", body).status_code


def test_secret_added_beside_it_does_not_end_it(imported):
    _row, new = secrets.add(imported)
    assert _token(imported, new) == 200
    assert _token(imported, SECRET) == 200
    assert ClientSecret.objects.filter(imported=True).count() == 1


def test_taken_over_secret_that_was_revoked_is_not_verified_again(imported):
    assert _token(imported, SECRET) == 200
    secrets.revoke(ClientSecret.objects.get())
    assert _token(imported, SECRET) == 401


def test_wrong_secret_is_refused(imported):
    assert _token(imported, SECRET + "x") == 401

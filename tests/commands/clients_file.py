"""A `clients.toml` in a test: two clients, the secret of one by reference."""

from __future__ import annotations

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from oauth_provider.models import Client
from tests.flow import Registered, machine_token

MARKER = "Marker0f0ne5ecret"
FIRST = f"{MARKER}-that-was-made-in-a-vault-AAAA"
SECOND = f"{MARKER}-that-came-one-year-later-BBBB"
SHOP = """
[clients.shop]
name = "Shop"
profile = "web"
redirect_uris = ["https://shop.example/cb"]
scopes = ["openid", "read"]
default_scopes = ["read"]
"""
JOB = """
[clients.billing]
name = "Nightly billing"
profile = "machine"
scopes = ["read"]
default_scopes = ["read"]
secrets = [{ env = "BILLING_SECRET" }]
"""


def run(action, file, *options):
    """What the command printed, and its exit code."""
    out = StringIO()
    try:
        call_command("oauth_clients", action, str(file), *options, stdout=out)
    except SystemExit as leaving:
        return out.getvalue(), leaving.code
    return out.getvalue(), 0


def refused(clients, action, text, *options):
    """The error, which leaves with 1."""
    with pytest.raises(CommandError) as error:
        clients(action, text, *options)
    assert error.value.returncode == 1
    return str(error.value)


def named(client_id):
    return Client.objects.get(application__client_id=client_id)


def token(client_id, secret):
    """The status of the answer to client credentials."""
    return machine_token(Registered(named(client_id), secret)).status_code


def rows():
    """How many rows each table of the site has."""
    return {model.__name__: model._base_manager.count() for model in apps.get_models()}

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from oauth2_provider.models import Application

from oauth_provider.models import AuditEvent, Client
from oauth_provider.values import Event

pytestmark = pytest.mark.django_db


def adopt(*arguments):
    out = StringIO()
    call_command("oauth_adopt", *arguments, stdout=out)
    return out.getvalue()


def application(client_id, **columns):
    return Application.objects.create(
        client_id=client_id,
        name=client_id,
        client_secret="x",
        hash_client_secret=False,
        **{"client_type": "confidential", "authorization_grant_type": "authorization-code", **columns},
    )


def test_one_application_is_adopted_once():
    application("old")
    application("other")
    assert adopt("--client-id", "old") == "old adopted\n"
    assert "nothing changed" in adopt("--client-id", "old")
    assert [client.client_id for client in Client.objects.all()] == ["old"]
    assert AuditEvent.objects.filter(event=Event.CLIENT_ADOPTED, client_id="old", actor="oauth_adopt").count() == 1


def test_all_adopts_only_what_is_missing():
    Client.objects.register(name="New", redirect_uris=["https://new.example/cb"])
    for number in range(3):
        application(f"old{number}")
    assert adopt("--all") == "3 adopted\n"
    assert adopt("--all") == "0 adopted\n"
    assert Client.objects.filter(profile="imported").count() == 3


def test_many_applications_cost_statements_per_batch_not_per_row(django_assert_max_num_queries):
    Application.objects.bulk_create(
        Application(
            client_id=f"old{n}", client_type="public", authorization_grant_type="authorization-code", client_secret=""
        )
        for n in range(500)
    )
    with django_assert_max_num_queries(60):  # SQLite takes 999 values per INSERT
        adopt("--all")


def test_unknown_client_id_is_explained():
    with pytest.raises(CommandError, match="no Application with the client_id 'nothing'"):
        adopt("--client-id", "nothing")


def test_unreadable_toolkit_settings_are_explained():
    application("old")
    with (
        override_settings(OAUTH2_PROVIDER={"SCOPES": {"read": "Read"}, "DEFAULT_SCOPES": ["write"]}),
        pytest.raises(CommandError, match="settings cannot be read"),
    ):
        adopt("--all")


def test_one_of_the_two_options_is_needed():
    with pytest.raises(CommandError, match="required"):
        adopt()

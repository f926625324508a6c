"""`oauth_clients plan` and `apply`: the file and the database made one; what came of it is asked on the wire."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oauth_provider.clients import secrets
from oauth_provider.models import AuditEvent, Client, ClientSecret
from tests.commands.clients_file import FIRST, JOB, SHOP, named, rows, token
from tests.flow import Registered, refresh

pytestmark = pytest.mark.django_db


def test_a_client_from_a_file_works_on_the_wire(clients, flow):
    said, code = clients("apply", SHOP + JOB)
    assert code == 0
    assert "2 to create, 0 to change" in said
    assert token("billing", FIRST) == 200
    shop = named("shop")
    assert (shop.registration_source, shop.status, shop.require_pkce) == ("file", "active", True)
    _row, value = secrets.add(shop)
    assert flow.tokens(Registered(shop, value))["scope"] == "read"


def test_a_second_apply_changes_nothing(clients):
    clients("apply", SHOP + JOB)
    before = rows(), list(AuditEvent.objects.values()), list(ClientSecret.objects.values())
    said, code = clients("apply", SHOP + JOB)
    assert (said.splitlines()[-1], code) == ("nothing to do", 0)
    assert (rows(), list(AuditEvent.objects.values()), list(ClientSecret.objects.values())) == before
    assert clients("plan", SHOP + JOB)[1] == 0


def test_plan_only_reads(clients, machine_client):
    clients("apply", SHOP + JOB)
    Client.objects.register(name="Gone", profile="machine", source="file")
    changed = SHOP.replace('"Shop"', '"Better"') + JOB.replace("BILLING", "OTHER").replace("billing]", "other]")
    before = rows()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        _said, code = clients("plan", changed, "--prune")
    assert code == 2
    assert rows() == before
    assert queries.captured_queries
    for query in queries.captured_queries:
        assert query["sql"].startswith("SELECT"), query["sql"]
        assert "FOR UPDATE" not in query["sql"]


def test_plan_is_read_like_a_diff(clients, alice, bob):
    clients("apply", SHOP)
    said, code = clients(
        "plan",
        """
        [clients.shop]
        name = "Shop 2"
        profile = "web"
        redirect_uris = ["https://shop.example/cb", "https://shop.example/new"]
        scopes = ["read"]
        default_scopes = ["read"]
        access_token_lifetime = 300
        owners = ["alice"]
        """,
    )
    assert code == 2
    assert said.splitlines() == [
        '~ shop "Shop 2"',
        "    access_token_lifetime: (the profile's) → 300",
        '    name: "Shop" → "Shop 2"',
        "    owners:",
        '        + "alice"',
        "    redirect_uris:",
        '        + "https://shop.example/new"',
        "    scopes:",
        '        - "openid"',
        "    warning: Access token lifetime (seconds): 300 instead of 3600",
        "0 to create, 1 to change, 0 not in the file",
    ]


def test_what_the_file_leaves_out_is_what_a_new_client_has(clients):
    clients("apply", SHOP + 'policy_uri = "https://shop.example/policy"\naccess_token_lifetime = 300\n')
    said, _code = clients("apply", SHOP)
    assert '    policy_uri: "https://shop.example/policy" → ""' in said
    assert (named("shop").policy_uri, named("shop").access_token_lifetime) == ("", None)


def test_a_changed_client_keeps_its_tokens_and_tells_its_owners_of_a_new_redirect(clients, flow, alice):
    owned = SHOP + 'owners = ["alice"]\n'
    clients("apply", owned)
    shop = Registered(named("shop"), secrets.add(named("shop"))[1])
    tokens = flow.tokens(shop)
    clients(
        "apply", owned.replace('["https://shop.example/cb"]', '["https://shop.example/cb", "https://x.example/cb"]')
    )
    assert refresh(shop, tokens["refresh_token"]).status_code == 200
    event = AuditEvent.objects.get(event="client_changed")
    assert (event.actor, event.detail["redirect_uris_added"]) == ("oauth_clients", ["https://x.example/cb"])


@pytest.mark.django_db(transaction=True)
def test_owners_are_told_of_a_redirect_uri_that_came_with_a_file(clients, alice):
    owned = SHOP + 'owners = ["alice"]\n'
    clients("apply", owned)
    clients("apply", owned.replace("shop.example/cb", "elsewhere.example/cb"))
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["alice@people.example"], "New redirect URI for Shop")
    ]


def test_client_id_may_be_fixed_and_the_key_renamed(clients):
    clients("apply", SHOP)
    renamed = SHOP.replace("clients.shop]", 'clients."the shop"]\nclient_id = "shop"')
    assert clients("plan", renamed)[1] == 0


def test_everything_a_table_may_say_arrives(clients, alice, settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "RESOURCES": {"https://notes.example": "Notes", "https://mail.example": "Mail"},
        "ALLOWED_USERS_FUNCTIONS": {"paying": "tests.commands.clients_file.named"},
    }
    Group.objects.create(name="Editors")
    text = EVERYTHING
    clients("apply", text)
    assert clients("plan", text) == (clients("plan", text)[0], 0)
    client = named("everything")
    assert client.origins.get().origin == "https://everything.example"
    assert client.resources == ["https://notes.example"]
    assert client.resource_server_for == ["https://mail.example"]
    assert client.grant_types == ["authorization_code"]
    assert client.response_types == ["code"]
    assert client.auth_method == "client_secret_basic"
    assert client.token_format == "opaque"
    assert (client.access_token_lifetime, client.refresh_token_leeway) == (60, 0)
    editors = Group.objects.get(name="Editors")
    assert [owner.user or owner.group for owner in client.owners.order_by("pk")] == [alice, editors]
    assert (client.allowed_users, list(client.allowed_groups.all())) == ("groups", [editors])
    assert (client.allowed_permission, client.allowed_function) == ("auth.add_user", "paying")
    assert client.service_account == alice
    assert (client.client_uri, client.logo_uri) == ("https://everything.example", "https://everything.example/logo.svg")
    assert client.contacts == ["dev@everything.example"]
    assert (client.software_id, client.software_version) == ("every-1", "2.0")
    assert client.optional_scopes == ["write"]
    assert client.purposes == {"write": "So that you can tick things off.", "read": "To show them."}
    assert client.status == "draft"


EVERYTHING = """
[clients.everything]
name = "Everything"
profile = "web"
status = "draft"
redirect_uris = ["https://everything.example/cb"]
origins = ["https://everything.example"]
scopes = ["openid", "read", "write"]
default_scopes = ["write"]
optional_scopes = ["write"]
purposes = { write = "So that you can tick things off.", read = "To show them." }
resources = ["https://notes.example"]
resource_server_for = ["https://mail.example"]
grant_types = ["authorization_code"]
auth_method = "client_secret_basic"
token_format = "opaque"
access_token_lifetime = 60
refresh_token_idle_lifetime = 3600
refresh_token_absolute_lifetime = 7200
refresh_token_leeway = 0
id_token_signed_response_alg = "ES256"
userinfo_signed_response_alg = "RS256"
claims_in_id_token = true
told_groups = ["Editors"]
default_max_age = 0
require_auth_time = true
allowed_users = "groups"
allowed_groups = ["Editors"]
allowed_permission = "auth.add_user"
allowed_function = "paying"
owners = ["alice"]
owner_groups = ["Editors"]
service_account = "alice"
policy_uri = "https://everything.example/policy"
tos_uri = "https://everything.example/terms"
client_uri = "https://everything.example"
logo_uri = "https://everything.example/logo.svg"
contacts = ["dev@everything.example"]
software_id = "every-1"
software_version = "2.0"
"""


def test_grant_types_that_come_by_a_file_bring_their_response_types(clients):
    clients("apply", SHOP + 'grant_types = ["refresh_token"]\n')
    assert named("shop").response_types == []
    clients("apply", SHOP)
    assert named("shop").response_types == ["code"]


def test_a_client_for_groups_can_be_changed(clients):
    Group.objects.create(name="Editors")
    text = SHOP + 'allowed_users = "groups"\nallowed_groups = ["Editors"]\n'
    clients("apply", text)
    clients("apply", text.replace('"Shop"', '"Better"'))
    assert named("shop").name == "Better"

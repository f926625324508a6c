"""Mistakes in `clients.toml`: said with their place, all at once, and nothing happens."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from oauth2_provider.models import Application

from oauth_provider.models import Client
from oauth_provider.transfer.declarative import apply as room
from oauth_provider.transfer.declarative import plan as planning
from oauth_provider.transfer.declarative import reading
from oauth_provider.transfer.declarative.problems import Refused
from tests.commands.clients_file import JOB, SHOP, named, refused, rows

pytestmark = pytest.mark.django_db


WRONG = [
    ("[clients.shop", "is not TOML: "),
    ("[client.shop]\nprofile = 'web'", "client: there is no such key; did you mean 'clients'?"),
    ("clients = 3", "clients: it must be tables: [clients.NAME]"),
    ("[clients]\nshop = 3", "clients.shop: it must be a table: [clients.shop]"),
    ("[clients.shop]", "clients.shop.profile: it is missing"),
    ("[clients.shop]\nprofile = 'wep'", "clients.shop.profile: it must be one of: web, spa, native"),
    ("[clients.new]\nprofile = 'imported'", "clients.new.profile: no new client has it"),
    (SHOP + "redirect_uri = ['x']", "clients.shop.redirect_uri: there is no such key; did you mean 'redirect_uris'?"),
    (SHOP + "zzz = 1", "clients.shop.zzz: there is no such key"),
    (SHOP + "contacts = 'me'", "clients.shop.contacts: it must be a list of strings"),
    (SHOP + "contacts = ['']", "clients.shop.contacts: one of its lines is empty"),
    (SHOP + "contacts = [3]", "clients.shop.contacts: one of its lines: it must be a string"),
    (SHOP + "software_id = '%s'" % ("x" * 256), "clients.shop.software_id: it must have at most 255 characters"),
    (SHOP + 'software_id = "a\\u0000b"', "clients.shop.software_id: it must hold no NUL"),
    (SHOP + "require_pkce = 'no'", "clients.shop.require_pkce: it must be true or false"),
    (SHOP + "require_pkce = false", "clients.shop.require_pkce: PKCE is always on"),
    (SHOP + "access_token_lifetime = '1h'", "clients.shop.access_token_lifetime: it must be a whole number of seconds"),
    (SHOP + "access_token_lifetime = 0", "clients.shop.access_token_lifetime: Whole seconds from 1"),
    (SHOP + "token_format = 'paper'", "clients.shop.token_format: it must be one of: jwt, opaque"),
    (SHOP + "auth_method = 'none'", "clients.shop.auth_method: This profile does not authenticate in that way."),
    (SHOP + "auth_method = 'nonsense'", "clients.shop.auth_method: This profile"),
    (SHOP + "grant_types = ['password']", "clients.shop.grant_types: This profile has these"),
    (SHOP + "status = 'submitted'", "clients.shop.status: it must be one of: draft, active, suspended, archived"),
    (SHOP + "owners = ['nobody']", "clients.shop.owners: there is no user 'nobody'"),
    (SHOP + "service_account = 'nobody'", "clients.shop.service_account: there is no user 'nobody'"),
    (SHOP + "owner_groups = ['none']", "clients.shop.owner_groups: there is no group 'none'"),
    (SHOP + "allowed_groups = ['none']", "clients.shop.allowed_groups: there is no group 'none'"),
    (SHOP + "allowed_users = 'groups'", "clients.shop.allowed_users: Choose at least one group."),
    (SHOP + "allowed_permission = 'no.such'", "clients.shop.allowed_permission: There is no permission"),
    (SHOP + "logo_uri = 'javascript:alert(1)'", "clients.shop.logo_uri: Give an address that starts with https://."),
    (SHOP.replace("https:", "http:"), "clients.shop.redirect_uris: "),
    (SHOP.replace('["read"]', '["write"]'), "clients.shop.default_scopes: Default scopes must be among"),
    (SHOP.replace('"openid", ', '"opennid", '), "clients.shop.scopes: These scopes do not exist: opennid."),
    (SHOP.replace('name = "Shop"', 'name = "safe \\u202eelif"'), "clients.shop.name: The name holds invisible signs"),
    (SHOP + SHOP.replace("shop]", "two]\nclient_id = 'shop'"), "clients.two.client_id: clients.shop has the same one"),
    (SHOP.replace("shop]", '""]'), "the name of a table has 1 to 255 characters"),
    (SHOP.replace("shop]", '"https://cimd.example"]'), "client_id: a client_id starts with a letter"),
    # AS17: a machine's `sub` is its client_id; it must not read like a person's.
    (SHOP.replace("shop]", "1]"), "clients.1.client_id: a client_id starts with a letter"),
    (SHOP.replace("shop]", "u_abc]"), "clients.u_abc.client_id: a client_id must not look like the identifier"),
    (SHOP.replace("shop]", "c0ffee00-0000-4000-8000-000000000000]"), "must not look like the identifier of a person"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=range(len(WRONG)))
@pytest.mark.parametrize("action", ["plan", "apply"])
def test_AS17_C64_a_mistake_is_said_with_its_place_and_nothing_happens(clients, action, text, said):
    before = rows()
    good = (
        text + "\n[clients.good]\nprofile = 'machine'\n" if "[clients." in text and text.endswith(("\n", "'")) else text
    )
    assert said in refused(clients, action, good)
    assert rows() == before


def test_every_mistake_is_said_at_once_and_as_json(clients):
    text = SHOP + "ownerz = []\nstatus = 'gone'\n" + JOB + "contacts = 1\n"
    said = refused(clients, "plan", text)
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "clients.shop.ownerz", "clients.shop.status", "clients.billing.contacts", "Nothing was changed.",
    ]  # fmt: skip
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("oauth_clients", "plan", "/nowhere/clients.toml", "--json", stdout=out)
    (problem,) = json.loads(out.getvalue())["errors"]
    assert problem["message"] == "/nowhere/clients.toml: No such file or directory"


def test_bytes_that_are_no_text_are_explained(tmp_path):
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="is not UTF-8"):
        call_command("oauth_clients", "plan", str(tmp_path / "c.toml"))


def test_an_application_without_a_client_is_to_be_adopted_first(clients):
    Application.objects.create(client_id="old", client_type="public", authorization_grant_type="authorization-code")
    assert "oauth_adopt --client-id old" in refused(clients, "plan", SHOP.replace("shop]", "old]"))


@pytest.mark.parametrize(
    "arguments", [["plam"], [], ["plan", "--unknown"], ["export", "--prune"], ["plan", "/nowhere/clients.toml"]]
)
def test_a_wrong_argument_does_not_leave_like_a_difference(arguments):
    run = subprocess.run(
        [sys.executable, "-m", "django", "oauth_clients", *arguments, "--settings", "tests.settings"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    assert "Traceback" not in run.stderr


def test_what_changes_under_the_plan_is_noticed_and_rolls_all_of_it_back(clients, tmp_path):
    file = tmp_path / "clients.toml"
    file.write_text(SHOP + JOB, encoding="utf-8")
    found = planning.make(reading.read(file))
    Client.objects.register(name="Faster", profile="machine", client_id="billing")
    with pytest.raises(Refused, match=r"clients\.billing: somebody else made or changed it just now"):
        room.apply(found, prune=False, actor="test")
    assert not Client.objects.filter(application__client_id="shop").exists()
    assert named("billing").name == "Faster"

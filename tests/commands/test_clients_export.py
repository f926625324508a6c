"""`oauth_clients export`: a file in which `plan` finds no difference."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from oauth2_provider.models import Application

from oauth_provider.models import Client, ClientSecret
from oauth_provider.transfer import dot
from tests.commands.clients_file import run

pytestmark = pytest.mark.django_db


def exported(tmp_path, *options):
    file = tmp_path / "exported.toml"
    run("export", file, "--overwrite", *options)
    return file.read_text(encoding="utf-8")


@pytest.fixture
def many(settings, alice):
    """Clients of every profile and in every state, and what a toolkit left behind."""
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "DEFAULT_SCOPES": ["read"],
        "RESOURCES": {"https://notes.example": "Notes"},
    }
    group = Group.objects.create(name='Team "A"')
    for profile in ("web", "spa", "native", "machine", "device", "mcp", "first_party", "legacy"):
        uris = [] if profile in {"machine", "device"} else ["https://a.example/cb", "https://a.example/other"]
        Client.objects.register(
            name=f'A "{profile}" client \\ ü', profile=profile, redirect_uris=uris, scopes=["read", "write"],
            owners=[alice, group], resources=["https://notes.example"], settings={"access_token_lifetime": 77},
        )  # fmt: skip
    Client.objects.filter(profile="web").update(
        optional_scopes=["write"], purposes={"write": 'To "tick" off.', "read": "To show."}
    )
    legacy = Client.objects.get(profile="legacy")
    legacy.change(require_pkce=False, auth_method="none", allowed_users="groups")
    legacy.allow_groups([group])
    for count, state in enumerate(("draft", "submitted", "suspended", "archived")):
        Client.objects.filter(pk=Client.objects.order_by("pk")[count].pk).update(
            status=state, needs_approval=state in {"draft", "submitted"}
        )
    for kind in ("public", "confidential"):
        application = Application.objects.create(
            name="" if kind == "public" else "Old\x7f\u202e one", client_id=f"{kind} of old; #1", client_type=kind,
            authorization_grant_type="authorization-code",
            redirect_uris="http://old.example/cb http://old.example/cb custom:/cb", allowed_origins="https://old.example",
        )  # fmt: skip
        dot.adopt(application.client_id)
    return list(Client.objects.values_list("application__client_id", flat=True))


def test_plan_finds_no_difference_in_what_was_exported(clients, tmp_path, many):
    text = exported(tmp_path)
    said, code = clients("plan", text)
    assert (said.splitlines()[-1], code) == ("nothing to do", 0), said
    before = list(Client.objects.order_by("pk").values())
    assert clients("apply", text)[1] == 0
    assert list(Client.objects.order_by("pk").values()) == before


def test_what_was_exported_makes_the_same_clients_on_an_empty_site(clients, tmp_path, many):
    text = exported(tmp_path, *(part for one in many if "old" not in one for part in ("--client", one)))
    columns = [column.attname for column in Client._meta.concrete_fields]
    ours = [name for name in columns if name not in {"id", "application_id", "created_at", "registration_source"}]

    def shape():
        return {
            client.client_id: (client.redirect_uris, client.name, *(getattr(client, name) for name in ours))
            for client in Client.objects.filter(application__client_id__in=many).exclude(profile="imported")
        }

    before = shape()
    Application.objects.all().delete()
    clients("apply", text)
    after = shape()
    assert after.keys() == before.keys()
    for key, value in before.items():
        assert tuple("draft" if part == "submitted" else part for part in value) == after[key]
    assert exported(tmp_path) == text


def test_export_holds_no_secret_and_says_where_to_put_it(tmp_path, machine_client, public_client):
    text = exported(tmp_path)
    assert text.count('# secrets = [{ env = "NAME_OF_A_VARIABLE" }]') == 1
    for never in (
        machine_client.secret,
        machine_client.secret[-12:],
        *ClientSecret.objects.values_list("digest", flat=True),
    ):
        assert never not in text


def test_export_leaves_out_what_registered_itself_unless_it_is_named(clients, tmp_path):
    client, _secret = Client.objects.register(name="Self", profile="machine", source="dynamic")
    assert client.client_id not in exported(tmp_path)
    text = exported(tmp_path, "--client", client.client_id)
    assert clients("plan", text)[1] == 0


def test_export_replaces_no_file_unless_told(tmp_path, machine_client):
    file = tmp_path / "clients.toml"
    file.write_text("# mine", encoding="utf-8")
    with pytest.raises(CommandError, match="is there already"):
        call_command("oauth_clients", "export", str(file))
    assert file.read_text(encoding="utf-8") == "# mine"
    out = StringIO()
    call_command("oauth_clients", "export", "-", stdout=out)
    assert f"[clients.{machine_client.client_id}]" in out.getvalue()
    with pytest.raises(CommandError, match="no client with the client_id 'nobody'"):
        call_command("oauth_clients", "export", "-", "--client", "nobody")
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("oauth_clients", "export", str(tmp_path / "none" / "clients.toml"))

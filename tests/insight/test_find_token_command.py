from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from oauth_provider.models import AuditEvent
from tests.flow import machine_token

pytestmark = pytest.mark.django_db


def find(*arguments: str, stdin: str = "") -> str:
    out = StringIO()
    call_command("oauth_find_token", *arguments, stdout=out, stdin=StringIO(stdin))
    return out.getvalue()


def test_kind_client_scopes_and_state_are_printed(machine_client):
    value = machine_token(machine_client).json()["access_token"]
    said = find(stdin=f"Authorization: Bearer {value}\n")
    assert "kind: access_token\n" in said
    assert f"client_id: {machine_client.client_id}\n" in said
    assert "scopes: read\n" in said
    assert "state: live\n" in said
    assert value not in said
    assert AuditEvent.objects.get(event="credential_looked_up").actor == "oauth_find_token"


def test_json(machine_client, flow, conf_client):
    told = json.loads(find("--json", stdin=flow.tokens(conf_client)["refresh_token"]))
    assert (told["found"], told["kind"], told["state"]) == (True, "refresh_token", "live")
    assert (told["client_id"], told["user"], told["scopes"]) == (conf_client.client_id, "alice", ["read"])
    assert told["grant_id"]
    assert told["expires_at"].startswith("20")


@pytest.mark.parametrize("arguments", [(), ("-",), ("--json",)])
def test_nothing_found_is_exit_code_1(arguments):
    out = StringIO()
    with pytest.raises(CommandError, match="check signs are wrong") as refused:
        call_command("oauth_find_token", *arguments, stdout=out, stdin=StringIO("op_at_abcdefghijk"))
    assert refused.value.returncode == 1
    if arguments == ("--json",):
        assert json.loads(out.getvalue())["found"] is False


@pytest.mark.parametrize("arguments", [("secret-value",), ("-", "secret-value"), ("a", "b", "c")])
def test_value_on_the_command_line_is_refused_and_not_repeated(arguments, conf_client):
    with pytest.raises(CommandError, match="use standard input") as refused:
        find(*arguments, stdin=str(conf_client.secret))
    assert refused.value.returncode == 2
    assert "secret-value" not in str(refused.value)
    assert not AuditEvent.objects.filter(event="credential_looked_up").exists()


def test_exit_code_in_a_shell_without_a_database_row():
    code = (
        "import django,sys; django.setup(); from django.core.management import execute_from_command_line as run;"
        "run(['manage.py','oauth_find_token','secret-value'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "secret-value" not in ended.stderr + ended.stdout

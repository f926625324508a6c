"""The walk on docs/management-api.md, line by line in one shell, against a server."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess

import pytest
from django.core.management import call_command

from oauth_provider.models import AuditEvent, Client
from tests.docs.markdown import ROOT, blocks, section

PAGE = ROOT / "docs" / "management-api.md"
SECONDS = 120

pytestmark = [
    pytest.mark.live,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("curl") is None, reason="the walk calls curl, which is not installed"),
]


def test_walk_with_curl_works_as_it_stands(live_server, settings):
    settings.ROOT_URLCONF = "tests.api.urls"
    create, *rest = [line for block in blocks(PAGE, text=section(PAGE, "A walk with curl")) for line in block.commands]
    words = shlex.split(create)
    assert words[:2] == ["python", "manage.py"]
    printed = io.StringIO()
    call_command(*words[2:], stdout=printed)
    variables = dict(line.split("=", 1) for line in printed.getvalue().splitlines() if re.match(r"CLIENT_\w+=", line))

    script = "\n".join(["set -eo pipefail", *rest]).replace("http://localhost:8000", live_server.url)
    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, **variables}, text=True, capture_output=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    made = AuditEvent.objects.get(event="client_registered", detail__source="api").client_id
    events = list(AuditEvent.objects.filter(client_id=made).order_by("pk").values_list("event", flat=True))
    assert events == [
        "client_registered", "client_changed", "secret_added", "token_issued", "secret_revoked", "client_suspended",
        "client_archived", "client_deleted",
    ]  # fmt: skip
    assert Client.objects.named(made) is None

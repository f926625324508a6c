"""A site of django-oauth-toolkit installs the provider, uses it and takes it out again; prints what it saw."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test import override_settings  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402


def command(name: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=out, verbosity=1, **options)
    return out.getvalue()


def machine_token(path: str, client_id: str, secret: str) -> tuple[int, str]:
    data = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    form = "application/x-www-form-urlencoded"
    response = Browser().post(path, urlencode(data), content_type=form, secure=True)
    return response.status_code, response.json().get("access_token", "")


def notes(token: str) -> int:
    return Browser().get("/notes", headers={"authorization": f"Bearer {token}"}, secure=True).status_code


def main() -> dict[str, Any]:
    seen: dict[str, Any] = {}
    # Before: django-oauth-toolkit alone has a live client.
    for app in ("contenttypes", "auth", "sessions", "oauth2_provider"):
        command("migrate", app)
    owner = get_user_model().objects.create_user("ada", password="ada-password")
    old = get_application_model().objects.create(
        name="Old job",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="old-secret",
        user=owner,
    )
    # The app is installed.
    command("migrate")
    from oauth_provider.models import Client

    adopted = Client.objects.get(application=old)
    seen["adopted"] = [adopted.profile, adopted.grant_types, [str(row.user) for row in adopted.owners.all()]]
    seen["check"] = command("check")
    seen["makemigrations"] = command("makemigrations", check_changes=True, dry_run=True)
    seen["before our urls"] = machine_token("/o/token/", old.client_id, "old-secret")[0]
    # Our URLs are included.
    client, secret = Client.objects.register(name="Job", profile="machine", scopes=["read"])
    with override_settings(ROOT_URLCONF="tests.dot.site_urls_ours"):
        seen["check with urls"] = command("check")
        seen["new client"] = machine_token("/token", client.client_id, secret or "")[0]
        seen["old client"] = [machine_token("/token", old.client_id, "old-secret")[0] for _ in range(2)]
        seen["old client, wrong secret"] = machine_token("/token", old.client_id, "other-secret")[0]
    seen["new client at the toolkit"] = machine_token("/o/token/", client.client_id, secret or "")[0]
    # The app goes again.
    command("migrate", "oauth_provider", "zero")
    status, token = machine_token("/o/token/", old.client_id, "old-secret")
    seen["after zero"] = [status, notes(token)]
    # … and comes back.
    command("migrate")
    seen["again"] = Client.objects.get(application=old).profile
    return seen


if __name__ == "__main__":
    print(json.dumps(main()))

"""`python -m tests.clients.serve PORT`: migrate, register, say in one line of JSON what there is, serve."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

import django
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string

# Nothing of the test listens there: clients over HTTP stop at the first address outside the site.
CALLBACK = "http://127.0.0.1:9/callback"


def main() -> None:
    """Run until terminated."""
    django.setup()
    call_command("migrate", verbosity=0)
    clients = _provide()
    if provide_more := getattr(settings, "LIVE_PROVIDE", ""):
        import_string(provide_more)()
    sys.stdout.write(json.dumps(clients) + "\n")
    sys.stdout.flush()
    # Whatever the server prints is no answer to the test.
    sys.stdout = sys.stderr
    if os.environ.get("LIVE_CERTIFICATE"):
        _serve_https(int(sys.argv[1]), os.environ["LIVE_CERTIFICATE"])
        return
    # --insecure: the stylesheet is served although DEBUG is off.
    call_command("runserver", sys.argv[1], "--noreload", "--insecure", "--skip-checks")


def _serve_https(port: int, certificate: str) -> None:
    import uvicorn
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
    from django.core.asgi import get_asgi_application

    application = ASGIStaticFilesHandler(get_asgi_application())
    uvicorn.run(application, host="127.0.0.1", port=port, ssl_certfile=certificate, log_level="warning",
                timeout_graceful_shutdown=1)  # fmt: skip


def _provide() -> dict[str, list[str | None]]:
    from django.contrib.auth import get_user_model

    from oauth_provider.keys import rotation
    from oauth_provider.models import Client

    issuer = os.environ["LIVE_URL"]
    callbacks = os.environ.get("LIVE_CALLBACKS", CALLBACK).split()
    signed_out = os.environ.get("LIVE_SIGNED_OUT", "")
    rotation.ensure()
    for name in ("alice", "bob"):
        get_user_model().objects.create_user(name, f"{name}@people.example", f"{name}-password")
    get_user_model().objects.create_superuser("root", "root@people.example", "root-password")
    wanted = {
        "web": {
            "name": "Notes for Web",
            "profile": "web",
            # A frame is where a redirect URI is.
            "redirect_uris": [*callbacks, *([f"{signed_out}/callback"] if signed_out else [])],
            "scopes": ["openid", "profile", "email", "read", "write"],
            "default_scopes": ["read"],
            "settings": {"frontchannel_logout_uri": f"{signed_out}/front"} if signed_out else {},
        },
        "native": {
            "name": "Notes for Desktop",
            "profile": "native",
            "redirect_uris": [*callbacks, "com.example.notes:/callback"],
            "scopes": ["openid", "read", "write"],
        },
        "tv": {"name": "Notes for TV", "profile": "device", "scopes": ["read"], "default_scopes": ["read"]},
        "machine": {
            "name": "Nightly report",
            "profile": "machine",
            "scopes": ["read"],
            "default_scopes": ["read"],
        },
        "api": {
            "name": "Notes API",
            "profile": "machine",
            "scopes": ["read"],
            "resource_server_for": [issuer],
        },
    }
    scopes = ["read", "notes:write", "notes:share", "pay"]
    choices = {
        "name": "Notes for Teams",
        "profile": "web",
        "redirect_uris": callbacks,
        "scopes": scopes,
        "default_scopes": ["read"],
        "settings": {
            "optional_scopes": ["notes:share", "pay"],
            "purposes": {"notes:write": "So that you can tick things off on the train."},
        },
    }
    wanted["choices"] = choices
    wanted["stranger"] = {**choices, "name": "Notes Helper", "source": "dynamic", "settings": {}}
    # As its document would have made it, had anybody read it.
    wanted["agent"] = {
        "name": "Notes Agent",
        "profile": "mcp",
        "redirect_uris": callbacks,
        "scopes": ["openid", "read", "write"],
        "client_id": "https://agent.example/client.json",
        "source": "document",
        "settings": {"document_fresh_until": timezone.now() + timedelta(days=1)},
    }
    if browser_app := os.environ.get("LIVE_BROWSER_APP"):
        wanted["spa"] = {
            "name": "Notes in the browser",
            "profile": "spa",
            "redirect_uris": [f"{browser_app}/callback", f"{browser_app}/silent"],
            "scopes": ["openid", "profile", "email", "read"],
        }
    clients = {}
    for name, registration in wanted.items():
        client, secret = Client.objects.register(**registration)
        if signed_out and name == "web":
            client.set_post_logout_redirect_uris([f"{signed_out}/signed-out"])
        clients[name] = [client.client_id, secret]
    return clients


if __name__ == "__main__":
    main()

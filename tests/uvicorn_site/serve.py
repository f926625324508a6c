"""`python -m tests.uvicorn_site.serve PORT`: migrate, make tokens, say them in one line of JSON, serve under uvicorn.

Each answer says in its headers how many hops into a thread and how many statements its request cost.
"""

from __future__ import annotations

import json
import sys
from contextvars import ContextVar
from typing import Any

import django

_statements: ContextVar[list[int] | None] = ContextVar("statements", default=None)


def main() -> None:
    """Run until terminated."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    sys.stdout.write(json.dumps(_tokens()) + "\n")
    sys.stdout.flush()
    sys.stdout = sys.stderr
    import uvicorn

    uvicorn.run(_counting_application(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")


def _tokens() -> dict[str, str]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from oauth_provider.keys import rotation
    from oauth_provider.testing import as_app

    rotation.ensure()
    ada, _ = get_user_model().objects.get_or_create(username="ada")
    told = {
        "enough": as_app(Client(), user=ada, scopes="read"),
        "little": as_app(Client(), user=ada, scopes="write"),
        "machine": as_app(Client(), scopes="read"),
    }
    return {name: app.token for name, app in told.items()}


def _counting_application() -> Any:
    from django.core.asgi import get_asgi_application
    from django.db.backends.signals import connection_created

    from tests.conditions.hops import counted, install

    install()
    application = get_asgi_application()

    def count(execute: Any, *args: Any) -> Any:
        counter = _statements.get()
        if counter is not None:
            counter[0] += 1
        return execute(*args)

    def watch(connection: Any, **kwargs: Any) -> None:
        connection.execute_wrappers.append(count)

    connection_created.connect(watch, weak=False)

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        statements = [0]
        _statements.set(statements)
        with counted() as hops:

            async def send_counted(message: Any) -> None:
                if message["type"] == "http.response.start":
                    told = [(b"x-hops", str(hops[0]).encode()), (b"x-statements", str(statements[0]).encode())]
                    message = {**message, "headers": [*message["headers"], *told]}
                await send(message)

            await application(scope, receive, send_counted)

    return counting


if __name__ == "__main__":
    main()

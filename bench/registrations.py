"""How much abandoned registrations leave behind: `python -m bench.registrations [HOW_MANY]` (100,000).

Registers so many clients that nobody ever allows, with the site's defaults but the limit per address, and says what
the tables hold and how large the database is: empty, when the bound is reached first, and in the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django

DOCUMENTS = (
    {
        "client_name": "Agent in a terminal",
        "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    },
    {
        "client_name": "Agent on a server",
        "redirect_uris": ["https://agent.example/oauth/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "contacts": ["ops@agent.example"],
        "client_uri": "https://agent.example/",
        "logo_uri": "https://agent.example/logo.png",
    },
)


def main(how_many: int) -> None:
    """Register and report."""
    from oauth_provider.clients import dynamic  # noqa: PLC0415  # Django is set up by then
    from oauth_provider.conf import conf  # noqa: PLC0415

    _report("empty")
    for number in range(1, how_many + 1):
        dynamic.register(DOCUMENTS[number % len(DOCUMENTS)])
        if number == conf.UNCONFIRMED_CLIENTS or number % 10_000 == 0 or number == how_many:
            _report(f"after {number:,}")


def _report(when: str) -> None:
    from oauth_provider.models import AuditEvent, Client, ClientOrigin, ClientSecret  # noqa: PLC0415
    from oauth_provider.models.application import application_model  # noqa: PLC0415

    tables = (Client, application_model(), ClientSecret, ClientOrigin, AuditEvent)
    rows = ", ".join(f"{model.objects.count()} {model._meta.verbose_name_plural}" for model in tables)
    sys.stdout.write(f"{when}: {_size() / 1_000_000:.1f} MB; {rows}\n")
    sys.stdout.flush()


def _size() -> int:
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    path = Path(connection.settings_dict["NAME"])
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

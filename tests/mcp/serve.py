"""`python -m tests.mcp.serve PORT`: the demo's provider with its people and notes, and nothing of its tour."""

from __future__ import annotations

import sys

import django
import uvicorn
from django.core.management import call_command


def main() -> None:
    """Run until terminated."""
    django.setup()
    call_command("migrate", verbosity=0)
    from demo_project import provision

    provision.provide(apps_origin="http://127.0.0.1:9")
    uvicorn.run("demo_project.asgi:application", port=int(sys.argv[1]), log_level="warning", access_log=False,
                lifespan="on", timeout_graceful_shutdown=2)  # fmt: skip


if __name__ == "__main__":
    main()

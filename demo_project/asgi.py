"""The demo site for an ASGI server: Django, and beside it the notes for agents at `/mcp`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

if TYPE_CHECKING:
    from oauth_provider.resource_server.asgi import Application, Receive, Scope, Send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")

site = cast("Application", ASGIStaticFilesHandler(get_asgi_application()))

# Tools meet models, so they are imported once Django is set up.
from demo_project.notes import agents  # noqa: E402  # as said

for_agents = agents.application()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path; the one with a lifespan is the MCP server."""
    is_for_agents = scope["type"] == "lifespan" or scope["path"] == agents.PATH
    await (for_agents if is_for_agents else site)(scope, receive, send)

"""The notes for agents: an MCP server with the official SDK, behind our tokens.

Each tool says which permission it needs, and reads and writes within the same reach as the API. What the SDK does is
the protocol; who calls, for whom and what for is `current_access()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel

from demo_project.notes import reach
from demo_project.notes.models import Note
from oauth_provider import mcp
from oauth_provider.resource_server.asgi import InsufficientScope, current_access, protect, require_scopes

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access
    from oauth_provider.resource_server.asgi import Application

LONGEST_LIST = 50
LONGEST_NOTE = 500
RESOURCE = mcp.resource() or ""
PATH = urlsplit(RESOURCE).path

server = MCPServer(
    "Notes",
    instructions="The notes of the organizations that the person behind you has chosen.",
    log_level="WARNING",
)


def application() -> Application:
    """The server as an ASGI application that lets in tokens for it, with permission to read at the least.

    Stateless and answering with JSON, so that any process can answer any request, and a tool that lacks a permission
    is found out before the answer begins.
    """
    # Bound to 127.0.0.1 the SDK refuses other Host and Origin headers (DNS rebinding).
    application = server.streamable_http_app(streamable_http_path=PATH, json_response=True, stateless_http=True)
    return protect(application, scopes=["read"], resource=RESOURCE)


class Line(BaseModel):
    """A note, as an agent sees it."""

    id: int
    organization: str
    text: str


@server.tool()
async def list_notes() -> list[Line]:
    """The newest notes within reach."""
    access = _allowed("read")
    return await sync_to_async(lambda: [_line(note) for note in reach.notes(access)[:LONGEST_LIST]])()


@server.tool()
async def read_note(id: int) -> Line:  # noqa: A002  # the name an agent sees
    """One note."""
    access = _allowed("read")
    note = await sync_to_async(lambda: reach.notes(access).filter(pk=id).first())()
    if note is None:
        raise ToolError("There is no such note within reach.")
    return _line(note)


@server.tool()
async def write_note(organization: str, text: str) -> Line:
    """Add a note to an organization, named by its slug."""
    access = _allowed("write")
    if not 0 < len(text) <= LONGEST_NOTE:
        raise ToolError(f"A note has 1 to {LONGEST_NOTE} signs.")

    def write() -> Note:
        # As in the API: one out of reach is as unknown as one that does not exist.
        found = reach.organizations(access).filter(slug=organization).first()
        if found is None:
            raise ToolError("There is no such organization within reach.")
        return Note.objects.create(organization=found, author_id=access.user and access.user.pk, text=text)

    return _line(await sync_to_async(write)())


def _allowed(scope: str) -> Access:
    """Who calls, if they may; a refusal goes out as 403, and as this sentence if it is too late for that."""
    try:
        require_scopes(scope)
    except InsufficientScope as error:
        raise ToolError(str(error)) from error
    return current_access()


def _line(note: Note) -> Line:
    return Line(id=note.pk, organization=note.organization.slug, text=note.text)

"""The official Python SDK as an agent: it finds everything by itself, from the first 401 on."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

from demo_project.tour.client_app import ClientApp
from demo_project.tour.http import query_of
from tests.mcp.outside import CLIENT_ID
from tests.mcp.person import Person

pytestmark = [pytest.mark.live, pytest.mark.slow]


class Kept:
    """Where the SDK keeps what it got."""

    def __init__(self) -> None:
        self.tokens = self.client_info = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client_info

    async def set_client_info(self, client_info):
        self.client_info = client_info


@dataclass
class Agent:
    """The SDK's client as its documentation sets it up, and the requests it made."""

    url: str
    client_metadata_url: str | None = None
    person: Person = field(default_factory=Person)
    kept: Kept = field(default_factory=Kept)
    asked_person: list[dict[str, str]] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)
    wire: list[str] = field(default_factory=list)
    provider: OAuthClientProvider | None = None

    @asynccontextmanager
    async def connected(self):
        with ClientApp() as callback:

            async def redirect(url: str) -> None:
                self.asked_person.append(query_of(url))
                await anyio.to_thread.run_sync(self.person.allow, url)

            async def arrived() -> AuthorizationCodeResult:
                (address,) = callback.take_arrived()
                answer = query_of(address)
                self.answers.append(answer)
                return AuthorizationCodeResult(code=answer["code"], state=answer["state"], iss=answer["iss"])

            self.provider = OAuthClientProvider(
                server_url=self.url,
                client_metadata=OAuthClientMetadata(
                    client_name="Agent in Python",
                    redirect_uris=[callback.redirect_uri],
                    grant_types=["authorization_code", "refresh_token"],
                    response_types=["code"],
                ),
                storage=self.kept,
                redirect_handler=redirect,
                callback_handler=arrived,
                client_metadata_url=self.client_metadata_url,
            )
            async with (
                httpx2.AsyncClient(
                    auth=self.provider, event_hooks={"response": [self._note]}, timeout=30, trust_env=False
                ) as http,
                Client(streamable_http_client(self.url, http_client=http)) as client,
            ):
                yield client

    async def _note(self, response: httpx2.Response) -> None:
        path = urlsplit(str(response.request.url)).path
        self.wire.append(f"{response.request.method} {path} {response.status_code}")

    def take_wire(self) -> list[str]:
        taken, self.wire[:] = list(self.wire), []
        return taken


def texts(result) -> list[str]:
    assert not result.is_error, result.content
    return [line["text"] for line in result.structured_content["result"]]


SIGN_IN = [
    "POST /mcp 401",
    "GET /.well-known/oauth-protected-resource/mcp 200",
    "GET /.well-known/oauth-authorization-server 200",
    "POST /register 201",
    "POST /token 200",
]


def test_agent_registers_signs_in_calls_tools_refreshes_and_asks_for_more(site):
    agent = Agent(site.mcp)

    async def walk():
        async with agent.connected() as client:
            assert agent.take_wire()[: len(SIGN_IN)] == SIGN_IN
            tools = (await client.list_tools()).tools
            assert [tool.name for tool in tools] == ["list_notes", "read_note", "write_note"]
            # One organization was chosen of the two she is in; other agents may have written before.
            notes = (await client.call_tool("list_notes")).structured_content["result"]
            assert {note["organization"] for note in notes} == {"harbour-choir"}
            assert [note["text"] for note in notes][-2:] == ["Order new scores", "Rehearsal moved to Thursday"]
            assert (await client.call_tool("read_note", {"id": 1})).structured_content[
                "organization"
            ] == "harbour-choir"
            assert (await client.call_tool("read_note", {"id": 3})).is_error
            first = agent.kept.tokens
            assert first.scope == "read"

            agent.take_wire()
            # As after ten minutes.
            agent.provider.context.token_expiry_time = 1
            await client.call_tool("list_notes")
            assert agent.take_wire() == ["POST /token 200", "POST /mcp 200"]
            assert agent.kept.tokens.access_token != first.access_token
            assert agent.kept.tokens.refresh_token != first.refresh_token

            written = await client.call_tool("write_note", {"organization": "harbour-choir", "text": "By an agent"})
            assert written.structured_content["text"] == "By an agent", written.content
            assert agent.take_wire() == ["POST /mcp 403", "POST /token 200", "POST /mcp 200"]
            assert agent.kept.tokens.scope.split() == ["read", "write"]
            outside = await client.call_tool("write_note", {"organization": "allotment-society", "text": "No"})
            assert outside.is_error
            assert texts(await client.call_tool("list_notes"))[0] == "By an agent"

    anyio.run(walk)
    assert [(asked["scope"], asked["resource"]) for asked in agent.asked_person] == [
        ("read", site.mcp),
        ("read write", site.mcp),
    ]
    assert {answer["iss"] for answer in agent.answers} == {site.url}
    # MCP authorization, "Localhost redirect URI risks".
    assert "You will return to an app on this device. We cannot check which app that is." in agent.person.pages[0]


def test_agent_with_a_document_registers_nowhere(site):
    agent = Agent(site.mcp, client_metadata_url=CLIENT_ID)

    async def walk():
        async with agent.connected() as client:
            assert agent.take_wire()[:4] == [step for step in SIGN_IN if "/register" not in step]
            assert "Order new scores" in texts(await client.call_tool("list_notes"))

    anyio.run(walk)
    assert agent.kept.client_info.client_id == CLIENT_ID
    assert site.outside.asked == ["agent.example:443"]
    assert site.outside.listener.paths == ["/client.json"]
    assert "agent.example" in agent.person.pages[0]

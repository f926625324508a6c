"""What a developer pastes next: `.env` lines, and programs that get the first token as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oauth_provider.clients.examples import curl as _curl
from oauth_provider.clients.examples import javascript as _javascript
from oauth_provider.clients.examples import python as _python
from oauth_provider.clients.examples import start

if TYPE_CHECKING:
    from oauth_provider.models import Client


@dataclass(frozen=True, slots=True)
class Examples:
    """Only `env` holds the secret, and only when it has just been made."""

    env: str = field(repr=False)
    curl: str
    python: str
    javascript: str


def of(client: Client, secret: str | None) -> Examples:
    """Every example of a client, all from one value."""
    begin = start.of(client)
    return Examples(
        env=env_lines(client, secret),
        curl=_curl.render(begin),
        python=_python.render(begin),
        javascript=_javascript.render(begin),
    )


def env_lines(client: Client, secret: str | None) -> str:
    """The lines for a `.env` file."""
    lines = [f"CLIENT_ID={client.client_id}"]
    if secret is not None:
        lines.append(f"CLIENT_SECRET={secret}")
    return "\n".join(lines)


def curl(client: Client) -> str:
    """The first requests of this client as shell lines."""
    return _curl.render(start.of(client))

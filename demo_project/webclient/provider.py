"""The authorization server and the API as a client sees them: addresses, forms and JSON over HTTP."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo_project.webclient.models import Registration

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and JSON members of an answer."""

    status: int
    members: Mapping[str, Any] | list[Any]

    @property
    def is_ok(self) -> bool:
        """Whether the request did what it asked for."""
        return self.status < 400

    def get(self, name: str) -> Any:
        """A member of the answer, or None."""
        return None if isinstance(self.members, list) else self.members.get(name)


def address(path: str) -> str:
    """The provider's address for a path. A client in the wild reads it from the metadata."""
    return f"{settings.OAUTH_PROVIDER['ISSUER']}{path}"


def post(path: str, client: Registration, form: Mapping[str, str]) -> Reply:
    """Call an endpoint where the client authenticates: with its secret in the body, or by its id alone."""
    own = {"client_id": client.client_id}
    if client.client_secret:
        own["client_secret"] = client.client_secret
    body = urllib.parse.urlencode({**own, **form}).encode()
    return _open(urllib.request.Request(address(path), data=body))


def call_api(path: str, access_token: str) -> Reply:
    """Call the API with an access token."""
    return _open(urllib.request.Request(address(path), headers={"Authorization": f"Bearer {access_token}"}))


def read_claims(jwt: str) -> dict[str, Any]:
    """The claims of a JWT, to be shown. An access token is for the API: a client must not decide by them."""
    parts = jwt.split(".")
    if len(parts) != 3:
        return {}
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    return claims


def _open(request: urllib.request.Request) -> Reply:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return Reply(answer.status, _members(answer.read()))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, _members(error.read()))


def _members(body: bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return {"error": "the answer was no JSON"}

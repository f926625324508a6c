"""PKCE at the authorization endpoint (RFC 7636 §4.3): S256 or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from oauth_provider.clients import allowed, response_types
from oauth_provider.errors import InvalidRequest

if TYPE_CHECKING:
    from oauth_provider.authorization.parameters import Asked
    from oauth_provider.models import Client

METHODS = ("S256",)
# 43 base64url signs of a SHA-256 digest, without padding.
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}", re.ASCII)


def check(asked: Asked, client: Client) -> None:
    """Raise InvalidRequest unless the challenge is a proper S256 one, or rightly absent (AS4, AS5, AS6)."""
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            raise InvalidRequest("code_challenge is missing.", rule="pkce_missing", compared={"sent": method})
        if not response_types.given_by(asked.get("response_type")).code:
            return
        # RFC 9700 §2.1.1: public clients always; the others unless they were taken over without it.
        if allowed.needs_pkce(client):
            raise InvalidRequest("code_challenge is missing: this client must use PKCE.", rule="pkce_missing")
        return
    if method not in METHODS:
        raise InvalidRequest(
            "code_challenge_method must be S256.",
            rule="pkce_method",
            # RFC 7636 §4.3: a request that names none means `plain`.
            compared={"sent": method or "plain", "expected": "S256"},
        )
    if not _CHALLENGE.fullmatch(challenge):
        # Its length, not its value: with `plain` it would be the verifier itself.
        raise InvalidRequest(
            "code_challenge must be 43 base64url characters.",
            rule="pkce_malformed",
            compared={"sent": f"{len(challenge)} characters", "expected": "43 characters"},
        )

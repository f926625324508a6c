"""The first requests as a shell script."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from oauth_provider.clients.examples.start import Start

# RFC 7636 §4.2: BASE64URL(SHA256(code_verifier)) without padding.
_CHALLENGE = (
    "$(printf %s \"$CODE_VERIFIER\" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)"
)
_AUTHENTICATION = {
    "none": '-d "client_id=$CLIENT_ID"',
    "post": '-d "client_id=$CLIENT_ID" -d "client_secret=$CLIENT_SECRET"',
    "basic": '-u "$CLIENT_ID:$CLIENT_SECRET"',
}


def render(begin: Start) -> str:
    """Lines for a shell that has read the `.env` file."""
    return {"code": _code, "device": _device, "client_credentials": _client_credentials}[begin.flow](begin)


def _client_credentials(begin: Start) -> str:
    return _join(_curl(begin), "-d grant_type=client_credentials", _scope(begin), shlex.quote(begin.token))


def _device(begin: Start) -> str:
    return "\n".join(
        [
            _join(_curl(begin), _scope(begin), shlex.quote(begin.device_authorization)),
            "read -r DEVICE_CODE",
            _join(
                _curl(begin),
                f'-d grant_type={GrantType.DEVICE_CODE.value} -d "device_code=$DEVICE_CODE"',
                shlex.quote(begin.token),
            ),
        ]
    )


def _code(begin: Start) -> str:
    query = {
        "response_type": "code",
        "client_id": begin.client_id,
        "redirect_uri": begin.redirect_uri,
        "state": "xyz123",
        **({"scope": begin.scope} if begin.scope else {}),
    }
    address = f"{begin.authorize}?{urlencode(query)}&code_challenge_method=S256&code_challenge="
    return "\n".join(
        [
            "CODE_VERIFIER=$(openssl rand -hex 32)",
            # Open the printed address in a browser; the code stands in the address it ends at.
            f'echo {shlex.quote(address)}"{_CHALLENGE}"',
            "read -r CODE",
            _join(
                _curl(begin),
                '-d grant_type=authorization_code -d "code=$CODE" -d "code_verifier=$CODE_VERIFIER"',
                f"--data-urlencode {shlex.quote(f'redirect_uri={begin.redirect_uri}')}",
                shlex.quote(begin.token),
            ),
        ]
    )


def _curl(begin: Start) -> str:
    return f"curl {_AUTHENTICATION[begin.authentication]}"


def _scope(begin: Start) -> str:
    return f"--data-urlencode {shlex.quote(f'scope={begin.scope}')}" if begin.scope else ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)

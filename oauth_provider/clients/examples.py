"""What a developer pastes next: `.env` lines, and a request that works when pasted into a shell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from oauth_provider import scopes as known_scopes
from oauth_provider.conf import conf
from oauth_provider.values import AuthMethod, GrantType

if TYPE_CHECKING:
    from oauth_provider.models import Client

_EVERY = "*"
# RFC 7636 §4.2: BASE64URL(SHA256(code_verifier)) without padding.
_CHALLENGE = (
    "$(printf %s \"$CODE_VERIFIER\" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)"
)


def env_lines(client: Client, secret: str | None) -> str:
    """The lines for a `.env` file."""
    lines = [f"CLIENT_ID={client.client_id}"]
    if secret is not None:
        lines.append(f"CLIENT_SECRET={secret}")
    return "\n".join(lines)


def curl(client: Client) -> str:
    """The first requests of this client; it names the variables of `env_lines`, so it holds no secret."""
    if client.allows_grant(GrantType.AUTHORIZATION_CODE) and client.redirect_uris:
        return _code(client)
    if client.allows_grant(GrantType.DEVICE_CODE) and not client.allows_grant(GrantType.CLIENT_CREDENTIALS):
        return "\n".join(
            [
                _join(f"curl {_authentication(client)}", _scope(client), _at("/device_authorization")),
                _join(
                    f"curl {_authentication(client)}",
                    f'-d grant_type={GrantType.DEVICE_CODE.value} -d "device_code=$DEVICE_CODE"',
                    _at("/token"),
                ),
            ]
        )
    return _join(f"curl {_authentication(client)}", "-d grant_type=client_credentials", _scope(client), _at("/token"))


def _code(client: Client) -> str:
    redirect_uri = client.redirect_uris[0]
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "state": "xyz123",
    }
    if _scopes(client):
        query["scope"] = known_scopes.join(_scopes(client))
    address = f"{conf.ISSUER}/authorize?{urlencode(query)}&code_challenge_method=S256&code_challenge="
    return "\n".join(
        [
            "CODE_VERIFIER=$(openssl rand -hex 32)",
            # Open the printed address in a browser; the code stands in the address it ends at.
            f'echo {shlex.quote(address)}"{_CHALLENGE}"',
            "read -r CODE",
            _join(
                f"curl {_authentication(client)}",
                '-d grant_type=authorization_code -d "code=$CODE" -d "code_verifier=$CODE_VERIFIER"',
                f"--data-urlencode {shlex.quote(f'redirect_uri={redirect_uri}')}",
                _at("/token"),
            ),
        ]
    )


def _authentication(client: Client) -> str:
    if client.is_public:
        return '-d "client_id=$CLIENT_ID"'
    if client.auth_method == AuthMethod.CLIENT_SECRET_POST:
        return '-d "client_id=$CLIENT_ID" -d "client_secret=$CLIENT_SECRET"'
    return '-u "$CLIENT_ID:$CLIENT_SECRET"'


def _scopes(client: Client) -> list[str]:
    # A machine has no person for `openid` to speak of.
    left_out = {_EVERY} if client.allows_grant(GrantType.AUTHORIZATION_CODE) else {_EVERY, known_scopes.OPENID}
    return [scope for scope in (client.default_scopes or client.allowed_scopes) if scope not in left_out]


def _scope(client: Client) -> str:
    scopes = _scopes(client)
    return f"--data-urlencode {shlex.quote('scope=' + known_scopes.join(scopes))}" if scopes else ""


def _at(path: str) -> str:
    return shlex.quote(f"{conf.ISSUER}{path}")


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)

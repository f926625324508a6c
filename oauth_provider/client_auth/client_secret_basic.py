"""`client_secret_basic`: id and secret, form-encoded, in the Authorization header (RFC 6749 §2.3.1)."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from oauth_provider.client_auth.presented import Method, Presented
from oauth_provider.errors import InvalidClient, InvalidRequest
from oauth_provider.values import AuthMethod, TokenRequest

_UNREADABLE = "The Authorization header cannot be read."
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _is_used_by(request: TokenRequest) -> bool:
    return request.authorization is not None


def _read(request: TokenRequest) -> Presented:
    scheme, _, encoded = (request.authorization or "").partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient(
            "Use HTTP Basic or the request body.",
            detail=f"Authorization scheme {scheme[:20]!r}",
            rule="authorization_scheme",
            compared={"sent": scheme[:20], "expected": "Basic"},
        )
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
        user, separator, password = decoded.partition(":")
        client_id, secret = _decode(user), _decode(password)
    except (binascii.Error, ValueError) as error:
        raise InvalidClient(_UNREADABLE, detail=type(error).__name__, rule="authorization_header") from error
    if not separator or not client_id or not secret or _CONTROL.search(client_id + secret):
        raise InvalidClient(_UNREADABLE, detail="id or secret is empty or has controls", rule="authorization_header")
    if request.get("client_id") not in {None, client_id}:
        raise InvalidRequest(
            "client_id in the body is not the one in the Authorization header.",
            rule="client_ids_differ",
            compared={"sent": request.get("client_id") or "", "expected": client_id},
        )
    return Presented(client_id, AuthMethod.CLIENT_SECRET_BASIC, secret)


def _decode(value: str) -> str:
    """Form decoding of one half (RFC 6749 Appendix B)."""
    return unquote_to_bytes(value.replace("+", " ")).decode()


METHOD = Method(AuthMethod.CLIENT_SECRET_BASIC, _is_used_by, _read)

"""What may be shown of tokens and secrets, in a terminal or on a page."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

_LONG_VALUES = re.compile(
    r"eyJ[\w-]{20,}\.[\w-]+\.[\w-]+|op_[a-z]{2}_[0-9A-Za-z]{49}|(?<=Basic )[\w+/=]{20,}|[\w-]{120,}"
)


def shorten(text: str) -> str:
    """Leave of every token and secret enough to follow it with the eye."""
    return _LONG_VALUES.sub(lambda found: f"{found[0][:11]}…{found[0][-4:]}", text)


def read_claims(jwt: str) -> dict[str, Any]:
    """The claims of a JWT, to be shown. An access token is for the API: a client must not decide by them."""
    parts = jwt.split(".")
    if len(parts) != 3:
        return {}
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    return claims

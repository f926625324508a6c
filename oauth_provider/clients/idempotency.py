"""The credentials of a registration: random, or such that the same request gets the same ones again (R19).

A client whose answer was lost sends the request once more with the same `Idempotency-Key`. To answer it again, a
secret would have to be stored. Instead identifier, secret and token follow from the key by HMAC under SECRET_KEY:
neither the database nor SECRET_KEY gives them, nor the key alone, and the key is stored nowhere.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from oauth_provider import credentials
from oauth_provider.clients import registration
from oauth_provider.credentials import Kind
from oauth_provider.errors import InvalidRequest

# As long as 128 random bits: whoever knows the key of another from the same address gets that one's answer.
_KEY = re.compile(r'"?[\x21\x23-\x7e]{22,255}"?', re.ASCII)
_PURPOSE = "registration"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a new client is given."""

    client_id: str
    secret: str = field(repr=False)
    registration_token: str = field(repr=False)


def random_credentials() -> Credentials:
    """Credentials that nobody can derive."""
    return Credentials(
        client_id=registration.new_client_id(),
        secret=credentials.make(Kind.CLIENT_SECRET),
        registration_token=credentials.make(Kind.REGISTRATION_ACCESS_TOKEN),
    )


def derived_credentials(key: str, *, caller: str, body: bytes) -> Credentials:
    """The credentials that key, caller and body determine; raises InvalidRequest for a key that can be guessed.

    The identifier does not follow from the body: another document under the same key finds the client of the first
    one, whose token is not the one it derives.
    """
    if not _KEY.fullmatch(key):
        raise InvalidRequest("Idempotency-Key must be 22 to 255 characters, as random as a UUID.")
    own_key = credentials.derived_keys(_PURPOSE)[0]
    # Digests have one length: no two requests run together to the same text.
    request = (credentials.digest(key), credentials.digest(caller), hashlib.sha256(body).hexdigest())
    named = credentials.digest(credentials.derive(Kind.REQUEST, "client_id", *request[:2], key=own_key))
    return Credentials(
        client_id=registration.client_id_of(named),
        secret=credentials.derive(Kind.CLIENT_SECRET, "secret", *request, key=own_key),
        registration_token=credentials.derive(Kind.REGISTRATION_ACCESS_TOKEN, "token", *request, key=own_key),
    )

"""How a client stands in an address: by its id, or encoded where the id has signs that a path cannot carry."""

from __future__ import annotations

import base64
import binascii
import re

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from rest_framework.exceptions import NotFound

from oauth_provider.models import Client

# RFC 3986 §2.3. An id that is an address (a client ID metadata document) has slashes, which proxies decode.
_UNRESERVED = re.compile(r"[A-Za-z0-9._-][A-Za-z0-9._~-]*", re.ASCII)
_ENCODED = "~"
_LONGEST = 2000


def segment_of(client_id: str) -> str:
    """The segment of a path: the id itself, or `~` and its base64url form."""
    if _UNRESERVED.fullmatch(client_id):
        return client_id
    return _ENCODED + base64.urlsafe_b64encode(client_id.encode()).decode().rstrip("=")


def client_id_of(segment: str) -> str:
    """The id in a segment; raises NotFound for none that a client can have."""
    client_id = segment
    if segment.startswith(_ENCODED):
        encoded = segment.removeprefix(_ENCODED)
        try:
            client_id = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise NotFound from error
    if not client_id or len(client_id) > _LONGEST or "\x00" in client_id:
        raise NotFound
    return client_id


def address_of(client: Client) -> str:
    """Where the client stands in this API."""
    return reverse("oauth_provider_api:client", args=[segment_of(client.client_id)])


def client_at(segment: str) -> Client:
    """The client of this address; raises NotFound."""
    client_id = client_id_of(segment)
    found = Client.objects.select_related("application").filter(application__client_id=client_id).first()
    if found is None:
        raise NotFound
    return found


def locked_client_at(segment: str) -> Client:
    """The client, kept as it is until the transaction ends; raises NotFound.

    The UPDATE is the lock, on SQLite and PostgreSQL alike: two requests about one client wait for each other.
    """
    assert transaction.get_connection(Client.objects.db).in_atomic_block  # noqa: S101  # else it locks nothing
    Client.objects.filter(application__client_id=client_id_of(segment)).update(status=F("status"))
    return client_at(segment)

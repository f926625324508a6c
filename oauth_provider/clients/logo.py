"""The logo of a client: one small picture, kept here and shown from here, so that no page asks another host."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from oauth_provider.clients import known
from oauth_provider.models import AuditEvent, Client, ClientLogo
from oauth_provider.values import Event, Source

# Bytes.
MOST_BYTES = 100_000
# What a file of the type begins with. No SVG: it may hold scripts and links.
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_RIFF, _WEBP, _WEBP_AT = b"RIFF", b"WEBP", slice(8, 12)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture and its media type."""

    content: bytes
    media_type: str


def check(content: bytes) -> str:
    """The media type of the picture; raises ValidationError for what is too large or none of the types shown."""
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The picture is too large: at most 100 kB."), code="logo")
    media_type = next((name for start, name in _BEGINNINGS.items() if content.startswith(start)), "")
    if content.startswith(_RIFF) and content[_WEBP_AT] == _WEBP:
        media_type = "image/webp"
    if not media_type:
        raise ValidationError(_("Give a PNG, JPEG or WebP picture."), code="logo")
    return media_type


def replace(client: Client, content: bytes, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008
    """Show this picture from now on; raises ValidationError. The event holds no picture."""
    media_type = check(content)
    with transaction.atomic():
        # Its UPDATE comes first: two at once wait for each other.
        client.change(logo_digest=hashlib.sha256(content).hexdigest())
        ClientLogo.objects.update_or_create(client=client, defaults={"content": content, "media_type": media_type})
        _changed(client, actor=actor, source=source)


def remove(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Show the first letter of the name again."""
    with transaction.atomic():
        client.change(logo_digest="")
        ClientLogo.objects.filter(client=client).delete()
        _changed(client, actor=actor, source=source)


def find(client_id: str, digest: str) -> Logo | None:
    """The picture of this address; one statement. None when there is none, or another one by now."""
    row = (
        ClientLogo.objects.filter(client__application__client_id=client_id, client__logo_digest__startswith=digest)
        .values_list("content", "media_type")
        .first()
    )
    return None if row is None else Logo(bytes(row[0]), row[1])


def _changed(client: Client, *, actor: str, source: Source) -> None:
    transaction.on_commit(known.forget)
    AuditEvent.objects.record(
        Event.CLIENT_CHANGED, client=client, actor=actor, source=source, detail={"fields": ["logo"]}
    )

"""When tokens end: a refresh token by idleness, at the latest with its grant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from oauth_provider.clients import profiles

if TYPE_CHECKING:
    from datetime import datetime

    from oauth_provider.models import Client, Grant


def grant_ends(client: Client) -> datetime:
    """When a grant made now ends, however much it is used."""
    return timezone.now() + timedelta(seconds=profiles.refresh_token_absolute_lifetime(client))


def access_token_seconds(client: Client, grant: Grant | None) -> int:
    """Seconds an access token made now lives: never longer than the grant it belongs to."""
    lifetime = profiles.access_token_lifetime(client)
    if grant is None:
        return lifetime
    return max(1, min(lifetime, int((grant.expires_at - timezone.now()).total_seconds())))


def refresh_token_ends(client: Client, grant: Grant) -> datetime:
    """When a refresh token made now ends if nobody uses it."""
    idle = timezone.now() + timedelta(seconds=profiles.refresh_token_idle_lifetime(client))
    return min(idle, grant.expires_at)

"""Opaque access tokens: a row each, found by digest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.models import AccessToken

if TYPE_CHECKING:
    from oauth_provider.values import Authorized


def mint(authorized: Authorized, *, lifetime: int) -> str:
    """Store an access token that lives so many seconds and return its value; one INSERT."""
    value = credentials.make(credentials.Kind.ACCESS_TOKEN)
    issued_at = timezone.now()
    AccessToken.objects.create(
        digest=credentials.digest(value),
        grant=authorized.grant,
        client=authorized.client,
        user_id=authorized.client.service_account_id if authorized.user is None else authorized.user.pk,
        scopes=list(authorized.scopes),
        audience=list(authorized.audience),
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=lifetime),
    )
    return value

"""What hangs on a client, in numbers: read before it is suspended, archived or deleted, or its access revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from oauth_provider import resources
from oauth_provider.clients import profiles
from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent, Grant
from oauth_provider.values import Event, GrantType, TokenFormat

if TYPE_CHECKING:
    from oauth_provider.models import Client


@dataclass(frozen=True, slots=True)
class Impact:
    """What ends with a client, and who may go on accepting its tokens for a while."""

    grants: int
    # Different users among these grants.
    people: int
    # Those of the grants that came by a device code.
    devices: int
    # When a client that acts for itself was last here; None for one that does not, or never was.
    machine_last_seen: datetime | None
    # Audiences that verify JWTs on their own, each with the moment from which it can accept none.
    self_verifying: tuple[tuple[str, datetime], ...]


def impact(client: Client) -> Impact:
    """What ends when this client does; at most two statements.

    `self_verifying` is empty for opaque tokens, and once every token issued so far has expired.
    """
    live = Grant.objects.filter(client=client, revoked_at=None, expires_at__gt=Now()).aggregate(
        grants=Count("pk"),
        people=Count("user", distinct=True),
        devices=Count("pk", filter=Q(grant_type=GrantType.DEVICE_CODE)),
    )
    return Impact(
        grants=live["grants"],
        people=live["people"],
        devices=live["devices"],
        machine_last_seen=client.last_used_at if client.allows_grant(GrantType.CLIENT_CREDENTIALS) else None,
        self_verifying=_self_verifying(client),
    )


def _self_verifying(client: Client) -> tuple[tuple[str, datetime], ...]:
    audiences = dict.fromkeys((*client.resources, *resources.default_audience()))
    # This site looks at the state of each JWT unless it was told not to; what another server does is its own affair.
    own = [conf.ISSUER] if conf.JWT_STATE_CHECK == "never" else []
    found = [*own, *(uri for uri in audiences if uri != conf.ISSUER)]
    if client.token_format != TokenFormat.JWT or not found:
        return ()
    lifetime = timedelta(seconds=profiles.access_token_lifetime(client))
    # Only as far back as a token can still be alive, so that a busy client's history is not read.
    issued = AuditEvent.objects.filter(
        client_id=client.client_id, event=Event.TOKEN_ISSUED, at__gt=timezone.now() - lifetime
    ).aggregate(last=Max("at"))["last"]
    return () if issued is None else tuple((uri, issued + lifetime) for uri in found)

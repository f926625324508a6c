"""`urn:ietf:params:oauth:grant-type:device_code`: a device polls until a person has decided (RFC 8628 §3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider import credentials
from oauth_provider.clients import allowed, authorization_details
from oauth_provider.errors import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    InvalidGrant,
    InvalidRequest,
    SlowDown,
)
from oauth_provider.models import DeviceCode
from oauth_provider.scopes import OPENID
from oauth_provider.tokens import refresh
from oauth_provider.values import Authorized, DeviceCodeState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth_provider.models import Client, Grant
    from oauth_provider.values import TokenRequest

_REFUSED = "The device code is not valid."


def authorize(request: TokenRequest, client: Client) -> Authorized:
    """What the person allowed on another device; raises AuthorizationPending, SlowDown, ExpiredToken, …"""
    device_code = request.get("device_code")
    if device_code is None:
        raise InvalidRequest("device_code is missing.", rule="parameter_missing")
    if not credentials.is_kind(device_code, credentials.Kind.DEVICE_CODE):
        raise InvalidGrant(
            _REFUSED,
            detail="not a device code of ours: prefix, length or check signs are wrong",
            rule="device_code_damaged",
        )
    digest = credentials.digest(device_code)
    if not DeviceCode.objects.poll(digest, client=client):
        raise InvalidGrant(_REFUSED, detail="no device code of this client has this value", rule="device_code_unknown")
    row = DeviceCode.objects.find(digest)
    if row is None or row.state == DeviceCodeState.CONSUMED:
        raise InvalidGrant(_REFUSED, detail="the device code was used before", rule="device_code_used")
    if row.state == DeviceCodeState.DENIED:
        raise AccessDenied("The person refused.")
    if row.expires_at <= row.database_now:
        raise ExpiredToken("The device code has expired.", compared={"expired": f"{row.expires_at:%Y-%m-%d %H:%M:%S}"})
    if row.is_polled_too_soon():
        row.slow_down()
        raise SlowDown(f"Poll no faster than every {row.interval} seconds.")
    if row.state == DeviceCodeState.PENDING or row.grant is None:
        raise AuthorizationPending("The person has not decided yet.")
    # Asked for too much: refused before anything is spent, so that the device can ask again.
    audience = allowed.narrowed_audience(client, request.resources, granted=tuple(row.grant.resources))
    targets = authorization_details.narrowed(
        request.get(authorization_details.PARAMETER), grant=row.grant, scopes=row.grant.scopes, client=client
    )
    return _spend(row, row.grant, client=client, audience=audience, targets=targets)


def _spend(
    row: DeviceCode, grant: Grant, *, client: Client, audience: tuple[str, ...], targets: Mapping[str, tuple[str, ...]]
) -> Authorized:
    if not row.consume():
        raise InvalidGrant(_REFUSED, detail="the device code was used before", rule="device_code_used")
    if grant.revoked_at is not None:
        raise InvalidGrant(_REFUSED, detail=f"the grant was revoked: {grant.revoked_reason}", rule="grant_revoked")
    if not grant.user.is_active:
        raise InvalidGrant(_REFUSED, detail="the user is not active", rule="user_not_active")
    return Authorized(
        client=client,
        scopes=tuple(grant.scopes),
        audience=audience,
        grant=grant,
        user=grant.user,
        subject=grant.subject,
        auth_time=grant.auth_time,
        targets=targets,
        with_id_token=OPENID in grant.scopes,
        refresh_token=refresh.start(grant, client=client),
    )

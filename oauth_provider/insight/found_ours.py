"""A pasted credential of our own make, looked up by its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from oauth_provider import credentials
from oauth_provider.insight import state
from oauth_provider.insight.found import Found, FoundKind, State
from oauth_provider.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    ClientSecret,
    DeviceCode,
    InitialAccessToken,
    RefreshToken,
    StoredRequest,
)
from oauth_provider.models.clock import DATABASE_NOW
from oauth_provider.tokens import lookup
from oauth_provider.values import DeviceCodeState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from oauth_provider.models import Grant


def _access_token(value: str) -> Found | None:
    row = AccessToken.objects.find(credentials.digest(value))
    if row is None:
        return None
    standing, why, live = state.of_access_token(value)
    return Found(
        kind=FoundKind.ACCESS_TOKEN,
        format="opaque",
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=row.client,
        user=row.acts_for(),
        scopes=lookup.still_granted(row.scopes, grant=row.grant),
        audience=tuple(row.audience),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        last_used_at=None if row.grant is None else row.grant.last_used_at,
        grant=row.grant,
        access_token=live,
    )


def _refresh_token(value: str) -> Found | None:
    row: Any = (
        RefreshToken.objects.select_related("grant", "grant__user", "client", "client__application")
        .annotate(**DATABASE_NOW)
        .filter(digest=credentials.digest(value))
        .first()
    )
    if row is None:
        return None
    standing, why = _state_in_family(
        row.grant, client=row.client, used_at=row.rotated_at, expires_at=row.expires_at, now=row.database_now
    )
    return _of_grant(FoundKind.REFRESH_TOKEN, value, row, standing=standing, why=why)


def _code(value: str) -> Found | None:
    row: Any = (
        AuthorizationCode.objects.select_related("grant", "grant__user", "client", "client__application")
        .annotate(**DATABASE_NOW)
        .filter(digest=credentials.digest(value))
        .first()
    )
    if row is None:
        return None
    standing, why = _state_in_family(
        row.grant, client=row.client, used_at=row.consumed_at, expires_at=row.expires_at, now=row.database_now
    )
    return _of_grant(FoundKind.AUTHORIZATION_CODE, value, row, standing=standing, why=why)


def _of_grant(kind: FoundKind, value: str, row: Any, *, standing: State, why: str) -> Found:
    grant = row.grant
    return Found(
        kind=kind,
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=row.client,
        user=grant.user,
        scopes=tuple(grant.scopes),
        audience=tuple(grant.resources),
        issued_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=grant.last_used_at,
        grant=grant,
    )


def _state_in_family(
    grant: Grant, *, client: Client, used_at: datetime | None, expires_at: datetime, now: datetime
) -> tuple[State, str]:
    if grant.revoked_at is not None:
        return State.REVOKED, _("the grant was revoked: %(why)s") % {"why": grant.revoked_reason}
    if used_at is not None:
        return State.USED, _("it was used on %(at)s; whoever uses it again ends the grant") % {"at": state.at(used_at)}
    if min(expires_at, grant.expires_at) <= now:
        return State.EXPIRED, ""
    return state.of_people(client, grant.user)


def _device_code(value: str) -> Found | None:
    row: Any = (
        DeviceCode.objects.select_related("grant", "user", "client", "client__application")
        .annotate(**DATABASE_NOW)
        .filter(digest=credentials.digest(value))
        .first()
    )
    if row is None:
        return None
    if row.state == DeviceCodeState.CONSUMED:
        standing, why = State.USED, ""
    elif row.state == DeviceCodeState.DENIED:
        standing, why = State.REVOKED, _("the person refused")
    elif row.expires_at <= row.database_now:
        standing, why = State.EXPIRED, ""
    elif row.state == DeviceCodeState.PENDING:
        standing, why = State.WAITING, _("nobody has decided yet")
    else:
        standing, why = State.LIVE, _("the person allowed it; the device has not come for its tokens yet")
    return Found(
        kind=FoundKind.DEVICE_CODE,
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=row.client,
        user=row.user,
        scopes=tuple(row.scopes),
        audience=tuple(row.resources),
        issued_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.polled_at,
        grant=row.grant,
    )


def client_secret(value: str) -> Found | None:
    """The secret of this value, ours or taken over; one with our prefix and one without are kept alike."""
    row: Any = (
        ClientSecret.objects.select_related("client", "client__application")
        .annotate(**DATABASE_NOW)
        .filter(digest=credentials.digest(value))
        .order_by("revoked_at", "-pk")
        .first()
    )
    if row is None:
        return None
    if row.revoked_at is not None:
        standing, why = State.REVOKED, _("it was revoked on %(at)s") % {"at": state.at(row.revoked_at)}
    elif row.expires_at is not None and row.expires_at <= row.database_now:
        standing, why = State.EXPIRED, ""
    else:
        standing, why = state.of_people(row.client, None)
    return Found(
        kind=FoundKind.CLIENT_SECRET,
        format="django-oauth-toolkit" if row.imported else "",
        state=standing,
        why=why,
        hint=row.hint,
        client=row.client,
        scopes=tuple(row.client.allowed_scopes),
        issued_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        secret=row,
    )


def _request(value: str) -> Found | None:
    row: Any = (
        StoredRequest.objects.select_related("user", "client", "client__application")
        .annotate(**DATABASE_NOW)
        .filter(digest=credentials.digest(value))
        .first()
    )
    if row is None:
        return None
    if row.decided_at is not None:
        standing, why = (
            State.USED,
            _("decided on %(at)s: %(decision)s")
            % {
                "at": state.at(row.decided_at),
                "decision": row.decision,
            },
        )
    else:
        standing, why = (State.EXPIRED if row.expires_at <= row.database_now else State.WAITING), ""
    return Found(
        kind=FoundKind.REQUEST,
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=row.client,
        user=row.user,
        scopes=tuple(row.scopes),
        audience=tuple(row.resources),
        issued_at=row.created_at,
        expires_at=row.expires_at,
    )


def _registration_access_token(value: str) -> Found | None:
    client = (
        Client.objects.select_related("application").filter(registration_token_digest=credentials.digest(value)).first()
    )
    if client is None:
        return None
    standing, why = state.of_people(client, None)
    return Found(
        kind=FoundKind.REGISTRATION_ACCESS_TOKEN,
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=client,
        issued_at=client.created_at,
    )


def _initial_access_token(value: str) -> Found | None:
    row: Any = (
        InitialAccessToken.objects.select_related("owner")
        .annotate(**DATABASE_NOW)
        .filter(digest=credentials.digest(value))
        .first()
    )
    if row is None:
        return None
    if row.revoked_at is not None:
        standing = State.REVOKED
    elif row.expires_at <= row.database_now:
        standing = State.EXPIRED
    else:
        standing = State.LIVE if row.uses_left else State.USED
    return Found(
        kind=FoundKind.INITIAL_ACCESS_TOKEN,
        state=standing,
        why=_("“%(note)s”; registrations left: %(left)d") % {"note": row.note, "left": row.uses_left},
        hint=state.hint_of(value),
        user=row.owner,
        scopes=tuple(row.scopes),
        issued_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


# The two letters of the prefix: what they stand for, and who knows it.
KINDS: Mapping[str, tuple[str, Callable[[str], Found | None] | None]] = {
    credentials.Kind.ACCESS_TOKEN.value: (FoundKind.ACCESS_TOKEN.value, _access_token),
    credentials.Kind.REFRESH_TOKEN.value: (FoundKind.REFRESH_TOKEN.value, _refresh_token),
    credentials.Kind.AUTHORIZATION_CODE.value: (FoundKind.AUTHORIZATION_CODE.value, _code),
    credentials.Kind.DEVICE_CODE.value: (FoundKind.DEVICE_CODE.value, _device_code),
    credentials.Kind.CLIENT_SECRET.value: (FoundKind.CLIENT_SECRET.value, client_secret),
    credentials.Kind.REQUEST.value: (FoundKind.REQUEST.value, _request),
    credentials.Kind.REGISTRATION_ACCESS_TOKEN.value: (
        FoundKind.REGISTRATION_ACCESS_TOKEN.value,
        _registration_access_token,
    ),
    credentials.Kind.INITIAL_ACCESS_TOKEN.value: (FoundKind.INITIAL_ACCESS_TOKEN.value, _initial_access_token),
}

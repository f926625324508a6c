"""`refresh_token`: lock the family, spend the token, answer a lost answer again, end the family on reuse."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db.models.functions import Now

from oauth_provider import credentials, scopes
from oauth_provider.clients import allowed, authorization_details, profiles, users
from oauth_provider.errors import InvalidGrant, InvalidRequest, InvalidScope
from oauth_provider.models import Grant, RefreshToken, dot_token
from oauth_provider.tokens import lifetimes, refresh, revoke
from oauth_provider.values import Authorized, GrantType

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Client
    from oauth_provider.values import TokenRequest

# One wording for unknown, expired, revoked, foreign and reused (RFC 6749 §5.2).
_REFUSED = "The refresh token is not valid."


def authorize(request: TokenRequest, client: Client) -> Authorized:
    """What the grant allows, narrowed to what is asked; runs inside the transaction, its first statement a write."""
    presented = request.get("refresh_token")
    if presented is None:
        raise InvalidRequest("refresh_token is missing.", rule="parameter_missing")
    if credentials.is_kind(presented, credentials.Kind.REFRESH_TOKEN):
        return _from_ours(presented, request, client)
    if credentials.is_ours(presented):
        raise InvalidGrant(
            _REFUSED, detail="our prefix, but another kind or wrong check signs", rule="refresh_token_damaged"
        )
    return _from_dot(presented, request, client)


def _from_ours(presented: str, request: TokenRequest, client: Client) -> Authorized:
    digest = credentials.digest(presented)
    is_alive = RefreshToken.objects.lock_family(digest, client, address=request.source.address)
    row = RefreshToken.objects.find(digest, client)
    if row is None:
        raise InvalidGrant(
            _REFUSED, detail="no refresh token of this client has this value", rule="refresh_token_unknown"
        )
    grant = row.grant
    if not is_alive:
        raise InvalidGrant(_REFUSED, detail=f"the grant was revoked: {grant.revoked_reason}", rule="grant_revoked")
    if not grant.user.is_active:
        raise InvalidGrant(_REFUSED, detail="the user is not active", rule="user_not_active")
    ends = min(row.expires_at, grant.expires_at)
    if ends <= row.database_now:
        raise InvalidGrant(
            _REFUSED,
            detail="the refresh token has expired",
            rule="refresh_token_expired",
            compared={"expired": f"{ends:%Y-%m-%d %H:%M:%S}"},
        )
    _check_person(client, grant.user)
    # Asked for too much: refused before anything is spent, so that the client can ask again.
    narrowed = _scopes(request, granted=tuple(grant.scopes))
    audience = allowed.narrowed_audience(client, request.resources, granted=tuple(grant.resources))
    targets = authorization_details.narrowed(
        request.get(authorization_details.PARAMETER), grant=grant, scopes=narrowed, client=client
    )
    is_first_use = row.rotated_at is None
    value = refresh.succeed(row, presented, client=client) if is_first_use else _answer_again(row, presented, client)
    if value is None:
        seconds = (row.database_now - row.rotated_at).total_seconds() if row.rotated_at else None
        revoke.revoke_for_reuse(grant, client=client, what="refresh_token", seconds=seconds, source=request.source)
        raise InvalidGrant(
            _REFUSED,
            detail="reuse detected: the refresh token was used before; its grant is revoked",
            rule="refresh_token_used",
            compared={} if seconds is None else {"seconds_after_first_use": f"{seconds:.1f}"},
        )
    return Authorized(
        client=client,
        scopes=narrowed,
        audience=audience,
        grant=grant,
        user=grant.user,
        subject=grant.subject,
        auth_time=grant.auth_time,
        targets=targets,
        with_id_token=scopes.OPENID in narrowed,
        refresh_token=value,
        audit={} if is_first_use else {"answered_again": True},
    )


def _check_person(client: Client, user: AbstractBaseUser) -> None:
    """Who may use the client is asked again at each refresh."""
    verdict = users.may_use(client, user)
    if isinstance(verdict, users.MayNotUse):
        raise InvalidGrant(
            _REFUSED,
            detail=f"the person may not use the client any more: {verdict.reason}",
            rule="user_not_allowed",
            compared={"reason": verdict.reason},
        )


def _answer_again(row: RefreshToken, presented: str, client: Client) -> str | None:
    """The same successor while nobody has used it and the leeway lasts: a lost answer costs nothing (R3, C40)."""
    leeway = profiles.refresh_token_leeway(client)
    if row.rotated_at is None or (row.database_now - row.rotated_at).total_seconds() > leeway or not leeway:
        return None
    return row.unused_successor(presented)


def _scopes(request: TokenRequest, *, granted: tuple[str, ...]) -> tuple[str, ...]:
    """RFC 6749 §6: the same or fewer; the grant keeps what it was given, so a later refresh may ask it all."""
    asked = scopes.split(request.get("scope"))
    if not set(asked) <= set(granted):
        raise InvalidScope(
            "A requested scope was not granted.",
            detail=f"granted are {granted}",
            rule="scope_not_granted",
            compared={"sent": scopes.join(asked), "granted": scopes.join(granted)},
        )
    return asked or granted


def _from_dot(presented: str, request: TokenRequest, client: Client) -> Authorized:
    """A refresh token of django-oauth-toolkit is spent once and answered with a pair of ours."""
    old = dot_token.find_refresh_token(presented)
    if old is None or old.application_id != client.application_id:
        raise InvalidGrant(
            _REFUSED, detail="neither ours nor django-oauth-toolkit's for this client", rule="refresh_token_unknown"
        )
    if old.user is None or not old.user.is_active:
        raise InvalidGrant(_REFUSED, detail="the user is not active", rule="user_not_active")
    _check_person(client, old.user)
    if client.tokens_not_before is not None and old.created < client.tokens_not_before:
        raise InvalidGrant(_REFUSED, detail="issued before the client's tokens_not_before", rule="too_old_for_client")
    granted = scopes.split(old.access_token.scope if old.access_token else "")
    granted = granted or tuple(client.default_scopes)
    narrowed = _scopes(request, granted=granted)
    authorization_details.refuse(request.get(authorization_details.PARAMETER))
    if old.revoked is not None or not dot_token.spend_refresh_token(old):
        raise InvalidGrant(
            _REFUSED,
            detail="the django-oauth-toolkit refresh token was used or revoked before",
            rule="refresh_token_used",
        )
    grant = Grant.objects.create(
        id=uuid.uuid4(),
        client=client,
        user=old.user,
        subject=str(old.user.pk),
        scopes=list(granted),
        grant_type=GrantType.REFRESH_TOKEN,
        expires_at=lifetimes.grant_ends(client),
        last_used_at=Now(),
        last_used_address=request.source.address,
        user_agent=request.source.user_agent,
    )
    grant.refresh_from_db(fields=["last_used_at"])
    return Authorized(
        client=client,
        scopes=narrowed,
        audience=allowed.audience(client, request.resources),
        grant=grant,
        user=old.user,
        subject=grant.subject,
        with_id_token=scopes.OPENID in narrowed,
        refresh_token=refresh.start(grant, client=client),
        audit={"from": "django-oauth-toolkit"},
    )

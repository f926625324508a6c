"""What an access token stands for, in one statement: its grant, user and client, and whether it still holds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Value
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from oauth_provider import credentials
from oauth_provider.conf import conf
from oauth_provider.keys import signing
from oauth_provider.models import AccessToken, Client, Grant, RevokedToken, dot_token, unread
from oauth_provider.models.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.contrib.auth.models import AbstractBaseUser

# RFC 9068 §2.1.
ACCESS_TOKEN_TYP = "at+jwt"


def _is_revoked(revocation: str) -> Exists:
    return Exists(RevokedToken.objects.filter(digest=Value(revocation)))


_CLIENT = Prepared(
    lambda client_id, revocation: (
        Client.objects.select_related("application", "service_account")
        .defer(*unread.of_client())
        .annotate(token_is_revoked=_is_revoked(revocation))
        .filter(application__client_id=client_id)
    ),
    {"client_id": "?client_id", "revocation": "?revocation"},
)


def _grant(*, for_userinfo: bool) -> Prepared[Grant]:
    return Prepared(
        lambda grant_id, revocation: (
            Grant.objects.select_related("user", "client", "client__application")
            .defer(*unread.of_grant_and_client(for_userinfo=for_userinfo, grant="", client="client__"))
            .annotate(token_is_revoked=_is_revoked(revocation))
            .filter(pk=grant_id)
        ),
        {"grant_id": uuid.UUID(int=0), "revocation": "?revocation"},
    )


_GRANT = {for_userinfo: _grant(for_userinfo=for_userinfo) for for_userinfo in (False, True)}


class TokenNotLive(Exception):
    """A token that is not live; `reason` may be told, `detail` is for the operator.

    `reason` is one of `malformed`, `unknown`, `expired`, `revoked`; `about` names client, subject and grant of a
    token that is ours all the same, as far as they were read.
    """

    def __init__(self, reason: str, detail: str, *, about: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.about = dict(about or {})


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A verified access token of ours (or of django-oauth-toolkit, read until it expires)."""

    client: Client
    user: AbstractBaseUser | None
    subject: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    grant: Grant | None = None
    jti: str = ""
    auth_time: datetime | None = None
    claims: dict[str, Any] | None = None
    opaque: AccessToken | None = None
    dot: Any = None


def find_access_token(value: str, *, check_state: bool = True, for_userinfo: bool = False) -> LiveToken:
    """The live access token of this value; raises TokenNotLive. One statement; one more for a DOT token.

    Without `check_state` a JWT is believed until it expires and costs no statement; its client and user are read
    when somebody looks at them. `for_userinfo` reads along what only userinfo looks at.
    """
    if signing.looks_like_jwt(value):
        return _from_jwt(value, check_state=check_state, for_userinfo=for_userinfo)
    if credentials.is_kind(value, credentials.Kind.ACCESS_TOKEN):
        return _from_opaque(value, for_userinfo=for_userinfo)
    if credentials.is_ours(value):
        raise TokenNotLive("malformed", "our prefix, but another kind or wrong check signs")
    found = dot_token.find_access_token(value)
    if found is None:
        raise TokenNotLive("unknown", "neither ours nor django-oauth-toolkit's")
    return _from_dot(found)


def _from_jwt(value: str, *, check_state: bool, for_userinfo: bool = False) -> LiveToken:
    try:
        claims = signing.verify(value, typ=ACCESS_TOKEN_TYP, audience=None)
    except signing.Expired as error:
        raise TokenNotLive("expired", str(error), about=_about(error.claims)) from error
    except signing.NotVerified as error:
        raise TokenNotLive("unknown", str(error)) from error
    issued_at = datetime.fromtimestamp(claims["iat"], UTC)
    try:
        client, grant, user = (
            _read_state(claims, issued_at, for_userinfo=for_userinfo) if check_state else _lazy_state(claims, issued_at)
        )
    except TokenNotLive as error:
        raise TokenNotLive(error.reason, error.detail, about=_about(claims)) from error
    audience = claims["aud"]
    auth_time = claims.get("auth_time")
    return LiveToken(
        client=client,
        user=user,
        subject=str(claims["sub"]),
        scopes=still_granted(str(claims.get("scope", "")).split(), grant=grant if check_state else None),
        audience=(audience,) if isinstance(audience, str) else tuple(audience),
        issued_at=issued_at,
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        grant=grant,
        jti=str(claims.get("jti", "")),
        auth_time=datetime.fromtimestamp(auth_time, UTC) if auth_time is not None else None,
        claims=dict(claims),
    )


def _about(claims: Mapping[str, Any]) -> dict[str, str]:
    """Whose token it was, by what it says itself: an answer that is no costs no further statement."""
    names = {"client_id": "client_id", "sub": "subject", "grant_id": "grant_id"}
    return {told: str(claims[name])[:255] for name, told in names.items() if name in claims}


def jti_digest(jti: str) -> str:
    """What RevokedToken keeps of a `jti`."""
    return credentials.digest(f"jti\x00{jti}")


def _read_state(
    claims: signing.VerifiedClaims, issued_at: datetime, *, for_userinfo: bool = False
) -> tuple[Client, Grant | None, AbstractBaseUser | None]:
    client, grant = _state_of(claims, for_userinfo=for_userinfo)
    _check_alive(client, grant, issued_at)
    return client, grant, grant.user if grant is not None else client.service_account


def _lazy_state(
    claims: signing.VerifiedClaims, issued_at: datetime
) -> tuple[Client, Grant | None, AbstractBaseUser | None]:
    """What `_read_state` would read, read at first sight; a machine has no service account then."""

    def look() -> tuple[Client, Grant | None]:
        try:
            client, grant, _user = _read_state(claims, issued_at)
        except TokenNotLive as error:
            # Found out in the middle of a view: answered 403, as 401 is too late.
            raise PermissionDenied(error.detail) from error
        return client, grant

    if claims.get("grant_id") is None:
        return cast("Client", SimpleLazyObject(lambda: look()[0])), None, None
    grant = cast("Grant", SimpleLazyObject(lambda: look()[1]))
    client = cast("Client", SimpleLazyObject(lambda: grant.client))
    return client, grant, cast("AbstractBaseUser", SimpleLazyObject(lambda: grant.user))


def _state_of(claims: signing.VerifiedClaims, *, for_userinfo: bool) -> tuple[Client, Grant | None]:
    """Client and grant of a verified JWT, unless it was revoked by itself; one statement."""
    revocation = jti_digest(str(claims.get("jti", "")))
    grant_id = claims.get("grant_id")
    if grant_id is None:
        client: Any = _CLIENT.first(
            Client.objects.db, client_id=str(claims.get("client_id", "")), revocation=revocation
        )
        if client is None:
            raise TokenNotLive("revoked", "the client no longer exists")
        if client.token_is_revoked:
            raise TokenNotLive("revoked", "this token was revoked")
        return client, None
    prepared = _GRANT[for_userinfo]
    grant: Any = prepared.first(Grant.objects.db, grant_id=uuid.UUID(str(grant_id)), revocation=revocation)
    if grant is None:
        raise TokenNotLive("revoked", "the grant no longer exists")
    if grant.token_is_revoked:
        raise TokenNotLive("revoked", "this token was revoked")
    return grant.client, grant


def _from_opaque(value: str, *, for_userinfo: bool = False) -> LiveToken:
    row = AccessToken.objects.find(credentials.digest(value), for_userinfo=for_userinfo)
    if row is None:
        raise TokenNotLive("unknown", "well formed, but not stored: never issued or cleaned up after expiry")
    try:
        return _from_row(row)
    except TokenNotLive as error:
        about = {"client_id": row.client.client_id, "subject": _subject_of(row)}
        if row.grant_id is not None:
            about["grant_id"] = str(row.grant_id)
        raise TokenNotLive(error.reason, error.detail, about=about) from error


def _subject_of(row: AccessToken) -> str:
    return row.grant.subject if row.grant is not None else row.client.client_id


def _from_row(row: AccessToken) -> LiveToken:
    if row.expires_at <= row.database_now:
        raise TokenNotLive("expired", "the token has expired")
    if row.revoked_at is not None:
        raise TokenNotLive("revoked", "this token was revoked")
    user = row.acts_for()
    _check_alive(row.client, row.grant, row.issued_at)
    return LiveToken(
        client=row.client,
        user=user,
        subject=_subject_of(row),
        scopes=still_granted(row.scopes, grant=row.grant),
        audience=tuple(row.audience),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        grant=row.grant,
        auth_time=row.grant.auth_time if row.grant is not None else None,
        opaque=row,
    )


def _from_dot(row: Any) -> LiveToken:
    client = dot_token.client_of(row)
    if client is None:
        raise TokenNotLive("revoked", "its Application has no Client; run oauth_adopt")
    try:
        return _from_dot_row(row, client)
    except TokenNotLive as error:
        raise TokenNotLive(error.reason, error.detail, about={"client_id": client.client_id}) from error


def _from_dot_row(row: Any, client: Client) -> LiveToken:
    if row.expires is None or row.expires <= timezone.now():
        raise TokenNotLive("expired", "the django-oauth-toolkit token has expired")
    _check_alive(client, None, row.created)
    if row.user is not None and not row.user.is_active:
        raise TokenNotLive("revoked", "the user is not active")
    return LiveToken(
        client=client,
        user=row.user or client.service_account,
        subject=str(row.user_id) if row.user_id else client.client_id,
        scopes=tuple(row.scope.split()),
        audience=tuple(row.resource) or (conf.ISSUER,),
        issued_at=row.created,
        expires_at=row.expires,
        dot=row,
    )


def still_granted(scopes: Iterable[str], *, grant: Grant | None) -> tuple[str, ...]:
    """What the token carries, less what its person has taken away since it was issued."""
    return tuple(scopes) if grant is None else tuple(scope for scope in scopes if scope in grant.scopes)


def _check_alive(client: Client, grant: Grant | None, issued_at: datetime) -> None:
    """RS6: what ends a token without touching it. `iat` has whole seconds, so the borders are floored too."""
    if not client.is_active:
        raise TokenNotLive("revoked", f"the client is {client.status}")
    for border in (client.tokens_not_before, conf.TOKENS_NOT_BEFORE):
        if border is not None and issued_at < border.replace(microsecond=0):
            raise TokenNotLive("revoked", "issued before tokens_not_before")
    if grant is None:
        return
    if grant.revoked_at is not None:
        raise TokenNotLive("revoked", f"the grant was revoked: {grant.revoked_reason}")
    if not grant.user.is_active:
        raise TokenNotLive("revoked", "the user is not active")

"""Authenticating a client: one statement, one wording for every failure, one operator line with the cause."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from django.contrib.auth.hashers import check_password, identify_hasher

from oauth_provider import credentials, limits, refused
from oauth_provider.client_auth import METHODS
from oauth_provider.clients import known, usage
from oauth_provider.conf import conf
from oauth_provider.errors import (
    AuthenticationFailed,
    InvalidRequest,
    ProtocolError,
    TooManyFailures,
    UnauthorizedClient,
)
from oauth_provider.models import Client, ClientOrigin, ClientSecret
from oauth_provider.values import AuthMethod, Event, Profile, TokenRequest

if TYPE_CHECKING:
    from oauth_provider.client_auth.presented import Presented

logger = logging.getLogger("oauth_provider.client_auth")

# A secret of another system is kept as our digest only when it is as long as 128 random bits (security 4.1).
_LONG_SECRET = 22
_EITHER = f"{AuthMethod.CLIENT_SECRET_BASIC.value} {AuthMethod.CLIENT_SECRET_POST.value}"
_HASH_PREFIXES = ("pbkdf2_", "argon2", "bcrypt", "scrypt", "sha256$")


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why a client is refused, for the operator."""

    detail: str
    rule: str
    compared: Mapping[str, str]


def authenticate(request: TokenRequest) -> Client:
    """The client that sent this request; raises InvalidClient, TooManyFailures or InvalidRequest.

    Every method offered is counted before one is chosen: two in one request are an error even if one of them
    would be right (RFC 6749 §2.3; CA2).
    """
    used = [method for method in METHODS if method.is_used_by(request)]
    if len(used) > 1:
        raise InvalidRequest(
            "Use one way of client authentication, not two.",
            rule="two_auth_methods",
            compared={"sent": " ".join(method.name.value for method in used)},
        )
    presented = used[0].read(request)
    has_secret = presented.method != AuthMethod.NONE
    client = known.find(presented.client_id, credentials.digest(presented.secret) if has_secret else "")
    cause = _find_cause(client, presented, request)
    if client is None or cause is not None:
        _refuse(presented, request, cause or _unknown(presented))
    _check_origin(client, request)
    usage.note(client, client.secret_id if has_secret else None, address=request.source.address)
    return client


def claimed(request: TokenRequest) -> str:
    """The client a refused request says it comes from, unproved; empty when it does not say."""
    method = next(method for method in METHODS if method.is_used_by(request))
    try:
        return method.read(request).client_id
    except ProtocolError:
        return request.get("client_id") or ""


def _find_cause(client: Client | None, presented: Presented, request: TokenRequest) -> _Cause | None:
    """Why the client is refused; None when it is not."""
    if client is None:
        # Not looked up: an unknown client must cost what a wrong secret costs (C29).
        return _unknown(presented)
    if not client.is_active:
        return _Cause(f"the client is {client.status}", rule="client_not_active", compared={"status": client.status})
    if not _fits(client, presented.method):
        return _Cause(
            f"it used {presented.method.value!r}, registered is {client.auth_method!r}",
            rule="auth_method",
            compared={"sent": presented.method.value, "registered": client.auth_method or _EITHER},
        )
    if presented.method == AuthMethod.NONE:
        return None
    hint = presented.secret[-4:]
    if client.secret_id is None:
        return None if _is_imported_secret(client, presented, request) else _why_wrong(presented.secret)
    if client.secret_revoked_at is not None:
        return _Cause(f"the secret ending in {hint} was revoked", rule="secret_revoked", compared={"sent": f"…{hint}"})
    if client.secret_expires_at is not None and client.secret_expires_at <= client.database_now:
        return _Cause(f"the secret ending in {hint} has expired", rule="secret_expired", compared={"sent": f"…{hint}"})
    return None


def _unknown(presented: Presented) -> _Cause:
    return _Cause(
        "no client has this id; if an Application of django-oauth-toolkit has, run `manage.py oauth_adopt`",
        rule="client_unknown",
        compared={"sent": presented.client_id},
    )


def _fits(client: Client, method: AuthMethod) -> bool:
    """CA2: a client that names its method is strict; one that names none may use header or body."""
    if client.auth_method == AuthMethod.ANY_SECRET:
        return method in {AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST}
    return client.auth_method == method


def _is_imported_secret(client: Client, presented: Presented, request: TokenRequest) -> bool:
    """Whether the secret is the one django-oauth-toolkit keeps; verified by its hasher, then kept as our digest."""
    stored = client.application.client_secret
    if client.profile != Profile.IMPORTED or not stored or client.registration_source != "dot":
        return False
    # A password hash costs a quarter of a second: never for an address that keeps guessing (CA3), nor once our
    # digest stands for the right value, nor once the hash was rotated out.
    if limits.failures(_limit_key(presented, request)) >= conf.SECRET_FAILURES_PER_MINUTE:
        return False
    if not ClientSecret.objects.may_verify_stored_hash(client):
        return False
    try:
        identify_hasher(stored)
        is_right = check_password(presented.secret, stored)
    except ValueError:
        is_right = hmac.compare_digest(presented.secret.encode(), stored.encode())
    if is_right and len(presented.secret) >= _LONG_SECRET:
        ClientSecret.objects.take_over(client, presented.secret)
    return is_right


def _refuse(presented: Presented, request: TokenRequest, cause: _Cause) -> NoReturn:
    logger.warning(
        "invalid_client: client_id=%r address=%s request_id=%s: %s",
        credentials.mask(presented.client_id)[:100],
        request.source.address,
        request.source.request_id,
        cause.detail,
    )
    if limits.count_failure(_limit_key(presented, request)) > conf.SECRET_FAILURES_PER_MINUTE:
        # A flood fills the log, which is rotated, but not the table of events.
        raise TooManyFailures(
            "Too many failures; try later.",
            detail=cause.detail,
            rule="too_many_failures",
            retry_after=limits.seconds_left(),
        )
    error = AuthenticationFailed(
        "Client authentication failed.", detail=cause.detail, rule=cause.rule, compared=cause.compared
    )
    refused.record(
        Event.CLIENT_AUTHENTICATION_FAILED,
        error,
        client_id=presented.client_id,
        source=request.source,
        detail={"method": presented.method.value},
    )
    raise error


def _limit_key(presented: Presented, request: TokenRequest) -> str:
    """Per client and address: a flood from elsewhere never locks out the right client (C27)."""
    return credentials.digest(f"{presented.client_id}\x00{request.source.address}")


def _why_wrong(secret: str) -> _Cause:
    if secret.startswith(_HASH_PREFIXES):
        return _Cause("this looks like a stored hash, not like a secret", rule="secret_is_hash", compared={})
    hint = secret[-4:]
    return _Cause(
        f"no secret of the client has this value (it ends in {hint!r})",
        rule="secret_wrong",
        compared={"sent": f"…{hint}"},
    )


def _check_origin(client: Client, request: TokenRequest) -> None:
    """AS21: a browser app calls from an origin its client registered; other clients send no Origin."""
    origin = request.origin
    if origin is None or origin == conf.ISSUER or conf.ISSUER.startswith(f"{origin}/"):
        return
    if not ClientOrigin.objects.belongs_to(client, origin[:255]):
        raise UnauthorizedClient(
            "This origin is not registered for the client.",
            detail=f"Origin: {origin[:200]}",
            rule="origin_not_registered",
            compared={"sent": origin},
        )

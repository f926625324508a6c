"""Tokens of our own issuer (and of django-oauth-toolkit until they expire): looked up, made an `Access`."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, cast

from django.core.exceptions import ValidationError
from django.utils.functional import SimpleLazyObject

from oauth_provider import credentials
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidToken
from oauth_provider.keys import signing, store
from oauth_provider.resource_server.access import Access, TokenKind
from oauth_provider.resource_server.user import for_app
from oauth_provider.tokens import lookup
from oauth_provider.tokens.actor import actor_of
from oauth_provider.tokens.limited import targets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.tokens.lookup import LiveToken


def verify(value: str, *, check_state: bool | None = None, for_userinfo: bool = False) -> Access:
    """The access behind this value; raises InvalidToken. One statement; two for a token of DOT's.

    `check_state` says whether a JWT's grant, user and client are looked at; the default is what JWT_STATE_CHECK says.
    `for_userinfo` fills `requested_claims`.
    """
    checks = conf.JWT_STATE_CHECK != "never" if check_state is None else check_state
    try:
        token = lookup.find_access_token(value, check_state=checks, for_userinfo=for_userinfo)
    except lookup.TokenNotLive as error:
        raise InvalidToken(_reason(error, value=value), detail=error.detail, about=error.about) from error
    except (TypeError, ValueError, LookupError, OverflowError, ValidationError) as error:
        # RS3: signed by us, and still claims of a form we never write.
        raise InvalidToken("malformed", detail=f"claims: {type(error).__name__}") from error
    scopes = frozenset(token.scopes)
    return Access(
        client=token.client,
        client_id=str(token.claims.get("client_id", "")) if token.claims is not None else token.client.client_id,
        user=_user_of(token, scopes=scopes, is_lazy=not checks and token.claims is not None),
        subject=token.subject,
        scopes=scopes,
        audience=token.audience,
        issued_at=token.issued_at,
        expires=token.expires_at,
        kind=_kind(token),
        issuer=conf.ISSUER,
        is_machine=_is_machine(token),
        auth_time=token.auth_time,
        acr=_acr(token),
        amr=_amr(token),
        actor=actor_of(token, check_state=checks),
        confirmation=_confirmation(token),
        token_id=credentials.digest(value),
        targets=targets_of(token, check_state=checks),
        requested_claims=token.grant.claims if for_userinfo and token.grant is not None else {},
    )


def asks_nobody(value: str) -> bool:
    """Whether `verify` needs no statement for this value: a JWT that is believed until it expires, keys at hand."""
    return conf.JWT_STATE_CHECK == "never" and signing.looks_like_jwt(value) and store.is_at_hand()


def _user_of(token: LiveToken, *, scopes: frozenset[str], is_lazy: bool) -> AbstractBaseUser | None:
    user = token.user
    if user is None:
        return None
    if is_lazy:
        return cast("AbstractBaseUser", SimpleLazyObject(lambda: for_app(user, scopes=scopes)))
    if not user.is_active:
        about = {"client_id": token.client.client_id, "subject": token.subject}
        raise InvalidToken("revoked", detail="the user or service account is not active", about=about)
    return for_app(user, scopes=scopes)


def _reason(error: lookup.TokenNotLive, *, value: str) -> str:
    if error.reason != "unknown" or not signing.looks_like_jwt(value):
        return error.reason
    issuer = _issuer_of(value)
    if issuer is None:
        return "malformed"
    return "unknown" if issuer == conf.ISSUER else "other_issuer"


def _issuer_of(value: str) -> str | None:
    """The `iss` a refused JWT claims, to word the refusal; None when it cannot be read. Decides nothing."""
    payload = value.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None


def _acr(token: LiveToken) -> str:
    if token.claims is not None:
        return str(token.claims.get("acr", ""))
    return token.grant.acr if token.grant is not None else ""


def _amr(token: LiveToken) -> tuple[str, ...]:
    if token.claims is None:
        return () if token.grant is None else tuple(token.grant.amr)
    claimed = token.claims.get("amr")
    return tuple(filter(_is_text, claimed)) if isinstance(claimed, list) else ()


def _confirmation(token: LiveToken) -> Mapping[str, str]:
    """RFC 7800; whatever it is, the token is not for everybody who has it."""
    claims = token.claims or {}
    if "cnf" not in claims:
        return {}
    confirmation = claims["cnf"]
    is_understood = isinstance(confirmation, dict) and confirmation and all(map(_is_text, confirmation.values()))
    return confirmation if is_understood else {"": "no object of strings"}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _kind(token: LiveToken) -> TokenKind:
    if token.claims is not None:
        return TokenKind.JWT
    return TokenKind.DOT if token.dot is not None else TokenKind.OPAQUE


def _is_machine(token: LiveToken) -> bool:
    """RS10: whether the client acts for itself, service account or not."""
    if token.dot is not None:
        return token.dot.user_id is None
    return token.grant is None

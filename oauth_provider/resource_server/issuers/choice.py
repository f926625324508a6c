"""Whose token is it? Of a JWT its `iss` says, which nobody has verified yet: it chooses who will, and nothing else."""

from __future__ import annotations

from oauth_provider import credentials, features
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidToken
from oauth_provider.keys import foreign
from oauth_provider.resource_server.issuers.trusted import TrustedIssuer, trusted

_PARTS_OF_JWE = 5


def issuer_of(value: str) -> TrustedIssuer | None:
    """The trusted issuer that has to verify this token; None: this site itself. Raises InvalidToken."""
    others = trusted()
    if not others:
        return None
    if foreign.looks_like_jwt(value):
        return _of_jwt(value)
    if features.issues_tokens() and credentials.is_ours(value):
        return None
    asked = next((one for one in others.values() if one.introspection and not one.introspection.for_jwts), None)
    if asked is not None:
        return asked
    if features.issues_tokens() and not _is_encrypted(value):
        return None  # django-oauth-toolkit's are opaque, too
    raise InvalidToken("unknown", detail=_why_not(value))


def _is_encrypted(value: str) -> bool:
    """Whether it is a JWE (RFC 7516 §3.1), which nobody here can read and nobody here makes."""
    return value.startswith("eyJ") and value.count(".") == _PARTS_OF_JWE - 1


def _of_jwt(value: str) -> TrustedIssuer | None:
    others = trusted()
    try:
        _header, claims = foreign.claimed(value)
        issuer = claims.get("iss")
    except (ValueError, RecursionError, foreign.NotVerified) as error:
        raise InvalidToken("malformed", detail=f"its claims cannot be read: {type(error).__name__}") from error
    if not isinstance(issuer, str):
        raise InvalidToken("malformed", detail="its iss is no string")
    if issuer in others:
        return others[issuer]
    if features.issues_tokens() and issuer == conf.ISSUER:
        return None
    raise InvalidToken("other_issuer", detail=_not_among(issuer))


def _not_among(issuer: str) -> str:
    """What an operator has to write, most often."""
    said = f"iss is {issuer[:200]!r}, which is not in TRUSTED_ISSUERS"
    near = next((one for one in trusted() if one.rstrip("/") == issuer.rstrip("/")), None)
    if near is not None:
        return f"{said}; {near!r} is: they differ in the slash at the end"
    return said


def _why_not(value: str) -> str:
    kind = "an encrypted JWT" if _is_encrypted(value) else "opaque"
    said = f"it is {kind}, and no trusted issuer has introspection"
    hints = dict.fromkeys(one.preset.opaque for one in trusted().values() if one.preset.opaque)
    return ". ".join((said, *hints))

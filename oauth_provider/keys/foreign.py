"""Verifying JWTs of other issuers: the algorithm pinned by the site's settings and by the key (RFC 8725 §3.1).

Keys come from the issuer's JWK set, which `read_key_set` reads; how that was fetched is nobody's business here. The
header chooses among those keys by `kid` and has no other say: `jwk`, `jku` and `x5u` are never looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

import jwt
from jwt.algorithms import get_default_algorithms

from oauth_provider.conf import conf
from oauth_provider.keys.signing import MAX_JWT_LENGTH, NotVerified, VerifiedClaims, claimed, looks_like_jwt

__all__ = ["ALGORITHMS", "Expired", "KeySet", "NotVerified", "UnknownKey", "Unreadable", "claimed", "looks_like_jwt"]

# JW6; above, one verification takes long enough to be an attack.
_RSA_BITS = range(2048, 8193)
_MOST_KEYS = 64


@dataclass(frozen=True, slots=True)
class _Suits:
    """The keys an algorithm goes with: `kty`, and `crv` where there are several."""

    kty: str
    crv: str = ""


# Asymmetric ones only: with a shared secret whoever verifies could also sign, and a public key taken for such a
# secret (RFC 8725 §2.1) finds nothing here that would take it.
ALGORITHMS: Mapping[str, _Suits] = MappingProxyType(
    {
        "RS256": _Suits("RSA"),
        "RS384": _Suits("RSA"),
        "RS512": _Suits("RSA"),
        "PS256": _Suits("RSA"),
        "PS384": _Suits("RSA"),
        "PS512": _Suits("RSA"),
        "ES256": _Suits("EC", "P-256"),
        "ES384": _Suits("EC", "P-384"),
        "ES512": _Suits("EC", "P-521"),
        "EdDSA": _Suits("OKP", "Ed25519"),
    }
)


class Unreadable(ValueError):
    """A JWK set, or a key in one, that is not as it should be; the message is for the operator."""


class Expired(NotVerified):
    """The signature is the issuer's, and the token is over."""


class UnknownKey(NotVerified):
    """No key of the set has the token's `kid`: the issuer may have a new one."""


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str | None
    algorithms: frozenset[str]
    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys of one JWK set, each parsed once; `left_out` says of the others why (for the operator)."""

    keys: tuple[_Key, ...]
    left_out: tuple[str, ...] = ()

    def find(self, kid: object, alg: str) -> _Key | None:
        """The key of this id for this algorithm; without an id the only one for the algorithm (RFC 7515 §4.1.4)."""
        suiting = [key for key in self.keys if alg in key.algorithms]
        if kid is None:
            return suiting[0] if len(suiting) == 1 else None
        return next((key for key in suiting if key.kid == kid), None)


def read_key_set(document: bytes) -> KeySet:
    """The keys of a JWK set (RFC 7517 §5) that may verify signatures; raises Unreadable when it is none.

    A key for another `use`, a short one, a secret one or one that cannot be read is left out: the others still count.
    """
    try:
        members = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is no JSON: {type(error).__name__}") from error
    listed = members.get("keys") if isinstance(members, dict) else None
    if not isinstance(listed, list):
        raise Unreadable("it has no list of keys (RFC 7517 §5)")
    keys, left_out = [], []
    for jwk in listed[:_MOST_KEYS]:
        try:
            keys.append(_read_key(jwk))
        except (ValueError, TypeError, KeyError, RecursionError, jwt.PyJWTError) as error:
            kid = jwk.get("kid") if isinstance(jwk, dict) else None
            left_out.append(f"{str(kid)[:64]!r}: {error}")
    return KeySet(tuple(keys), tuple(left_out))


def _read_key(jwk: object) -> _Key:
    if not isinstance(jwk, dict):
        raise Unreadable("it is no object")
    if "d" in jwk or "k" in jwk:
        raise Unreadable("it is a private or secret key, which everybody knows by now")
    # RFC 7517 §4.2, §4.3: a key for encryption verifies nothing.
    if jwk.get("use", "sig") != "sig":
        raise Unreadable(f"its use is {jwk['use']!r}")
    operations = jwk.get("key_ops")
    if operations is not None and (not isinstance(operations, list) or "verify" not in operations):
        raise Unreadable("its key_ops have no verify")
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise Unreadable("its kid is no string")
    names = [name for name, suits in ALGORITHMS.items() if _fits(jwk, suits) and jwk.get("alg", name) == name]
    if not names:
        shown = {name: jwk.get(name) for name in ("kty", "crv", "alg") if name in jwk}
        raise Unreadable(f"no algorithm goes with {shown}")
    parse = cast("Callable[[dict[str, Any]], Any]", get_default_algorithms()[names[0]].from_jwk)
    value = parse(jwk)
    if jwk["kty"] == "RSA" and value.key_size not in _RSA_BITS:
        raise Unreadable(f"{value.key_size} bits are not between {_RSA_BITS[0]} and {_RSA_BITS[-1]}")
    return _Key(kid, frozenset(names), value)


def _fits(jwk: Mapping[str, Any], suits: _Suits) -> bool:
    return jwk.get("kty") == suits.kty and jwk.get("crv", "") == suits.crv


@dataclass(frozen=True, slots=True)
class Header:
    """What a JWT's header may say: which key, which algorithm, which type. Nothing of it is believed."""

    alg: str
    kid: str | None
    typ: str


def read_header(token: str, *, algorithms: Collection[str], typ: Collection[str]) -> Header:
    """The header of a JWT with one of these algorithms and types (`""`: it says none); raises NotVerified."""
    if len(token) > MAX_JWT_LENGTH:
        raise NotVerified("the token is longer than any that is read")
    try:
        members, _claims = claimed(token)
    except (ValueError, RecursionError) as error:
        raise NotVerified(f"its header or claims cannot be read: {type(error).__name__}") from error
    # RFC 7515 §4.1.11: none of these extensions is understood here. RFC 7797: `b64` is one of them.
    if "crit" in members:
        raise NotVerified("its header has crit")
    alg, kid, given = members.get("alg"), members.get("kid"), members.get("typ", "")
    if not isinstance(alg, str) or alg not in algorithms or alg not in ALGORITHMS:
        raise NotVerified(f"its alg is {alg!r}, allowed is {', '.join(sorted(algorithms))}")
    said = str(given).lower().removeprefix("application/")
    if said not in typ:
        raise NotVerified(f"its header says typ={given!r}, wanted is {' or '.join(name or 'none' for name in typ)}")
    if kid is not None and not isinstance(kid, str):
        raise NotVerified("its kid is no string")
    return Header(alg, kid, said)


def verify(token: str, *, header: Header, keys: KeySet, issuer: str) -> VerifiedClaims:
    """The claims of a JWT this issuer signed with one of the keys, and that is valid now by CLOCK_SKEW (RS14).

    `aud` is left to the caller. Raises UnknownKey, Expired or NotVerified.
    """
    key = keys.find(header.kid, header.alg)
    if key is None:
        raise UnknownKey(f"the issuer has no key with kid={header.kid!r} for {header.alg}")
    try:
        claims = jwt.decode(
            token,
            key.value,
            algorithms=[header.alg],
            issuer=issuer,
            leeway=conf.CLOCK_SKEW,
            options={"require": ["iss", "exp", "sub"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise Expired("it has expired") from error
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError, KeyError) as error:
        raise NotVerified(f"{type(error).__name__}: {error}") from error
    return VerifiedClaims(claims)

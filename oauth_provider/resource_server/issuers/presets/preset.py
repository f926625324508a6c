"""Preset: what is different from vendor to vendor, as data and short functions over verified claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oauth_provider.resource_server.issuers.claims import Claims, audiences, names, text

Question = Callable[[Claims], bool]
# From the claims and the `typ` of the header to what is wrong, for the operator; empty when nothing is.
Objection = Callable[[Claims, str], str]

ACCESS_TOKEN_TYP = "at+jwt"
ID_TOKEN = "this is an ID token; let the app send the access token"
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash")


def looks_like_id_token(claims: Claims, typ: str) -> str:
    """The objection to claims that only ID tokens have (OpenID Connect Core §2), or to an `aud` that is the client.

    None to a token that calls itself an access token (RFC 9068 §2.1).
    """
    if typ == ACCESS_TOKEN_TYP:
        return ""
    if any(name in claims for name in _OF_ID_TOKENS):
        return ID_TOKEN
    client_id = text(claims, "client_id", "azp")
    return ID_TOKEN if client_id and audiences(claims) == (client_id,) else ""


def scope_claim(claims: Claims) -> tuple[str, ...]:
    """The scopes in `scope` (RFC 9068 §2.2.3)."""
    return names(claims.get("scope"))


def client_id_claim(claims: Claims) -> str:
    """The app, in `client_id` (RFC 9068 §2.2) or `azp`."""
    return text(claims, "client_id", "azp")


def no_roles(_: Claims) -> tuple[str, ...]:
    """A vendor that has no roles of its own."""
    return ()


def plain_form(_: str) -> str:
    """Any https URL."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One vendor. `typ` are the `typ` of its access tokens' headers, in lower case; `""` stands for none.

    `object_to` says what is wrong with claims whose signature is good (an ID token, say), `object_to_issuer` what is
    wrong with an issuer's URL; `has_audience` whether its access tokens carry `aud`; `permissions` whether a claim
    `permissions` counts as scopes unless the site says otherwise; `no_audience`, `wrong_audience` and `opaque` are
    what an operator is told besides.
    """

    name: str
    typ: tuple[str, ...]
    algorithms: tuple[str, ...] = ("RS256",)
    has_audience: bool = True
    permissions: bool = False
    client_id: Callable[[Claims], str] = client_id_claim
    scopes: Callable[[Claims], tuple[str, ...]] = scope_claim
    roles: Callable[[Claims], tuple[str, ...]] = no_roles
    is_machine: Question
    object_to: Objection = looks_like_id_token
    object_to_issuer: Callable[[str], str] = plain_form
    no_audience: str = ""
    wrong_audience: str = ""
    opaque: str = ""

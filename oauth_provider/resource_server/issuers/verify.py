"""From a token of a trusted issuer to an `Access`: for this audience, of these clients, with these scopes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.errors import InvalidToken, IssuerUnavailable
from oauth_provider.keys import foreign
from oauth_provider.resource_server.access import Access, ForeignClient, TokenKind
from oauth_provider.resource_server.issuers import introspection, jwt
from oauth_provider.resource_server.issuers.claims import Claims, at, audiences, members, moment, names, text
from oauth_provider.resource_server.user import for_app

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.resource_server.issuers.trusted import TrustedIssuer

logger = logging.getLogger("oauth_provider.resource_server")


def verify(value: str, issuer: TrustedIssuer, *, resource: str | None) -> Access:
    """The access behind this value for a view of this resource; raises InvalidToken. No statement of ours."""
    is_jwt = foreign.looks_like_jwt(value)
    claims = _claims(value, issuer, is_jwt=is_jwt)
    token = _Token(claims, issuer)
    token.check_client()
    audience = token.check_audience(resource)
    scopes = token.scopes()
    now = timezone.now()
    expires = moment(claims, "exp")
    if is_jwt and (expires is None or not text(claims, "sub")):
        raise InvalidToken("malformed", detail=f"{issuer.issuer}: its exp is no date, or its sub is empty")
    return Access(
        client=ForeignClient(client_id=token.client_id, issuer=issuer.issuer, name=text(claims, "client_name")),
        client_id=token.client_id,
        user=token.user(scopes),
        subject=token.subject,
        scopes=scopes,
        audience=audience,
        issued_at=moment(claims, "iat") or now,
        expires=expires or now + timedelta(seconds=introspection.NEGATIVE_SECONDS),
        kind=TokenKind.JWT if is_jwt else TokenKind.OPAQUE,
        issuer=issuer.issuer,
        is_machine=token.is_machine,
        auth_time=moment(claims, "auth_time"),
        acr=text(claims, "acr"),
        amr=names(claims.get("amr")),
        actor=members(claims, "act"),
        confirmation=token.confirmation(),
        roles=token.roles(),
        claims=claims,
        token_id=credentials.digest(value),
    )


def asks_nobody(value: str, issuer: TrustedIssuer) -> bool:
    """Whether `verify` needs no network and no function of the site for this value, so that it may run in a loop."""
    is_asked = issuer.introspection is not None and issuer.introspection.for_jwts
    return foreign.looks_like_jwt(value) and not is_asked and issuer.user is None and jwt.asks_nobody(value, issuer)


def _claims(value: str, issuer: TrustedIssuer, *, is_jwt: bool) -> Claims:
    if not is_jwt:
        return introspection.claims_of(value, issuer)
    claims = jwt.verify(value, issuer)
    if issuer.introspection is not None and issuer.introspection.for_jwts:
        # The signature was looked at first: nobody makes us ask about a token the issuer never signed.
        said = introspection.claims_of(value, issuer)
        if said.get("sub", claims["sub"]) != claims["sub"]:
            raise InvalidToken("unknown", detail=f"{issuer.issuer} says it is another subject's")
    return claims


@dataclass(frozen=True, slots=True)
class _Token:
    """Verified claims, and what the site says about their issuer."""

    claims: Claims
    issuer: TrustedIssuer

    @property
    def client_id(self) -> str:
        return self.issuer.preset.client_id(self.claims)

    @property
    def is_machine(self) -> bool:
        return self.issuer.preset.is_machine(self.claims)

    @property
    def subject(self) -> str:
        # RFC 7662 §2.2: an answer about a machine's token may come without.
        return text(self.claims, "sub") or (self.client_id if self.is_machine else "")

    def check_client(self) -> None:
        """Where the site names clients, the token is of one of them."""
        if not self.client_id:
            raise self._refused("unknown", "it says of no client that it is for it")
        if self.issuer.client_ids and self.client_id not in self.issuer.client_ids:
            raise self._refused("wrong_audience", f"its client {self.client_id[:200]!r} is not in `client_id`")

    def check_audience(self, resource: str | None) -> tuple[str, ...]:
        """RS2: the token's `aud`, one of which is this API's; an issuer that writes none has its clients named."""
        given, preset = audiences(self.claims), self.issuer.preset
        if not self.issuer.audience:
            # `mistakes` has seen to it that the site names clients then. What says whom it is for is held to it.
            if "aud" in self.claims:
                raise self._refused("wrong_audience", f"it is for {given}: set `audience` if that is this API")
            return ()
        wanted = self.issuer.audiences_of(resource)
        if not given:
            raise self._refused("wrong_audience", f"it has no aud. {preset.no_audience}".rstrip(". "))
        if wanted.isdisjoint(given):
            said = f"it is for {given}, this is {sorted(wanted)}. {preset.wrong_audience}".rstrip(". ")
            raise self._refused("wrong_audience", said)
        return given

    def scopes(self) -> frozenset[str]:
        """What the token may do here: its scopes, its permissions, and what the site gives its roles."""
        issuer, prefix = self.issuer, self.issuer.scope_prefix
        named = issuer.preset.scopes(self.claims)
        if prefix:
            # What has another prefix, or none, is about another API there.
            named = tuple(name.removeprefix(prefix) for name in named if name.startswith(prefix) and name != prefix)
        allowed = names(self.claims.get("permissions")) if issuer.permissions else ()
        by_role = [scope for role in self.roles() for scope in issuer.role_scopes.get(role, ())]
        return frozenset((*named, *allowed, *by_role))

    def roles(self) -> frozenset[str]:
        """The vendor's roles, or those in the claim the site named. A role is no scope."""
        if self.issuer.roles_from:
            return frozenset(names(at(self.claims, self.issuer.roles_from)))
        return frozenset(self.issuer.preset.roles(self.claims))

    def confirmation(self) -> Mapping[str, Any]:
        """RFC 7800; whatever it is, the token is not for everybody who has it."""
        if "cnf" in self.claims:
            given = members(self.claims, "cnf")
            return (
                given if given and all(isinstance(value, str) for value in given.values()) else {"": "of no known form"}
            )
        return {"": "it has no key"} if text(self.claims, "token_type", "typ").lower() == "dpop" else {}

    def user(self, scopes: frozenset[str]) -> AbstractBaseUser | None:
        """The person the site knows behind the token, if it says so; never for a machine (RS10)."""
        find = self.issuer.user
        if find is None or self.is_machine or not self.subject:
            return None
        try:
            found = find(self.issuer.issuer, self.subject, self.claims)
        except Exception as error:
            # Not a 401: the token is good, and the app would throw it away.
            logger.exception("%s raised: nobody enters", self.issuer.user_function)
            raise IssuerUnavailable(f"{self.issuer.user_function}: {type(error).__name__}") from error
        if found is None:
            return None
        if not found.is_active:
            raise self._refused("revoked", "the user is not active")
        return for_app(found, scopes=scopes)

    def _refused(self, reason: str, why: str) -> InvalidToken:
        return InvalidToken(reason, detail=f"{self.issuer.issuer}: {why}")

"""A pasted JWT: an access token or an ID token of ours, or what it says of itself and why it is not."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from oauth_provider.conf import conf
from oauth_provider.insight import state
from oauth_provider.insight.found import Found, FoundKind, NotFound, State
from oauth_provider.keys import signing
from oauth_provider.models import Client, Grant, SigningKey, Subject
from oauth_provider.tokens import lookup
from oauth_provider.tokens.id_token import TYP as ID_TOKEN_TYP
from oauth_provider.values import SubjectType

if TYPE_CHECKING:
    from collections.abc import Mapping

# RFC 7515 §4.1.9: compared without regard to case.
_ID_TOKEN_TYP = ID_TOKEN_TYP.lower()
# Characters of a stranger's claim on a page.
_SHOWN = 200


def find(value: str) -> Found | NotFound:
    """What the JWT stands for; its signature is checked before anything it says is believed."""
    try:
        return _access_token(
            value, signing.verify(value, typ=lookup.ACCESS_TOKEN_TYP, audience=None, allow_expired=True)
        )
    except signing.NotVerified:
        pass
    try:
        return _id_token(value, signing.verify(value, typ=_ID_TOKEN_TYP, audience=None, allow_expired=True))
    except signing.NotVerified:
        return _why_not(value)


def _access_token(value: str, claims: Mapping[str, Any]) -> Found:
    standing, why, live = state.of_access_token(value)
    client, grant = _whose(claims) if live is None else (live.client, live.grant)
    user = live.user if live is not None else None if grant is None else grant.user
    audience = claims["aud"]
    return Found(
        kind=FoundKind.ACCESS_TOKEN,
        format="JWT",
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=client,
        user=user,
        scopes=lookup.still_granted(str(claims.get("scope", "")).split(), grant=grant),
        audience=(audience,) if isinstance(audience, str) else tuple(map(str, audience)),
        issued_at=_moment(claims["iat"]),
        expires_at=_moment(claims["exp"]),
        last_used_at=None if grant is None else grant.last_used_at,
        grant=grant,
        access_token=live,
    )


def _whose(claims: Mapping[str, Any]) -> tuple[Client | None, Grant | None]:
    """Client and grant, alive or not."""
    try:
        grant_id = uuid.UUID(str(claims["grant_id"]))
    except (KeyError, ValueError):
        return Client.objects.named(str(claims.get("client_id", ""))), None
    grant = Grant.objects.select_related("user", "client", "client__application").filter(pk=grant_id).first()
    return (None, None) if grant is None else (grant.client, grant)


def _id_token(value: str, claims: Mapping[str, Any]) -> Found:
    client = Client.objects.named(str(claims["aud"]))
    expires_at = _moment(claims["exp"])
    return Found(
        kind=FoundKind.ID_TOKEN,
        format="JWT",
        state=State.EXPIRED if expires_at <= timezone.now() else State.LIVE,
        why=_("it says who signed in and opens nothing here"),
        hint=state.hint_of(value),
        client=client,
        user=None if client is None else person(str(claims["sub"]), client=client),
        audience=(str(claims["aud"]),),
        issued_at=_moment(claims["iat"]),
        expires_at=expires_at,
    )


def person(sub: str, *, client: Client) -> Any | None:
    """The user behind a `sub`; None for one that nobody has, or of a machine."""
    if client.subject_type == SubjectType.DOT:
        grant = Grant.objects.select_related("user").filter(client=client, subject=sub).first()
        return None if grant is None else grant.user
    row = Subject.objects.select_related("user").filter(sub=sub).first()
    return None if row is None else row.user


def _why_not(value: str) -> NotFound:
    try:
        header, claims = signing.claimed(value)
    except (signing.NotVerified, ValueError, RecursionError):
        return NotFound(_("It looks like a JWT, but a part of it cannot be read: characters are missing or changed."))
    issuer, kid, typ = (str(said)[:_SHOWN] for said in (claims.get("iss"), header.get("kid"), header.get("typ")))
    says = _("It is a JWT that names the issuer %(issuer)s and the key %(kid)s.") % {"issuer": issuer, "kid": kid}
    if issuer != conf.ISSUER:
        return NotFound(_("%(says)s The issuer of this site is %(own)s.") % {"says": says, "own": conf.ISSUER})
    key = SigningKey.objects.filter(kid=kid).first()
    is_outside = key is None and signing.is_of_signer(kid, str(header.get("alg")))
    if key is None and not is_outside:
        return NotFound(
            _("%(says)s There is no such key here: it was made up, or its key was deleted.") % {"says": says}
        )
    if key is not None and key not in SigningKey.objects.usable():
        return NotFound(
            _("%(says)s Signatures of that key are not accepted any more; it is %(state)s.")
            % {"says": says, "state": key.get_state_display().lower()}
        )
    if typ.lower() not in {lookup.ACCESS_TOKEN_TYP, _ID_TOKEN_TYP}:
        return NotFound(_("%(says)s Its type %(typ)s is none of ours.") % {"says": says, "typ": typ})
    return NotFound(
        _("%(says)s The signature does not fit: a character was changed, or somebody else wrote it.") % {"says": says}
    )


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""`authorization_code`: spend the code in the write that decides, then see what it stood for (RFC 6749 §4.1.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from oauth_provider import credentials
from oauth_provider.clients import allowed, authorization_details
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidGrant, InvalidRequest
from oauth_provider.models import AuthorizationCode, Session
from oauth_provider.models.authorization_code import s256
from oauth_provider.scopes import OPENID
from oauth_provider.tokens import refresh, revoke
from oauth_provider.values import Authorized

if TYPE_CHECKING:
    from typing import NoReturn

    from oauth_provider.models import Client
    from oauth_provider.values import TokenRequest

# RFC 7636 §4.1.
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}", re.ASCII)
# One wording for unknown, expired, used, foreign and unproved.
_REFUSED = "The code is not valid for this client, redirect URI and verifier."


def authorize(request: TokenRequest, client: Client) -> Authorized:
    """What the person allowed when the code was made; runs inside the transaction, its first statement a write."""
    code = request.get("code")
    if code is None:
        raise InvalidRequest("code is missing.", rule="parameter_missing")
    verifier = request.get("code_verifier")
    if verifier is not None and not _VERIFIER.fullmatch(verifier):
        raise InvalidGrant(
            _REFUSED,
            detail="code_verifier is not 43 to 128 unreserved characters (RFC 7636 §4.1)",
            rule="verifier_malformed",
            compared={"sent": f"{len(verifier)} characters"},
        )
    if not credentials.is_kind(code, credentials.Kind.AUTHORIZATION_CODE):
        raise InvalidGrant(
            _REFUSED, detail="not a code of ours: prefix, length or check signs are wrong", rule="code_damaged"
        )
    digest = credentials.digest(code)
    redirect_uri = request.get("redirect_uri")
    spent = AuthorizationCode.objects.spend(digest, client=client, redirect_uri=redirect_uri, verifier=verifier)
    row = AuthorizationCode.objects.find(digest)
    if not spent or row is None:
        _refuse(row, request=request, client=client)
    grant = row.grant
    if grant.revoked_at is not None:
        raise InvalidGrant(
            _REFUSED, detail=f"the grant was revoked before: {grant.revoked_reason}", rule="grant_revoked"
        )
    if not grant.user.is_active:
        raise InvalidGrant(_REFUSED, detail="the user is not active", rule="user_not_active")
    if grant.consent is not None and not grant.consent.still_allows(grant.scopes):
        # A code given without asking rests on an answer that may have been taken back while it was on its way (R14).
        revoke.revoke_grant(grant, reason="consent_withdrawn", source=request.source, client=client)
        raise InvalidGrant(
            _REFUSED, detail="the person has taken the consent back, or a part of it", rule="grant_revoked"
        )
    is_sign_in = OPENID in grant.scopes
    if is_sign_in and grant.sid:
        # From now on the client knows of this session, and is told when it ends.
        Session.objects.note(grant, lifetime=conf.SESSION_LIFETIME)
    return Authorized(
        client=client,
        scopes=tuple(grant.scopes),
        audience=allowed.narrowed_audience(client, request.resources, granted=tuple(grant.resources)),
        grant=grant,
        user=grant.user,
        subject=grant.subject,
        nonce=grant.nonce,
        auth_time=grant.auth_time,
        targets=authorization_details.narrowed(
            request.get(authorization_details.PARAMETER), grant=grant, scopes=grant.scopes, client=client
        ),
        with_id_token=is_sign_in,
        refresh_token=refresh.start(grant, client=client),
    )


def _refuse(row: AuthorizationCode | None, *, request: TokenRequest, client: Client) -> NoReturn:
    """Nothing was spent; read the row to learn why. A code used before ends its grant (RFC 6749 §4.1.2; AS8)."""
    if row is None:
        raise InvalidGrant(
            _REFUSED, detail="no such code: never issued, or cleaned up long after it expired", rule="code_unknown"
        )
    if row.consumed_at is not None:
        revoke.revoke_for_reuse(
            row.grant, client=client, what="authorization_code", seconds=None, source=request.source
        )
        raise InvalidGrant(
            _REFUSED,
            detail="the code was used before; its grant is revoked",
            rule="code_used",
            compared={"first_used": f"{row.consumed_at:%Y-%m-%d %H:%M:%S}"},
        )
    if row.client_id != client.pk:
        raise InvalidGrant(_REFUSED, detail="the code was issued to another client", rule="code_of_another_client")
    if row.is_expired:
        raise InvalidGrant(
            _REFUSED,
            detail="the code has expired",
            rule="code_expired",
            compared={"expired": f"{row.expires_at:%Y-%m-%d %H:%M:%S}"},
        )
    verifier, redirect_uri = request.get("code_verifier"), request.get("redirect_uri")
    if row.code_challenge and verifier is None:
        raise InvalidGrant(_REFUSED, detail="code_verifier is missing", rule="verifier_missing")
    if row.code_challenge != ("" if verifier is None else s256(verifier)):
        raise InvalidGrant(
            _REFUSED, detail="code_verifier is not the one of the authorization request", rule="verifier_wrong"
        )
    raise InvalidGrant(
        _REFUSED,
        detail="redirect_uri is not the one of the authorization request",
        rule="code_redirect_uri",
        compared={"sent": redirect_uri or "", "expected": row.redirect_uri},
    )

"""What the authorization endpoint answers by itself: legacy `token` and `id_token` (OpenID Connect Core §3.2, §3.3).

Everything is of the grant: revoking it ends these tokens as any other. Nothing is kept of them here, and a page that
is loaded again within its minute gets others of the same grant, as a silent request of the same browser would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oauth_provider import scopes as known_scopes
from oauth_provider import targets
from oauth_provider.clients import allowed, response_types
from oauth_provider.conf import conf
from oauth_provider.errors import AccessDenied, UnauthorizedClient, UnsupportedResponseType
from oauth_provider.models import AuditEvent, Session
from oauth_provider.tokens import id_token, issue
from oauth_provider.values import Authorized, Event, GrantType

if TYPE_CHECKING:
    from oauth_provider.clients.response_types import Given
    from oauth_provider.models import Client, Grant
    from oauth_provider.values import Source


def check(grant: Grant, *, client: Client, response_type: str) -> None:
    """Raise the ProtocolError of what has changed since the person decided.

    A code is looked at again where it is redeemed (R14); what is answered here is looked at here.
    """
    if response_types.canonical(response_type) not in response_types.served():
        raise UnsupportedResponseType("This response type is not served any more.", rule="response_type_not_served")
    if not client.is_active or not response_types.may_use(client, response_types.canonical(response_type)):
        raise UnauthorizedClient("This app may not use this response type.", rule="response_type_not_registered")
    is_taken_back = grant.consent is not None and not grant.consent.still_allows(grant.scopes)
    if grant.revoked_at is not None or not grant.user.is_active or is_taken_back:
        raise AccessDenied("What was allowed has been taken back.")


def members(
    grant: Grant, *, client: Client, user: Any, given: Given, code: str, source: Source
) -> dict[str, str]:  # fmt: skip
    """The members of the response beside `state` and `iss`; raises KeyUnavailable. The event is the last statement."""
    if not given.is_front:
        return {"code": code}
    issue.prepare(client, grant_type=GrantType.AUTHORIZATION_CODE)
    with transaction.atomic():
        return _made(grant, client=client, user=user, given=given, code=code, source=source)


def _made(
    grant: Grant, *, client: Client, user: Any, given: Given, code: str, source: Source
) -> dict[str, str]:  # fmt: skip
    authorized = Authorized(
        client=client,
        scopes=tuple(grant.scopes),
        audience=allowed.narrowed_audience(client, (), granted=tuple(grant.resources)),
        grant=grant,
        user=user,
        subject=grant.subject,
        nonce=grant.nonce,
        auth_time=grant.auth_time,
        targets=targets.load(grant.targets),
    )
    found = {"code": code} if given.code else {}
    access_token = None
    if given.token:
        # It has been in an address: for as short a time as any token of a browser.
        access_token, lifetime = issue.mint_access_token(authorized, most=conf.SHORT_ACCESS_TOKEN_LIFETIME)
        found |= {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": str(lifetime),
            "scope": known_scopes.join(authorized.scopes),
        }
    if given.id_token:
        found["id_token"] = id_token.mint(
            authorized, access_token=access_token, code=code if given.code else None,
            # §5.4: nowhere else could this client read what its scopes tell.
            tells_all=not (given.token or given.code),
        )  # fmt: skip
        if grant.sid:
            Session.objects.note(grant, lifetime=conf.SESSION_LIFETIME)
    AuditEvent.objects.record(
        Event.TOKEN_ISSUED, client=client, user=user, grant=grant, source=source,
        detail={"grant_type": response_types.IMPLICIT, "scopes": list(authorized.scopes)},
    )  # fmt: skip
    return found

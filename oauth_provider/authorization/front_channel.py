"""What the authorization endpoint answers by itself: legacy `token` and `id_token` (OpenID Connect Core §3.2, §3.3).

Everything is of the grant: revoking it ends these tokens as any other. Nothing is kept of them here, and a page that
is loaded again within its minute gets others of the same grant, as a silent request of the same browser would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider import scopes as known_scopes
from oauth_provider import targets
from oauth_provider.clients import allowed, response_types
from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent, Session
from oauth_provider.tokens import id_token, issue
from oauth_provider.values import Authorized, Event

if TYPE_CHECKING:
    from oauth_provider.clients.response_types import Given
    from oauth_provider.models import Client, Grant
    from oauth_provider.values import Source


def members(
    grant: Grant, *, client: Client, user: Any, given: Given, code: str, source: Source
) -> dict[str, str]:  # fmt: skip
    """The members of the response beside `state` and `iss`; raises KeyUnavailable. The event is the last statement."""
    if not given.is_front:
        return {"code": code}
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

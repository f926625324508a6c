"""Making a grant and its code: three INSERTs, the audit row last; the caller holds the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from oauth_provider import credentials, targets
from oauth_provider import scopes as known_scopes
from oauth_provider.claims import registry, subject
from oauth_provider.clients import response_types
from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent, AuthorizationCode, Grant
from oauth_provider.models.clock import from_now
from oauth_provider.tokens import lifetimes
from oauth_provider.values import Event, GrantType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth_provider.authorization.authentication_context import Wanted
    from oauth_provider.authorization.parameters import Asked, Viewer
    from oauth_provider.claims.requested import Requested
    from oauth_provider.models import Client, Consent
    from oauth_provider.values import Source


def make(
    client: Client,
    user: Any,
    *,
    scopes: tuple[str, ...],
    audience: tuple[str, ...],
    viewer: Viewer,
    consent: Consent | None,
    used_from: Source,
    nonce: str = "",
    grant_type: GrantType = GrantType.AUTHORIZATION_CODE,
    chosen: Mapping[str, targets.Keys] | None = None,
    claims: Requested | None = None,
    context: Wanted | None = None,
    sub: str | None = None,
    is_offline: bool = True,
) -> Grant:
    """Store what one person allowed one client at this moment; one INSERT (one more at the user's first grant).

    `is_offline`: it is to outlive the session it was made in. A sign-in that is not ends with it.

    `used_from` is the browser that allowed it, or the device that asked. `claims` are those asked for one by one,
    `context` is how the person should have signed in. `sub` is theirs, where it was looked up before.
    """
    return Grant.objects.create(
        client=client,
        user=user,
        consent=consent,
        subject=sub or subject.of(user, client=client),
        scopes=list(scopes),
        resources=list(audience),
        targets=targets.dump(chosen or {}),
        auth_time=viewer.auth_time,
        acr=viewer.acr if context is None else context.told(viewer.acr),
        amr=list(viewer.amr),
        sid=viewer.sid,
        claims={} if claims is None else claims.dump(registry.scopes()),
        ends_with_session=known_scopes.OPENID in scopes and bool(viewer.sid) and not is_offline,
        nonce=nonce,
        grant_type=grant_type,
        expires_at=lifetimes.grant_ends(client),
        last_used_at=timezone.now(),
        last_used_address=used_from.address,
        user_agent=used_from.user_agent,
    )


def is_offline(asked: Asked) -> bool:
    """Whether a request asks for more than this session (OpenID Connect Core §11)."""
    return known_scopes.OFFLINE_ACCESS in known_scopes.split(asked.get("scope"))


def make_code(
    grant: Grant, asked: Asked, *, client: Client, value: str, source: Source, detail: Mapping[str, object]
) -> None:
    """Store the code of a grant and the event that tells of it.

    Where a legacy response type gives no code, its row stands for the decision all the same, spent from the start.
    """
    gives_code = response_types.given_by(asked.get("response_type")).code
    AuthorizationCode.objects.create(
        digest=credentials.digest(value),
        grant=grant,
        client=client,
        redirect_uri=asked.get("redirect_uri") or "",
        code_challenge=asked.get("code_challenge") or "",
        expires_at=from_now(conf.AUTHORIZATION_CODE_LIFETIME),
        consumed_at=None if gives_code else from_now(0),
    )
    AuditEvent.objects.record(
        Event.AUTHORIZATION_ISSUED, client=client, grant=grant, source=source,
        detail={"scopes": grant.scopes, **({"targets": grant.targets} if grant.targets else {}), **detail},
    )  # fmt: skip

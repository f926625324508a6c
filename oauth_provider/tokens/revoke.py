"""Ending tokens: one token, a grant with its whole family, a consent, everything of a user.

An app that loses its access is told to sign the person out (`sign_ins`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oauth_provider import signals
from oauth_provider.models import AccessToken, AuditEvent, Client, Consent, Grant, RevokedToken, dot_token
from oauth_provider.models.retry import retried
from oauth_provider.tokens import sign_ins
from oauth_provider.tokens.lookup import LiveToken, jti_digest
from oauth_provider.values import Event, Reach, Source

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser


def revoke_grant(
    grant: Grant,
    *,
    reason: str,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
    client: Client | None = None,
) -> bool:
    """End a grant and every token of its family; whether it was alive until now."""
    ended = grant.revoke(reason=reason)
    if ended:
        owner = client or grant.client
        AuditEvent.objects.record(
            Event.GRANT_REVOKED,
            client=owner,
            grant=grant,
            actor=actor,
            source=source,
            detail={"reason": reason},
        )
        transaction.on_commit(
            lambda: signals.grant_revoked.send_robust(Grant, client=owner, user=grant.user, grant=grant, request=None)
        )
    return ended


@retried
def end_place(
    grant: Grant, *, reason: str, actor: str = "", source: Source = Source(), client: Client | None = None  # noqa: B008
) -> bool:  # fmt: skip
    """End a grant that somebody else than its client takes back; whether it was alive until now.

    With the last one of a sign-in the app is signed out there, and told.
    """
    with transaction.atomic():
        ended = revoke_grant(grant, reason=reason, actor=actor, source=source, client=client)
        if ended and grant.sid and not Grant.objects.has_another(grant):
            sign_ins.end(Reach.SESSION_TOKENS, reason=reason, client_id=grant.client_id, sid=grant.sid)
    return ended


def revoke_for_reuse(grant: Grant, *, client: Client, what: str, seconds: float | None, source: Source) -> None:
    """End a grant because a code or refresh token was presented twice; the event says what an operator asks."""
    grant.revoke(reason=f"{what}_reuse")
    AuditEvent.objects.record(
        Event.REUSE_DETECTED,
        client=client,
        grant=grant,
        source=source,
        detail={"what": what, "seconds_after_first_use": None if seconds is None else round(seconds, 1)},
    )
    transaction.on_commit(
        lambda: signals.reuse_detected.send_robust(Grant, client=client, user=grant.user, grant=grant, request=None)
    )


def revoke_access_token(token: LiveToken, *, client: Client, source: Source, actor: str = "") -> None:
    """End one access token and nothing else."""
    if token.opaque is not None:
        token.opaque.revoke()
    elif token.dot is not None:
        dot_token.revoke_access_token(token.dot)
    else:
        RevokedToken.objects.add(jti_digest(token.jti), expires_at=token.expires_at)
    _record_access_token(client=client, user=token.user, grant=token.grant, source=source, actor=actor)


def revoke_opaque(row: AccessToken, *, source: Source, actor: str) -> bool:
    """End one opaque access token; whether it was alive until now."""
    ended = row.revoke()
    if ended:
        _record_access_token(client=row.client, user=row.user, grant=row.grant, source=source, actor=actor)
    return ended


def revoke_jti(
    jti: str, *, expires_at: datetime, client: Client, grant: Grant | None, source: Source, actor: str
) -> None:
    """End the JWT access token of this `jti`, which expires then."""
    RevokedToken.objects.add(jti_digest(jti), expires_at=expires_at)
    _record_access_token(client=client, user=None, grant=grant, source=source, actor=actor)


def revoke_dot_access_token(row: Any, *, client: Client, source: Source, actor: str) -> None:
    """End an access token of django-oauth-toolkit."""
    dot_token.revoke_access_token(row)
    _record_access_token(client=client, user=row.user, grant=None, source=source, actor=actor)


def _record_access_token(
    *, client: Client, user: AbstractBaseUser | None, grant: Grant | None, source: Source, actor: str
) -> None:
    AuditEvent.objects.record(
        Event.TOKEN_REVOKED, client=client, user=user, grant=grant, actor=actor, source=source,
        detail={"kind": "access_token"},
    )  # fmt: skip


def revoke_dot_refresh_token(row: Any, *, client: Client | None, source: Source, actor: str = "") -> bool:
    """End a refresh token of django-oauth-toolkit with its access token; whether it was alive until now."""
    ended = dot_token.spend_refresh_token(row)
    if ended:
        AuditEvent.objects.record(
            Event.TOKEN_REVOKED, client=client, user=row.user, actor=actor, source=source,
            detail={"kind": "refresh_token", "from": "django-oauth-toolkit"},
        )  # fmt: skip
    return ended


def withdraw_consent(consent: Consent, *, reason: str, actor: str = "", source: Source = Source()) -> int:  # noqa: B008
    """Withdraw a consent and end everything its app has of its person; how many ended."""
    ended = end_app(consent.user, consent.client, reason=reason, actor=actor, source=source)
    consent.refresh_from_db(fields=["revoked_at"])
    return ended


def end_app(
    user: AbstractBaseUser, client: Client, *, reason: str, actor: str = "", source: Source = Source()  # noqa: B008
) -> int:  # fmt: skip
    """End everything one app has of a person: consent, sign-ins, grants, and what django-oauth-toolkit gave it.

    Returns how many grants ended.

    An authorization that is under way was decided by a consent read before: its grant is ended by the second look,
    its code is refused where it is redeemed (R14).
    """
    ended = _end_app(user, client, reason=reason, actor=actor, source=source)
    return ended + Grant.objects.revoke_between(user.pk, client, reason=reason)


@retried
def _end_app(user: AbstractBaseUser, client: Client, *, reason: str, actor: str, source: Source) -> int:
    with transaction.atomic():
        over = sign_ins.end(Reach.ALL_TOKENS, reason=reason, user_id=user.pk, client_id=client.pk)
        withdrawn = Consent.objects.withdraw_between(user.pk, client)
        ended = over.grants + dot_token.revoke_of(user, application_id=client.application_id)
        if ended or withdrawn or over:
            AuditEvent.objects.record(
                Event.CONSENT_WITHDRAWN, client=client, user=user, actor=actor, source=source,
                detail={"reason": reason, "grants": ended},
            )  # fmt: skip
            transaction.on_commit(
                lambda: signals.consent_withdrawn.send_robust(
                    Consent, client=client, user=user, grant=None, request=None
                )
            )
    return ended


@retried
def revoke_user(user: AbstractBaseUser, *, reason: str, actor: str = "", source: Source = Source()) -> int:  # noqa: B008
    """End every grant and every sign-in of a user; how many grants ended."""
    with transaction.atomic():
        ended = sign_ins.end(Reach.ALL_TOKENS, reason=reason, user_id=user.pk)
        if ended:
            AuditEvent.objects.record(
                Event.GRANT_REVOKED,
                user=user,
                actor=actor,
                source=source,
                detail={"reason": reason, "clients": ended.clients, "grants": ended.grants},
            )
    return ended.grants

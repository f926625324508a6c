"""Deciding a stored request: one UPDATE decides, then client, user and scopes are looked at again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider import credentials, signals, targets
from oauth_provider import scopes as known_scopes
from oauth_provider.authorization import authentication_context, checks, claims_parameter, front_channel, response
from oauth_provider.authorization import grant as grants
from oauth_provider.authorization.outcomes import AskConsent
from oauth_provider.authorization.parameters import Stored, Target, Viewer
from oauth_provider.authorization.response import Response
from oauth_provider.clients import authorization_details, redirect_uris, response_types, unconfirmed, users
from oauth_provider.consent import choice, chosen_objects, notices, permissions, policy
from oauth_provider.errors import (
    AccessDenied,
    KeyUnavailable,
    ProtocolError,
    TemporarilyUnavailable,
    UnauthorizedClient,
)
from oauth_provider.models import AuditEvent, AuthorizationCode, Consent, StoredRequest
from oauth_provider.models.retry import retried
from oauth_provider.values import Decision, Event, ResponseType, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

logger = logging.getLogger("oauth_provider.authorize")

# Seconds in which the same decision leads to the same redirect: two clicks, a reload of the page that goes on.
SAME_ANSWER_SECONDS = 60
NOTHING_CHOSEN = "every permission was optional, and none was chosen"


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Not this person's, not this browser's or too old: nothing was decided."""

    reason: str
    too_old: bool = False
    mistake: chosen_objects.Mistake | None = None


@dataclass(frozen=True, slots=True)
class AskTwice:
    """Not decided yet: these permissions of an app nobody checked are sensitive, so a second page asks again."""

    row: StoredRequest
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Decided, now or a moment ago; `find` says where it leads."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """Decided; `response` leads to the client."""

    response: Response
    target: Target
    row: StoredRequest
    allowed: bool


@retried
def decide(
    request_id: str,
    *,
    viewer: Viewer,
    user: AbstractBaseUser,
    decision: Decision,
    source: Source,
    sent: Mapping[str, str],
) -> Decided | AskAgain | AskTwice:
    """Decide a request shown to this person in this session; a repeated decision is the first one again.

    `sent` is the form, with the permissions and the objects that were chosen.
    """
    with transaction.atomic():
        is_first = StoredRequest.objects.decide(
            credentials.digest(request_id), user=user, session_digest=viewer.session_digest, decision=decision
        )
        if not is_first:
            found = _find(request_id, viewer=viewer, user=user)
            return found if isinstance(found, AskAgain) else Decided()
        row = StoredRequest.objects.find(credentials.digest(request_id))
        if row is None:
            return AskAgain("unknown request", too_old=True)
        if not _is_target_registered(row):
            return AskAgain("the redirect URI is not registered any more")
        if decision == Decision.ALLOW and _may_still_have(row, user):
            choices = choice.read(sent)
            scopes = choice.chosen(row.client, row.scopes, choices)
            if row.scopes and not scopes:
                transaction.set_rollback(True)
                return AskAgain(NOTHING_CHOSEN)
            chosen = chosen_objects.read(user, scopes=scopes, details=_details_of(row), sent=sent)
            if isinstance(chosen, chosen_objects.Mistake):
                transaction.set_rollback(True)
                return AskAgain("the choice of objects cannot be taken", mistake=chosen)
            if choice.asks_twice(row.client, scopes) and not choices.is_sure:
                transaction.set_rollback(True)
                return AskTwice(row, scopes)
            _allow(row, scopes, request_id=request_id, viewer=viewer, user=user, source=source, chosen=chosen)
        else:
            row.turn_down()
            AuditEvent.objects.record(
                Event.CONSENT_DENIED,
                client=row.client,
                user=user,
                source=source,
                detail={"scopes": row.scopes},
            )
        return Decided()


def find(request_id: str, *, viewer: Viewer, user: AbstractBaseUser, source: Source) -> GoOn | AskAgain:
    """Where a decision made a moment ago leads; the code is derived again, it is stored nowhere."""
    row = _find(request_id, viewer=viewer, user=user)
    if isinstance(row, AskAgain):
        return row
    return _go_on(row, code=_stored_code(request_id, viewer), source=source)


def _find(request_id: str, *, viewer: Viewer, user: AbstractBaseUser) -> StoredRequest | AskAgain:
    row = StoredRequest.objects.find(credentials.digest(request_id))
    if row is None:
        return AskAgain("unknown request", too_old=True)
    if row.user_id != user.pk or row.session_digest != viewer.session_digest:
        return AskAgain("shown to another person or in another session")
    if row.decided_at is None:
        return AskAgain("not decided", too_old=row.expires_at <= row.database_now)
    if (row.database_now - row.decided_at).total_seconds() > SAME_ANSWER_SECONDS:
        return AskAgain("decided too long ago", too_old=True)
    if not _is_target_registered(row):
        return AskAgain("the redirect URI is not registered any more")
    return row


def reopen(request_id: str, *, viewer: Viewer, user: AbstractBaseUser, sent: Mapping[str, str]) -> AskConsent | None:
    """The page of a request that this person was shown in this session and has not decided; None for any other.

    For a page that is only looked at in another way, as when its objects are searched: no new request is kept.
    """
    row = StoredRequest.objects.find(credentials.digest(request_id))
    if (
        row is None
        or (row.user_id, row.session_digest) != (user.pk, viewer.session_digest)
        or row.decided_at is not None
        or row.expires_at <= row.database_now
        or not _is_target_registered(row)
    ):
        return None
    redirect_uri = row.parameters.get("redirect_uri") or row.client.redirect_uris[0]
    consent = Consent.objects.of(user, row.client)
    return AskConsent(request_id, row.client, tuple(row.scopes), redirect_uri, consent, _details_of(row), sent)


def _is_target_registered(row: StoredRequest) -> bool:
    """Nobody is sent to an address that was taken from the client while the page was open (AS1)."""
    asked = row.parameters.get("redirect_uri")
    return redirect_uris.match(asked, row.client.redirect_uris) if asked else len(row.client.redirect_uris) == 1


def _may_still_have(row: StoredRequest, user: AbstractBaseUser) -> bool:
    """What changed while the page was open counts: a suspended client, a deactivated person, a lost scope."""
    client = row.client
    return (
        client.is_active
        and user.is_active
        and client.allows_scopes(row.scopes)
        and isinstance(users.may_use(client, user), users.MayUse)
    )


def _details_of(row: StoredRequest) -> authorization_details.Details:
    try:
        return authorization_details.parse(row.parameters.get(authorization_details.PARAMETER))
    except ProtocolError:
        # Checked before it was kept; a type is gone since then, and what it bounded must not be open now.
        return dict.fromkeys(known_scopes.targets_of(row.scopes), ("",))


def _allow(
    row: StoredRequest,
    scopes: tuple[str, ...],
    *,
    request_id: str,
    viewer: Viewer,
    user: AbstractBaseUser,
    source: Source,
    chosen: Mapping[str, targets.Keys],
) -> None:
    client, asked = row.client, Stored(row.parameters, tuple(row.resources))
    unconfirmed.confirm(client, user=user, source=source)
    declined = [scope for scope in row.scopes if scope not in scopes]
    if declined:
        row.leave_out(scopes)
    consent = Consent.objects.allow(
        user, client, scopes=scopes, remembered_until=policy.remembered_until(client), declined=declined,
        targets=chosen_objects.to_remember(user, client, chosen, details=_details_of(row)),
    )  # fmt: skip
    permissions.follow(consent, user=user)
    asked_scopes = known_scopes.split(asked.get("scope")) or tuple(client.default_scopes)
    wanted = claims_parameter.of(asked, asked_scopes)
    claims = claims_parameter.allowed(wanted, client)
    asked_only_for_claims = claims_parameter.extra_scopes(claims, asked_scopes)
    grant = grants.make(
        client, user, scopes=tuple(scope for scope in scopes if scope not in asked_only_for_claims),
        audience=tuple(row.resources), viewer=viewer, consent=consent, used_from=source,
        nonce=asked.get("nonce") or "", chosen=chosen,
        claims=claims_parameter.granted(claims, scopes) if known_scopes.OPENID in scopes else None,
        context=authentication_context.wanted(asked, wanted, client), is_offline=grants.is_offline(asked),
    )  # fmt: skip
    code = _codes(request_id, viewer)[0]
    grants.make_code(grant, asked, client=client, value=code, source=source, detail={"consent": "asked"})
    transaction.on_commit(
        lambda: signals.consent_granted.send_robust(Consent, client=client, user=user, grant=grant, request=None)
    )
    notices.connected(consent, grant, user=user)


def _codes(request_id: str, viewer: Viewer) -> list[str]:
    return credentials.derive_all(credentials.Kind.AUTHORIZATION_CODE, "code", request_id, viewer.binding)


def _stored_code(request_id: str, viewer: Viewer) -> str:
    """The code of the decision; SECRET_KEY may have been replaced by its successor since then."""
    codes = {credentials.digest(code): code for code in _codes(request_id, viewer)}
    if len(codes) == 1:
        return next(iter(codes.values()))
    stored = AuthorizationCode.objects.filter(digest__in=codes).values_list("digest", flat=True).first()
    return codes[stored or next(iter(codes))]


def _go_on(row: StoredRequest, *, code: str, source: Source) -> GoOn:
    asked = Stored(row.parameters, tuple(row.resources))
    redirect_uri = asked.get("redirect_uri") or row.client.redirect_uris[0]
    target = Target(redirect_uri, asked.get("state"), checks.mode_of(asked, redirect_uri))
    if row.decision == Decision.ALLOW:
        try:
            members = _members(row, asked, code=code, source=source)
            return GoOn(response.success(target, members), target, row, allowed=True)
        except KeyUnavailable as error:
            logger.critical("No answer can be signed: %s", error)
            refused: ProtocolError = TemporarilyUnavailable("The answer cannot be given at present.", detail=str(error))
        except ProtocolError as error:
            refused = error
    else:
        refused = AccessDenied("The person refused.")
    if not row.client.is_active:
        refused = UnauthorizedClient("This app cannot be used at present.")
    return GoOn(response.error(target, refused), target, row, allowed=False)


def _members(row: StoredRequest, asked: Stored, *, code: str, source: Source) -> Mapping[str, str]:
    """What the client gets: a code; for legacy response types what is made from the grant the code stands for."""
    response_type = asked.get("response_type") or ""
    if response_types.canonical(response_type) == ResponseType.CODE:
        return {"code": code}
    found = AuthorizationCode.objects.find(credentials.digest(code))
    if found is None:
        raise AccessDenied("What was allowed has been taken back.")
    grant, given = found.grant, response_types.given_by(response_type)
    front_channel.check(grant, client=row.client, response_type=response_type)
    return front_channel.members(grant, client=row.client, user=grant.user, given=given, code=code, source=source)

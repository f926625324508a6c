"""The authorization endpoint's one path: who → where to → checks → signed in? → asked? → grant and code."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from oauth_provider import credentials, refused, targets
from oauth_provider.authorization import checks, claims_parameter, front_channel, grant, response, sign_in
from oauth_provider.authorization.checks import Checked
from oauth_provider.authorization.outcomes import AskConsent, NotForYou, Outcome, Redirect, SignIn
from oauth_provider.authorization.sign_in import Page
from oauth_provider.clients import response_types
from oauth_provider.conf import conf
from oauth_provider.consent import chosen_objects, policy
from oauth_provider.errors import (
    AccessDenied,
    ConsentRequired,
    InteractionRequired,
    InvalidRequest,
    KeyUnavailable,
    LoginRequired,
    ProtocolError,
    TemporarilyUnavailable,
    UnknownClient,
)
from oauth_provider.models import Client, Consent, StoredRequest
from oauth_provider.models.clock import from_now
from oauth_provider.models.retry import retried
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.authorization.parameters import AuthorizationRequest, Target
    from oauth_provider.authorization.sign_in import Expected
    from oauth_provider.models import Grant

logger = logging.getLogger("oauth_provider.authorize")


def run(asked: AuthorizationRequest) -> Outcome:
    """What is to be done; raises only errors that must be shown as a page (RFC 6749 §4.1.2.1)."""
    client = checks.find_client(asked.parameters, viewer=asked.viewer, source=asked.source)
    if client is None:
        if "none" in (asked.parameters.get("prompt") or "").split():
            raise UnknownClient("This app is not known yet; somebody must be signed in to read its document.")
        return SignIn()
    target = checks.find_target(asked.parameters, client)
    try:
        checked = checks.run(asked.parameters, client)
        return _decide(asked, client=client, checked=checked, target=target)
    except ProtocolError as error:
        _record_refusal(error, asked=asked, client=client)
        return Redirect(client, response.error(target, error))
    except KeyUnavailable as unsigned:
        logger.critical("No answer can be signed: %s", unsigned)
        told = TemporarilyUnavailable("The answer cannot be given at present.", detail=str(unsigned))
        return Redirect(client, response.error(target, told))


def keep(asked: AuthorizationRequest) -> str | None:
    """Keep a posted request until the browser comes back by GET; only who asks and where to is checked yet.

    None for a client whose document is read only when somebody is signed in: there is no row to keep it for.
    """
    client = checks.find_client(asked.parameters, viewer=asked.viewer, source=asked.source)
    if client is not None:
        checks.find_target(asked.parameters, client)
    if asked.parameters.doubled:
        raise InvalidRequest(
            f"Sent more than once: {', '.join(sorted(asked.parameters.doubled))[:200]}.", rule="parameter_repeated"
        )
    if client is None:
        return None
    return store(asked, client=client, checked=Checked((), asked.parameters.resources), user=None)


def _decide(asked: AuthorizationRequest, *, client: Client, checked: Checked, target: Target) -> Outcome:
    expected = checked.expected or sign_in.expected(asked.parameters, client, checked.claims)
    if expected.context.values or asked.parameters.get("claims") is not None:
        asked = asked.looked_again()
    page, user = sign_in.page_for(asked, client, expected), asked.viewer.user
    if page is not None or user is None:
        return _send_to_sign_in(asked, page or Page.SIGN_IN, client=client, checked=checked, expected=expected)
    try:
        checks.check_user(client, user)
    except AccessDenied as denied:
        if expected.is_silent:
            raise
        _record_refusal(denied, asked=asked, client=client)
        return NotForYou(client, response.error(target, denied), target.redirect_uri)
    consent = Consent.objects.of(user, client)
    decision = policy.decide(client, consent, scopes=checked.shown, prompts=expected.prompts)
    chosen = None
    if isinstance(decision, policy.Allowed):
        chosen = chosen_objects.remembered(user, consent, scopes=decision.scopes, details=checked.details)
    if isinstance(decision, policy.Allowed) and chosen is not None:
        given = response_types.given_by(asked.parameters.get("response_type"))
        made, code = _issue_silently(
            asked, client=client, user=user, checked=checked, consent=consent, decision=decision, chosen=chosen
        )
        members = front_channel.members(made, client=client, user=user, given=given, code=code, source=asked.source)
        return Redirect(client, response.success(target, members))
    if expected.is_silent:
        raise ConsentRequired("The person must be asked.", detail=decision.reason)
    request_id = store(asked, client=client, checked=checked, user=user)
    return AskConsent(request_id, client, checked.shown, target.redirect_uri, consent, checked.details)


def _send_to_sign_in(
    asked: AuthorizationRequest, page: Page, *, client: Client, checked: Checked, expected: Expected
) -> SignIn:
    was_sent = asked.stored_at is not None and asked.parameters.get(sign_in.SENT_TO) is not None
    if asked.viewer.user is None and not expected.is_about_now:
        return SignIn()
    # Kept with its time: the sign-in has to be newer.
    request_id = store(asked, client=client, checked=checked, user=None, sent_to=page)
    return SignIn(request_id, sign_out=was_sent and asked.viewer.user is not None, page=page)


def store(
    asked: AuthorizationRequest,
    *,
    client: Client,
    checked: Checked,
    user: AbstractBaseUser | None,
    sent_to: Page | None = None,
) -> str:
    """Keep the validated request in a row and return its id; with a user it is bound to them and their session.

    `sent_to` is the page that the person is sent to meanwhile.
    """
    parameters = {name: value for name, value in asked.parameters.values.items() if name != sign_in.SENT_TO}
    request_id = credentials.make(credentials.Kind.REQUEST)
    try:
        StoredRequest.objects.create(
            digest=credentials.digest(request_id),
            client=client,
            parameters=parameters if sent_to is None else {**parameters, sign_in.SENT_TO: sent_to.value},
            resources=list(checked.audience),
            scopes=list(checked.shown),
            user_id=None if user is None else user.pk,
            session_digest="" if user is None else asked.viewer.session_digest,
            # Sent from one page to the next it stays as old as it is: each sign-in since then counts.
            created_at=asked.stored_at or timezone.now(),
            expires_at=from_now(conf.REQUEST_LIFETIME),
        )
    except IntegrityError as error:
        # A registration that nobody had allowed was cleared away since the client was found.
        raise UnknownClient("This app is not registered any more.") from error
    return request_id


@retried
@transaction.atomic
def _issue_silently(
    asked: AuthorizationRequest,
    *,
    client: Client,
    user: AbstractBaseUser,
    checked: Checked,
    consent: Consent | None,
    decision: policy.Allowed,
    chosen: Mapping[str, targets.Keys],
) -> tuple[Grant, str]:
    is_front = response_types.given_by(asked.parameters.get("response_type")).is_front
    if (chosen or is_front) and consent is not None:
        # Whoever narrows the consent holds it too: what was read before may be more than what is left. A code is
        # looked at again where it is redeemed; for what is answered here this is the second look (R14).
        is_held = Consent.objects.hold(user.pk, client)
        consent.refresh_from_db(fields=["targets", "scopes", "revoked_at"])
        if is_front and not consent.still_allows(decision.scopes):
            raise ConsentRequired("The person must be asked.", detail="the consent was taken back meanwhile")
        chosen = targets.meet(chosen, targets.load(consent.targets)) if is_held else {}
    code = credentials.make(credentials.Kind.AUTHORIZATION_CODE)
    made = grant.make(
        client, user, scopes=tuple(scope for scope in decision.scopes if scope in checked.scopes),
        audience=checked.audience, viewer=asked.viewer, consent=decision.consent,
        used_from=asked.source, nonce=asked.parameters.get("nonce") or "", chosen=chosen,
        claims=claims_parameter.granted(checked.claims, decision.scopes),
        context=None if checked.expected is None else checked.expected.context,
        # The request was for this person alone, and that is who is signed in.
        sub=None if checked.expected is None else checked.expected.subject,
        is_offline=grant.is_offline(asked.parameters),
    )  # fmt: skip
    grant.make_code(
        made, asked.parameters, client=client, value=code, source=asked.source, detail={"consent": decision.reason}
    )
    return made, code


def _record_refusal(error: ProtocolError, *, asked: AuthorizationRequest, client: Client) -> None:
    logger.warning(
        "%s: client_id=%s request_id=%s: %s",
        error.error,
        client.client_id,
        asked.source.request_id,
        refused.cause_of(error),
    )
    # A silent check that finds nobody signed in is an answer, not a refusal worth a row.
    if not isinstance(error, LoginRequired | ConsentRequired | InteractionRequired):
        refused.record(Event.AUTHORIZATION_REFUSED, error, client=client, user=asked.viewer.user, source=asked.source)

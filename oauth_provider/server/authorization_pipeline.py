"""The authorization endpoint's one path: who → where to → checks → signed in? → asked? → grant and code."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from oauth_provider import credentials, refused, targets
from oauth_provider.authorization import checks, grant, response
from oauth_provider.authorization.checks import Checked
from oauth_provider.authorization.outcomes import AskConsent, NotForYou, Outcome, Redirect, SignIn
from oauth_provider.conf import conf
from oauth_provider.consent import chosen_objects, policy
from oauth_provider.errors import (
    AccessDenied,
    ConsentRequired,
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
        return Redirect(response.error(target, error))
    except KeyUnavailable as unsigned:
        logger.critical("No answer can be signed: %s", unsigned)
        told = TemporarilyUnavailable("The answer cannot be given at present.", detail=str(unsigned))
        return Redirect(response.error(target, told))


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
    prompts = frozenset((asked.parameters.get("prompt") or "").split())
    user = asked.viewer.user
    if user is None or not _is_fresh(asked, prompts):
        if "none" in prompts:
            raise LoginRequired("The person is not signed in.")
        if user is None:
            return SignIn()
        request_id = store(asked, client=client, checked=checked, user=None)
        return SignIn(request_id, sign_out=asked.stored_at is not None)
    try:
        checks.check_user(client, user)
    except AccessDenied as denied:
        if "none" in prompts:
            raise
        _record_refusal(denied, asked=asked, client=client)
        return NotForYou(client, response.error(target, denied), target.redirect_uri)
    consent = Consent.objects.of(user, client)
    decision = policy.decide(client, consent, scopes=checked.scopes, prompts=prompts)
    chosen = None
    if isinstance(decision, policy.Allowed):
        chosen = chosen_objects.remembered(user, consent, scopes=decision.scopes, details=checked.details)
    if isinstance(decision, policy.Allowed) and chosen is not None:
        code = _issue_silently(
            asked, client=client, user=user, checked=checked, consent=consent, decision=decision, chosen=chosen
        )
        return Redirect(response.success(target, code=code))
    if "none" in prompts:
        raise ConsentRequired("The person must be asked.", detail=decision.reason)
    request_id = store(asked, client=client, checked=checked, user=user)
    return AskConsent(request_id, client, checked.scopes, target.redirect_uri, consent, checked.details)


def _is_fresh(asked: AuthorizationRequest, prompts: frozenset[str]) -> bool:
    """Whether the sign-in satisfies `prompt=login` and `max_age` (OpenID Connect Core §3.1.2.1; AS28)."""
    auth_time, max_age = asked.viewer.auth_time, asked.parameters.get("max_age")
    has_signed_in_since = (
        asked.stored_at is not None
        and auth_time is not None
        # auth_time has whole seconds.
        and auth_time >= asked.stored_at.replace(microsecond=0)
    )
    if has_signed_in_since:
        return True
    if "login" in prompts:
        return False
    if max_age is None:
        return True
    return auth_time is not None and (timezone.now() - auth_time).total_seconds() <= int(max_age)


def store(asked: AuthorizationRequest, *, client: Client, checked: Checked, user: AbstractBaseUser | None) -> str:
    """Keep the validated request in a row and return its id; with a user it is bound to them and their session."""
    request_id = credentials.make(credentials.Kind.REQUEST)
    try:
        StoredRequest.objects.create(
            digest=credentials.digest(request_id),
            client=client,
            parameters=dict(asked.parameters.values),
            resources=list(checked.audience),
            scopes=list(checked.scopes),
            user_id=None if user is None else user.pk,
            session_digest="" if user is None else asked.viewer.session_digest,
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
) -> str:
    if chosen and consent is not None:
        # Whoever narrows the consent holds it too: what was read before may be more than what is left.
        is_held = Consent.objects.hold(user.pk, client)
        consent.refresh_from_db(fields=["targets"])
        chosen = targets.meet(chosen, targets.load(consent.targets)) if is_held else {}
    code = credentials.make(credentials.Kind.AUTHORIZATION_CODE)
    made = grant.make(
        client, user, scopes=decision.scopes, audience=checked.audience, viewer=asked.viewer, consent=decision.consent,
        used_from=asked.source, nonce=asked.parameters.get("nonce") or "", chosen=chosen,
    )  # fmt: skip
    grant.make_code(
        made, asked.parameters, client=client, value=code, source=asked.source, detail={"consent": decision.reason}
    )
    return code


def _record_refusal(error: ProtocolError, *, asked: AuthorizationRequest, client: Client) -> None:
    logger.warning(
        "%s: client_id=%s request_id=%s: %s",
        error.error,
        client.client_id,
        asked.source.request_id,
        refused.cause_of(error),
    )
    # A silent check that finds nobody signed in is an answer, not a refusal worth a row.
    if not isinstance(error, LoginRequired | ConsentRequired):
        refused.record(Event.AUTHORIZATION_REFUSED, error, client=client, user=asked.viewer.user, source=asked.source)

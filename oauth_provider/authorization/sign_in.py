"""Whether the person who is signed in, and the way they signed in, are what a request asks for.

OpenID Connect Core §3.1.2.1 (`prompt`, `max_age`, `id_token_hint`), §5.5.1.1 (`acr`, `sub`); AS28.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from django.utils import timezone

from oauth_provider.authorization import authentication_context, id_token_hint
from oauth_provider.claims import subject
from oauth_provider.conf import conf
from oauth_provider.errors import InteractionRequired, LoginRequired, UnmetAuthenticationRequirements

if TYPE_CHECKING:
    from datetime import datetime

    from oauth_provider.authorization.authentication_context import Wanted
    from oauth_provider.authorization.parameters import Asked, AuthorizationRequest, Viewer
    from oauth_provider.claims.requested import Requested
    from oauth_provider.models import Client

# Where a request that waits for a sign-in keeps what it was sent for; a client cannot write there (see `store`).
SENT_TO = "oauth_provider_sent_to"


class Page(Enum):
    """Where a person is sent to become the one, or signed in the way, that a request asks for."""

    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a request asks of the sign-in; `subject` is the only person it is for, None for anybody."""

    prompts: frozenset[str]
    max_age: int | None
    needs_auth_time: bool
    subject: str | None
    context: Wanted

    @property
    def is_silent(self) -> bool:
        """Whether nobody may be asked anything."""
        return "none" in self.prompts

    @property
    def is_about_now(self) -> bool:
        """Whether a sign-in from before the request may be too old."""
        steps_up_here = self.context.is_reachable and not conf.STEP_UP_URL
        return bool(self.prompts & {"login", "create"}) or self.max_age is not None or steps_up_here


def expected(asked: Asked, client: Client, claims: Requested) -> Expected:
    """What the parameters ask for, and what the client does when they do not; raises InvalidRequest."""
    hint, max_age = asked.get("id_token_hint"), asked.get("max_age")
    by_claim = claims.id_token.get("sub")
    named = str(by_claim.values[0]) if by_claim is not None and len(by_claim.values) == 1 else None
    auth_time = claims.id_token.get("auth_time")
    return Expected(
        prompts=frozenset((asked.get("prompt") or "").split()),
        max_age=int(max_age) if max_age is not None else client.default_max_age,
        needs_auth_time=client.require_auth_time or (auth_time is not None and auth_time.essential),
        subject=named if hint is None else id_token_hint.subject_of(hint, client),
        context=authentication_context.wanted(asked, claims, client),
    )


def page_for(asked: AuthorizationRequest, client: Client, wanted: Expected) -> Page | None:
    """The page the person must be sent to first; None when they and their sign-in will do.

    Raises the ProtocolError for those who may not be asked, or were asked and came back no different. One statement
    for a request that says whom it is for.
    """
    viewer = asked.viewer
    is_new = signed_in_since(viewer, asked.stored_at)
    if viewer.user is None or not (is_new or _is_fresh(viewer, wanted)):
        if wanted.is_silent:
            raise LoginRequired("The person is not signed in.")
        return Page.SIGN_UP if "create" in wanted.prompts and not is_new else Page.SIGN_IN
    if wanted.subject is not None and subject.existing(viewer.user, client=client) != wanted.subject:
        if wanted.is_silent or is_new:
            # OpenID Connect Core §3.1.2.1: for anybody else the answer is an error.
            raise LoginRequired("Another person is signed in.", rule="another_person")
        return Page.SIGN_IN
    return _step_up(asked, wanted, is_new=is_new)


def signed_in_since(viewer: Viewer, moment: datetime | None) -> bool:
    """Whether the person signed in after this moment; `auth_time` has whole seconds."""
    return moment is not None and viewer.auth_time is not None and viewer.auth_time >= moment.replace(microsecond=0)


def _is_fresh(viewer: Viewer, wanted: Expected) -> bool:
    """Whether a sign-in of any time satisfies `prompt` and `max_age`."""
    if wanted.prompts & {"login", "create"}:
        return False
    if viewer.auth_time is None:
        return wanted.max_age is None and not wanted.needs_auth_time
    return wanted.max_age is None or (timezone.now() - viewer.auth_time).total_seconds() <= wanted.max_age


def _step_up(asked: AuthorizationRequest, wanted: Expected, *, is_new: bool) -> Page | None:
    context = wanted.context
    if context.is_met_by(asked.viewer.acr):
        return None
    # Who comes back from the site's page for it has had the chance; the sign-in page may have asked nothing.
    had_the_chance = asked.stored_at is not None and asked.parameters.get(SENT_TO) == Page.STEP_UP.value
    is_over = had_the_chance if conf.STEP_UP_URL else is_new
    if context.is_reachable and not (wanted.is_silent or is_over):
        return Page.STEP_UP
    if not context.essential:
        return None
    if wanted.is_silent and context.is_reachable:
        raise InteractionRequired("The person must sign in in another way.", rule="acr_not_reached")
    raise UnmetAuthenticationRequirements("The person did not sign in in the way the app asks for.")

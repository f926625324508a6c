"""Why was this refused? Everything kept under one request id: the rule, what it compared, the fix, and who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from oauth_provider import rules
from oauth_provider.insight import difference
from oauth_provider.insight.found_jwt import person
from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.resource_server import kept
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oauth_provider.insight.difference import Compared
    from oauth_provider.rules import Rule

_LONGEST_ID = 36
# Events of one request; a request has few.
_MOST_EVENTS = 50
# Rows of a release that kept no rule.
_ERROR_OF = {Event.CLIENT_AUTHENTICATION_FAILED.value: "invalid_client"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal; `event` is empty for one of the API, of which no row is kept."""

    rule: Rule | None
    rule_id: str
    error: str
    cause: str
    compared: tuple[Compared, ...]
    at: datetime
    client_id: str
    client: Client | None
    user: Any | None
    user_id: str
    grant_id: str
    address: str
    event: AuditEvent | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one request id stands for: refusals, and the other events of the same request."""

    request_id: str
    refusals: tuple[Refusal, ...]
    neighbours: tuple[AuditEvent, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept under this id."""
        return not self.refusals and not self.neighbours


def explain(request_id: str) -> Explanation:
    """What is kept under this request id; one statement, and up to three for each refusal."""
    name = request_id.strip()
    if not name or len(name) > _LONGEST_ID or "\x00" in name:
        return Explanation(name[:_LONGEST_ID], (), ())
    events = list(AuditEvent.objects.filter(request_id=name).order_by("pk")[:_MOST_EVENTS])
    refusals = [_of_event(event) for event in events if _is_refusal(event)]
    at_the_api = kept.find(name)
    if at_the_api is not None:
        refusals.append(_of_api(at_the_api))
    return Explanation(name, tuple(refusals), tuple(event for event in events if not _is_refusal(event)))


def _is_refusal(event: AuditEvent) -> bool:
    return bool(_members(event).get("rule") or _members(event).get("error")) or event.event in _ERROR_OF


def _members(event: AuditEvent) -> Mapping[str, Any]:
    return event.detail if isinstance(event.detail, dict) else {}


def _of_event(event: AuditEvent) -> Refusal:
    told = _members(event)
    error = str(told.get("error") or _ERROR_OF.get(event.event, ""))
    rule_id = str(told.get("rule") or error)
    client = Client.objects.named(event.client_id) if event.client_id else None
    compared = told.get("compared")
    values = {str(name): str(value) for name, value in compared.items()} if isinstance(compared, dict) else {}
    return Refusal(
        rule=rules.find(rule_id, error=error),
        rule_id=rule_id,
        error=error,
        cause=str(told.get("cause", "")),
        compared=difference.mark({**values, **_secrets(rule_id, client)}),
        at=event.at,
        client_id=event.client_id,
        client=client,
        user=_user(event.user_id),
        user_id=event.user_id,
        grant_id=event.grant_id,
        address=event.address,
        event=event,
    )


def _of_api(told: kept.Kept) -> Refusal:
    about = told["about"]
    client_id, subject = about.get("client_id", ""), about.get("subject", "")
    client = Client.objects.named(client_id) if client_id else None
    is_person = client is not None and subject not in {"", client_id}
    return Refusal(
        rule=rules.find(told["rule"]),
        rule_id=told["rule"],
        error="",
        cause=told["cause"],
        compared=difference.mark(told["compared"]),
        at=told["at"],
        client_id=client_id,
        client=client,
        user=person(subject, client=client) if client is not None and is_person else None,
        user_id="",
        grant_id=about.get("grant_id", ""),
        address="",
        event=None,
    )


def _user(user_id: str) -> Any | None:
    if not user_id:
        return None
    try:
        return get_user_model()._default_manager.filter(pk=user_id).first()
    except (ValueError, ValidationError):
        return None


def _secrets(rule_id: str, client: Client | None) -> dict[str, str]:
    """By what a person tells the client's own secrets from the one that was sent: their last signs."""
    if client is None or rule_id != "secret_wrong":
        return {}
    hints = ClientSecret.objects.live(client).order_by("-pk").values_list("hint", flat=True)[:20]
    return {"registered": " ".join(f"…{hint}" for hint in hints)}

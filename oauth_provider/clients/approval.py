"""Approval: draft → submitted → approved with scopes. Until then only the owners can use the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from oauth_provider.clients import known, notices, validation
from oauth_provider.clients.profiles import rules_of
from oauth_provider.models import AuditEvent
from oauth_provider.values import ClientStatus, Event, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.models import Client


def submit(client: Client, scopes: Iterable[str], *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008
    """Ask for approval with these scopes; raises ValidationError unless the client is a draft."""
    wanted = _checked(client, scopes, {ClientStatus.DRAFT})
    with transaction.atomic():
        client.submit(wanted)
        AuditEvent.objects.record(
            Event.CLIENT_SUBMITTED, client=client, actor=actor, source=source, detail={"scopes": wanted}
        )


def approve(client: Client, scopes: Iterable[str], *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008
    """Let everybody whom its policy allows use it, with these scopes at most; raises ValidationError."""
    wanted = _checked(client, scopes, {ClientStatus.DRAFT, ClientStatus.SUBMITTED})
    with transaction.atomic():
        client.approve(wanted)
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(
            Event.CLIENT_APPROVED, client=client, actor=actor, source=source, detail={"scopes": wanted}
        )
        notices.approved(client, scopes=wanted, actor=actor)


def send_back(client: Client, *, why: str, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Make a submitted client a draft again and tell its owners why; raises ValidationError."""
    _check_status(client, {ClientStatus.SUBMITTED})
    with transaction.atomic():
        client.send_back()
        AuditEvent.objects.record(
            Event.CLIENT_SENT_BACK, client=client, actor=actor, source=source, detail={"why": why[:500]}
        )
        notices.sent_back(client, why=why, actor=actor)


def _checked(client: Client, scopes: Iterable[str], expected: set[ClientStatus]) -> list[str]:
    _check_status(client, expected)
    wanted = list(dict.fromkeys(scopes))
    validation.check({"scopes": wanted}, rules=rules_of(client))
    return wanted


def _check_status(client: Client, expected: set[ClientStatus]) -> None:
    if client.status not in expected:
        raise ValidationError({"status": [_("The client is %s.") % client.get_status_display()]})

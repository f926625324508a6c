"""The last events of a client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse

from oauth_provider.admin import client_page, moments
from oauth_provider.models import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from oauth_provider.admin.client import ClientAdmin

MOST_SHOWN = 50
_GRAVE = frozenset({"refused", "failed", "detected"})


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the table shows it: who did it, and whom it is about where that is somebody else."""

    event: AuditEvent
    at: SafeString | str
    by: str
    about: str
    detail: tuple[tuple[str, str], ...]
    is_grave: bool


def page(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest events; the list of all of them is one link away."""
    client = client_page.client_of(model_admin, request, pk, tab=client_page.EVENTS)
    events = list(AuditEvent.objects.filter(client_id=client.client_id).order_by("-at", "-pk")[: MOST_SHOWN + 1])
    names = _names(event.user_id for event in events)
    everything = reverse(f"{model_admin.admin_site.name}:oauth_provider_auditevent_changelist")
    context = {
        "rows": [_row(event, names) for event in events[:MOST_SHOWN]],
        "has_more": len(events) > MOST_SHOWN,
        "everything": f"{everything}?{urlencode({'q': client.client_id})}",
    }
    return client_page.show(model_admin, request, client, client_page.EVENTS, context)


def _names(user_ids: Iterable[str]) -> dict[str, str]:
    """Names of the people in events, which keep their keys as text; who was deleted has none."""
    people = get_user_model()
    pk = people._meta.pk
    wanted = []
    for user_id in {user_id for user_id in user_ids if user_id}:
        try:
            wanted.append(pk.to_python(user_id))
        except ValidationError:
            continue  # the key of another kind of user, from before the site changed its model
    rows = people._default_manager.filter(pk__in=wanted) if wanted else ()
    return {str(user.pk): user.get_username() for user in rows}


def _row(event: AuditEvent, names: dict[str, str]) -> Row:
    user = names.get(event.user_id, event.user_id)
    return Row(
        event,
        at=moments.ago(event.at),
        by=event.actor or user,
        about=user if event.actor and user != event.actor else "",
        detail=tuple((name.replace("_", " "), _said(value)) for name, value in event.detail.items()),
        is_grave=bool(_GRAVE & set(event.event.split("_"))),
    )


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

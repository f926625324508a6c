"""Names beside the ids in audit events: of the client, of the user, with links for whoever may follow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from oauth_provider.models import AuditEvent, Client

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.contrib.admin import AdminSite
    from django.db.models import Model
    from django.http import HttpRequest

# What a 64-bit column holds: more is no id of this site, and SQLite raises on it.
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Named:
    """Client and user of one event as they are shown: name and id, or the id alone when the row is gone."""

    client: str = ""
    user: str = ""


def name(events: Iterable[AuditEvent], *, site: AdminSite, request: HttpRequest) -> None:
    """Give each event its `named`: one statement for all clients, one for all users."""
    events = list(events)
    clients = _clients({event.client_id for event in events} - {""})
    users = _users({event.user_id for event in events} - {""})
    may_see_clients = _may_see(Client, site, request)
    may_see_users = _may_see(get_user_model(), site, request)
    for event in events:
        pk, title = clients.get(event.client_id, (None, ""))
        user_pk, user = users.get(event.user_id, (None, ""))
        event.named = Named(  # type: ignore[attr-defined]  # for this page only; the table has no such column
            client=_shown(title, event.client_id, _address(Client, pk, site) if may_see_clients else ""),
            user=_shown(user, event.user_id, _address(get_user_model(), user_pk, site) if may_see_users else ""),
        )


def of(event: AuditEvent) -> Named:
    """What `name` gave the event."""
    named: Named = getattr(event, "named", None) or Named(event.client_id, event.user_id)
    return named


def _clients(ids: Collection[str]) -> dict[str, tuple[Any, str]]:
    if not ids:
        return {}
    rows = Client.objects.filter(application__client_id__in=ids)
    columns = rows.values_list("application__client_id", "pk", "application__name")
    return {client_id: (pk, title) for client_id, pk, title in columns}


def _users(ids: Collection[str]) -> dict[str, tuple[Any, str]]:
    user = get_user_model()
    pks = [pk for id_ in ids if (pk := _as_pk(id_)) is not None]
    if not pks:
        return {}
    rows = user._default_manager.filter(pk__in=pks).values_list("pk", user.USERNAME_FIELD)
    return {str(pk): (pk, str(username)) for pk, username in rows}


def _as_pk(id_: str) -> Any:
    try:
        pk = get_user_model()._meta.pk.to_python(id_)
    except ValidationError:
        return None
    return None if isinstance(pk, int) and abs(pk) > _LARGEST else pk


def _may_see(model: type[Model], site: AdminSite, request: HttpRequest) -> bool:
    return site.is_registered(model) and site.get_model_admin(model).has_view_or_change_permission(request)


def _address(model: type[Model], pk: Any, site: AdminSite) -> str:
    if pk is None:
        return ""
    return reverse(f"{site.name}:{model._meta.app_label}_{model._meta.model_name}_change", args=[quote(pk)])


def _shown(title: str, id_: str, address: str) -> str:
    linked = format_html('<a href="{}">{}</a>', address, title or id_) if address else title or id_
    return format_html('{} <span class="quiet">{}</span>', linked, id_) if title else linked

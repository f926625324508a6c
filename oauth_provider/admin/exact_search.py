"""Searching long tables by what stands on somebody's screen: a user name, a client, an id; never by a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q

from oauth_provider.models import Client

if TYPE_CHECKING:
    from django.db.models import QuerySet

_MOST_CLIENTS = 100


def of_people_and_clients(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """Those of the rows whose user or client the term names, or which it names itself by a UUID.

    Users and clients are found first, one statement each: the long table is then read by its indexes.
    """
    term = term.strip()
    if not term:
        return rows
    if "\x00" in term:  # PostgreSQL keeps none, and refuses the question
        return rows.none()
    found = Q()
    user = get_user_model()
    people = list(user._default_manager.filter(**{user.USERNAME_FIELD: term}).values_list("pk", flat=True)[:1])
    if people:
        found |= Q(user_id__in=people)
    # By name in any case; two apps may have the same.
    named = Q(application__client_id=term) | Q(application__name__iexact=term)
    clients = list(Client.objects.filter(named).values_list("pk", flat=True)[:_MOST_CLIENTS])
    if clients:
        found |= Q(client_id__in=clients)
    if rows.model._meta.pk.get_internal_type() == "UUIDField" and _is_uuid(term):
        found |= Q(pk=term)
    return rows.filter(found) if found else rows.none()


def _is_uuid(term: str) -> bool:
    try:
        UUID(term)
    except ValueError:
        return False
    return True

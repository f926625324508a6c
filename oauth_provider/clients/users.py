"""Who may use a client: everyone, or a choice of people. Asked when a person would let it in, and at each refresh."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string

from oauth_provider.clients import owners
from oauth_provider.conf import conf
from oauth_provider.models import Client
from oauth_provider.values import AllowedUsers

logger = logging.getLogger("oauth_provider.clients")


@dataclass(frozen=True, slots=True)
class MayUse:
    """The person may use the client."""


@dataclass(frozen=True, slots=True)
class MayNotUse:
    """The person may not; `reason` is for the operator."""

    reason: str


def may_use(client: Client, user: Any) -> MayUse | MayNotUse:
    """Whether this person may use the client; no statement for an approved client that everyone may use."""
    if not client.is_approved:
        return MayUse() if owners.owns(client, user) else MayNotUse(f"the client is {client.status}: owners only")
    return _RULES[client.allowed_users](client, user)


def refused(client: Client, people: Sequence[Any]) -> list[Any]:
    """Those of these people who may not use the client; one statement where its groups decide."""
    if client.is_approved and client.allowed_users == AllowedUsers.GROUPS and people:
        rows = get_user_model()._base_manager.using(Client.objects.db)
        keys = [person.pk for person in people]
        members = set(rows.filter(pk__in=keys, groups__in=client.allowed_groups.all()).values_list("pk", flat=True))
        return [person for person in people if person.pk not in members]
    return [person for person in people if isinstance(may_use(client, person), MayNotUse)]


def _everyone(client: Client, user: Any) -> MayUse | MayNotUse:
    del client, user
    return MayUse()


def _groups(client: Client, user: Any) -> MayUse | MayNotUse:
    groups = getattr(user, "groups", None)
    if groups is not None and groups.filter(pk__in=client.allowed_groups.values("pk")).exists():
        return MayUse()
    return MayNotUse("not a member of a group that may use the client")


def _permission(client: Client, user: Any) -> MayUse | MayNotUse:
    if client.allowed_permission and user.has_perm(client.allowed_permission):
        return MayUse()
    return MayNotUse(f"does not hold the permission {client.allowed_permission!r}")


def _function(client: Client, user: Any) -> MayUse | MayNotUse:
    path = conf.ALLOWED_USERS_FUNCTIONS.get(client.allowed_function)
    if path is None:
        return MayNotUse(f"ALLOWED_USERS_FUNCTIONS has no {client.allowed_function!r}")
    try:
        allows = cast("Callable[..., bool]", import_string(path))(client=client, user=user)
    except Exception:
        # A broken function of the site refuses; it must neither let anybody in nor answer 500.
        logger.exception("%s failed, so %s is refused to everybody it was asked about", path, client.client_id)
        return MayNotUse(f"{path} raised an exception")
    return MayUse() if allows is True else MayNotUse(f"{path} said no")


def _owners(client: Client, user: Any) -> MayUse | MayNotUse:
    return MayUse() if owners.owns(client, user) else MayNotUse("not an owner of the client")


_RULES: Mapping[str, Callable[[Client, Any], MayUse | MayNotUse]] = {
    AllowedUsers.EVERYONE: _everyone,
    AllowedUsers.GROUPS: _groups,
    AllowedUsers.PERMISSION: _permission,
    AllowedUsers.FUNCTION: _function,
    AllowedUsers.OWNERS: _owners,
}

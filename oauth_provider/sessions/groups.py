"""Noticing that people change groups: in the admin, in code, by the end of a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.db.models.functions import Now
from django.db.models.signals import m2m_changed, post_delete, pre_delete

from oauth_provider.claims.groups import SCOPE
from oauth_provider.clients import users
from oauth_provider.models import Client, Grant, Session
from oauth_provider.sessions import ending, policy
from oauth_provider.values import AllowedUsers, ClientStatus, Reach

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# A person's primary key, and that of a client where they have a session or a grant.
_Pairs = Sequence[tuple[Any, int]]
_AT_ONCE = 500
# What the members of a group have, between the two signals of its end.
_OF_MEMBERS = "_oauth_provider_of_members"
_FOR_EVERYBODY = Q(client__allowed_users=AllowedUsers.EVERYONE) & ~Q(
    client__status__in=[ClientStatus.DRAFT, ClientStatus.SUBMITTED]
)


def connect() -> None:
    """Listen to changes of groups, where people of this site have groups; runs once, at start."""
    try:
        field: Any = get_user_model()._meta.get_field("groups")
    except FieldDoesNotExist:
        return
    if not field.many_to_many:
        return
    m2m_changed.connect(_changed, sender=field.remote_field.through, dispatch_uid="oauth_provider.groups")
    pre_delete.connect(_remember, sender=field.related_model, dispatch_uid="oauth_provider.group_ends")
    post_delete.connect(_look_at_remembered, sender=field.related_model, dispatch_uid="oauth_provider.group_ended")


def _changed(
    sender: object,
    instance: Any,
    action: str,
    reverse: bool,  # noqa: FBT001  # Django's signature
    pk_set: set[Any] | None,
    **_: Any,
) -> None:
    """`reverse`: the instance is the group, and the keys are people."""
    if action in {"post_add", "post_remove"}:
        people = list(pk_set or ()) if reverse else [instance.pk]
        for start in range(0, len(people), _AT_ONCE):
            _look(_pairs(user_id__in=people[start : start + _AT_ONCE]))
    elif action == "pre_clear" and reverse:
        _remember(sender, instance)
    elif action == "post_clear":
        if reverse:
            _look_at_remembered(sender, instance)
        else:
            _look(_pairs(user_id=instance.pk))


def _remember(sender: object, instance: Any, **_: Any) -> None:
    del sender
    vars(instance)[_OF_MEMBERS] = _pairs(user__groups=instance)


def _look_at_remembered(sender: object, instance: Any, **_: Any) -> None:
    del sender
    _look(vars(instance).pop(_OF_MEMBERS, ()))


def _pairs(**whose: Any) -> _Pairs:
    """Where these people have something that a change of groups may end; one statement, none if it ends nothing."""
    word = policy.at_changed_groups()
    if word == policy.NOTHING:
        return ()
    may_matter = ~_FOR_EVERYBODY if word == policy.LOST_ACCESS else Q()
    sessions = Session.objects.open().filter(may_matter, **whose).values_list("user_id", "client_id")
    grants = Grant.objects.filter(may_matter, **whose, revoked_at=None, expires_at__gt=Now())
    return list(sessions.union(grants.values_list("user_id", "client_id")))


def _look(pairs: _Pairs) -> None:
    """End what these may not use any more, and tell whoever is told of groups."""
    for start in range(0, len(pairs), _AT_ONCE):
        _look_at(pairs[start : start + _AT_ONCE])


def _look_at(pairs: _Pairs) -> None:
    clients = Client.objects.select_related("application").in_bulk({client for _person, client in pairs})
    # Read anew: what a user object knows of its permissions is from before.
    decides = get_user_model()._base_manager.using(Client.objects.db)
    people = decides.in_bulk({person for person, _client in pairs})
    for key, client in clients.items():
        here = [people[person] for person, at in pairs if at == key and person in people]
        refused = users.refused(client, here)
        _end_at(client, refused, reason="access_lost", reach=Reach.ALL_TOKENS)
        if policy.at_changed_groups() == policy.TOLD_GROUPS and client.told_groups and client.allows_scopes([SCOPE]):
            stay = [person for person in here if person not in refused]
            _end_at(client, stay, reason="groups_changed", reach=Reach.SESSION_TOKENS)


def _end_at(client: Client, people: Iterable[AbstractBaseUser], *, reason: str, reach: Reach) -> None:
    for person in people:
        ending.end_at(client, person, reason=reason, reach=reach)

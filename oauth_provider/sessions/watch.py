"""Noticing what happens to people, whichever page, admin or code did it: a new password, deactivated, deleted.

What is written past `save()` shows no signal: `sweep` finds people who were deactivated so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models.signals import post_init, post_save, pre_delete

from oauth_provider.models import Grant, Session
from oauth_provider.sessions import ending, policy
from oauth_provider.values import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractBaseUser

_WATCHED = ("password", "is_active")
_LOADED = "_oauth_provider_loaded"


def connect() -> None:
    """Listen to changes of people; runs once, at start."""
    for model in _people():
        # A model that stands for the user model sends its own signals only.
        name = model._meta.label
        post_init.connect(_remember, sender=model, dispatch_uid=f"oauth_provider.loaded.{name}")
        post_save.connect(_end_what_should, sender=model, dispatch_uid=f"oauth_provider.changed.{name}")
        pre_delete.connect(_end_everything, sender=model, dispatch_uid=f"oauth_provider.deleted.{name}")


def sweep() -> int:
    """End what people still have who were deactivated without a signal; how many people."""
    reach, found = policy.reach("deactivated"), 0
    for user in _inactive(reach):
        ending.end_of_user(user, reason="deactivated", reach=reach)
        found += 1
    return found


def _inactive(reach: Reach) -> Iterator[AbstractBaseUser]:
    """People who are not active and still have something that is to end then."""
    people = get_user_model()
    if reach is Reach.NOTHING or not _has_field(people, "is_active"):
        return
    keys = Session.objects.open().filter(user__is_active=False).values_list("user_id")
    if reach is Reach.ALL_TOKENS:
        keys = keys.union(Grant.objects.filter(user__is_active=False, revoked_at=None).values_list("user_id"))
    for (key,) in keys:
        # The condition again: somebody may have been reactivated since.
        yield from people._base_manager.using(Session.objects.db).filter(pk=key, is_active=False)


def _has_field(model: type[AbstractBaseUser], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


def _people() -> list[type[AbstractBaseUser]]:
    person = get_user_model()
    return [model for model in apps.get_models() if issubclass(model, person)]


def _remember(sender: object, instance: Any, **_: Any) -> None:
    """Keep what a person was loaded with, to see at saving whether it is otherwise; costs no statement."""
    del sender
    fields = vars(instance)
    fields[_LOADED] = tuple(map(fields.get, _WATCHED))


def _end_what_should(
    sender: object,
    instance: Any,
    created: bool,  # noqa: FBT001  # Django's signature
    update_fields: frozenset[str] | None,
    **_: Any,
) -> None:
    """A new or unusable password (AS12), and `is_active` that becomes false (C35)."""
    del sender
    fields = vars(instance)
    before = dict(zip(_WATCHED, fields.get(_LOADED) or (None, None), strict=True))
    saved = [name for name in _WATCHED if update_fields is None or name in update_fields]
    fields[_LOADED] = tuple(fields.get(name) if name in saved else before[name] for name in _WATCHED)
    if created:
        return
    if "is_active" in saved and fields.get("is_active") is False and before["is_active"] is not False:
        ending.end_of_user(instance, reason="deactivated", reach=policy.reach("deactivated"))
    is_other = before["password"] is not None and before["password"] != fields.get("password")
    if "password" in saved and is_other and not _is_upgrade(instance, update_fields):
        ending.end_of_user(instance, reason="password_changed", reach=policy.reach("password_changed"))


def _is_upgrade(user: Any, update_fields: frozenset[str] | None) -> bool:
    """Whether it is the same password, hashed anew with more rounds.

    Django writes an upgraded hash alone, and clears the plain value it keeps while saving a changed password.
    """
    return update_fields == frozenset({"password"}) and getattr(user, "_password", None) is None


def _end_everything(sender: object, instance: Any, **_: Any) -> None:
    """Tell the clients while there are rows that say which; they go with the person."""
    del sender
    ending.end_of_user(instance, reason="user_deleted", reach=Reach.ALL_TOKENS)

"""The group *OAuth support*: what whoever answers people's questions needs, and nothing that changes a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import router
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.apps import AppConfig

NAME = "OAuth support"
PERMISSIONS = ("view_client", "view_consent", "view_grant", "view_event", "revoke_grant")
_MADE_BY = ("oauth_provider", "0003_clients")


def connect() -> None:
    """Make the group with our tables; runs once, at start."""
    post_migrate.connect(_make_group, dispatch_uid="oauth_provider.support_group")


def _make_group(
    sender: AppConfig,
    using: str,
    plan: Iterable[tuple[Any, bool]] = (),
    verbosity: int = 1,
    **_: Any,
) -> None:
    """Once, right after the migration that brings it: a site that deletes or changes the group has its way."""
    is_made_now = any((step.app_label, step.name) == _MADE_BY and not backwards for step, backwards in plan)
    if sender.name != "oauth_provider" or not is_made_now or not router.allow_migrate_model(using, Group):
        return
    # The receiver of django.contrib.auth may run after this one.
    create_permissions(sender, using=using, apps=installed, verbosity=verbosity)
    group, made = Group.objects.using(using).get_or_create(name=NAME)
    if made:
        held = Permission.objects.using(using).filter(
            content_type__app_label="oauth_provider", codename__in=PERMISSIONS
        )
        group.permissions.set(held)

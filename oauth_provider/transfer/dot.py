"""Applications of django-oauth-toolkit become clients; what a person still holds there can be ended."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import router, transaction
from oauth2_provider.settings import oauth2_settings

from oauth_provider.models import AuditEvent, Client, dot_token
from oauth_provider.models.application import application_model
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractBaseUser

# The mapping lives in the migration: a migration must go on doing what it did when columns are added later.
_migration = import_module("oauth_provider.migrations.0002_adopt_applications")


def adopt(client_id: str, *, actor: str = "") -> bool:
    """Make the Client of one Application; False when it has one. Raises Application.DoesNotExist."""
    application = application_model()._base_manager.get(client_id=client_id)
    if Client.objects.filter(application_id=application.pk).exists():
        return False
    _adopt([application], actor=actor)
    return True


def adopt_all(*, actor: str = "") -> Iterator[int]:
    """Make every missing Client, yielding the size of each batch once it is committed."""
    for batch in _migration.without_client(apps.get_model, using=router.db_for_write(Client)):
        _adopt(batch, actor=actor)
        yield len(batch)


def _adopt(applications: list[Any], *, actor: str) -> None:
    using = router.db_for_write(Client)
    with transaction.atomic(using=using):
        _migration.make_clients(apps.get_model, applications, using=using)
        AuditEvent.objects.bulk_create(
            AuditEvent(event=Event.CLIENT_ADOPTED, client_id=application.client_id, actor=actor)
            for application in applications
        )


def end_tokens_of(user: AbstractBaseUser) -> int:
    """End every token django-oauth-toolkit gave for this person; how many refresh and access tokens."""
    refresh = apps.get_model(oauth2_settings.REFRESH_TOKEN_MODEL)._base_manager.filter(user_id=user.pk, revoked=None)
    ended = sum(dot_token.spend_refresh_token(row) for row in refresh.iterator())
    access = apps.get_model(oauth2_settings.ACCESS_TOKEN_MODEL)._base_manager.filter(user_id=user.pk)
    for row in access.iterator():
        dot_token.revoke_access_token(row)
        ended += 1
    return ended

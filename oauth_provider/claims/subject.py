"""`sub`: the stable identifier a client knows a person by (OpenID Connect Core §5.7, §8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.models import Subject
from oauth_provider.values import SubjectType

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Client


def of(user: AbstractBaseUser, *, client: Client) -> str:
    """The `sub` of this user for this client; one taken over from django-oauth-toolkit keeps the primary key."""
    if client.subject_type == SubjectType.DOT:
        return str(user.pk)
    return Subject.objects.of(user, sector=client.sector)


def existing(user: AbstractBaseUser, *, client: Client) -> str | None:
    """The `sub` this user has for this client already; None for one who gets it at their first grant."""
    if client.subject_type == SubjectType.DOT:
        return str(user.pk)
    rows = Subject.objects.filter(user_id=user.pk, sector=client.sector)
    return rows.values_list("sub", flat=True).first()

"""Who answers for a client: users and groups, several of each. A leaving employee takes nothing along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import router
from django.db.models import Q

from oauth_provider.conf import conf
from oauth_provider.models import Client, ClientOwner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractBaseUser

Owner = Any
_MOST_MAILS = 50


def of(client: Client) -> list[Owner]:
    """The users and groups that own a client; one statement."""
    rows = client.owners.select_related("user", "group").order_by("pk")
    return [row.user or row.group for row in rows]


def public_name(client: Client) -> str:
    """By whom a client is registered, as everybody may read it: a group's name, else a person's full name; "" when
    there is neither. Never a user name, which may be a mail address; one statement.
    """
    decides = router.db_for_write(ClientOwner)
    rows = list(ClientOwner.objects.using(decides).filter(client=client).select_related("user", "group").order_by("pk"))
    groups = [row.group.name for row in rows if row.group is not None]
    people = [_full_name(row.user) for row in rows if row.user is not None]
    return next(iter(name for name in (*groups, *people) if name), "")


def _full_name(user: Any) -> str:
    full_name = getattr(user, "get_full_name", None)
    return str(full_name()).strip() if full_name is not None else ""


def replace(client: Client, owners: Iterable[Owner]) -> None:
    """Make these its only owners."""
    wanted = list(owners)
    users = [owner.pk for owner in wanted if not isinstance(owner, Group)]
    groups = [owner.pk for owner in wanted if isinstance(owner, Group)]
    client.owners.exclude(Q(user_id__in=users) | Q(group_id__in=groups)).delete()
    ClientOwner.objects.bulk_create(
        [
            *(ClientOwner(client=client, user_id=pk) for pk in users),
            *(ClientOwner(client=client, group_id=pk) for pk in groups),
        ],
        ignore_conflicts=True,
    )


def owns(client: Client, user: AbstractBaseUser) -> bool:
    """Whether the user, or a group of theirs, owns the client; one statement."""
    return ClientOwner.objects.filter(_owned_by(user), client=client).exists()


def owned_by(user: AbstractBaseUser) -> Q:
    """For a queryset of clients: those the user or a group of theirs owns."""
    return Q(pk__in=ClientOwner.objects.filter(_owned_by(user)).values("client"))


def _owned_by(user: AbstractBaseUser) -> Q:
    groups = getattr(user, "groups", None)
    mine = Q(user_id=user.pk)
    return mine if groups is None else mine | Q(group__in=groups.all())


def mail_addresses(client: Client) -> list[str]:
    """Where mails about a client go: its active owners and members of owning groups, else SECURITY_CONTACT."""
    people = get_user_model()
    field = people.get_email_field_name()
    names = {column.name for column in people._meta.get_fields()}
    if field not in names:
        return [conf.SECURITY_CONTACT] if conf.SECURITY_CONTACT else []
    rows = list(client.owners.values_list("user_id", "group_id"))
    chosen = Q(pk__in=[user for user, _group in rows if user])
    groups = [group for _user, group in rows if group]
    if groups and "groups" in names:
        chosen |= Q(groups__in=groups)
    found = people._default_manager.filter(chosen, is_active=True).exclude(**{field: ""}) if rows else ()
    mails = sorted({str(getattr(user, field)) for user in found if getattr(user, field)})[:_MOST_MAILS]
    return mails or ([conf.SECURITY_CONTACT] if conf.SECURITY_CONTACT else [])

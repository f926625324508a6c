"""A change of groups: who lost the access is signed out there; so are apps that are told of groups, by policy."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client as Browser

from oauth_provider.models import AuditEvent, LogoutDelivery
from tests.flow import Flow
from tests.sessions.policy.conftest import ALIVE, OVER

pytestmark = pytest.mark.django_db


@pytest.fixture
def editors(alice, bob, told_client) -> Group:
    """The group whose members may use the app."""
    group = Group.objects.create(name="Editors")
    alice.groups.add(group)
    bob.groups.add(group)
    told_client.row.change(allowed_users="groups")
    told_client.row.allow_groups([group])
    return group


def remove(alice: Any, group: Group) -> None:
    alice.groups.remove(group)


def remove_from_the_group(alice: Any, group: Group) -> None:
    group.user_set.remove(alice)


def clear(alice: Any, group: Group) -> None:
    alice.groups.clear()


def clear_the_group(alice: Any, group: Group) -> None:
    group.user_set.clear()


def replace(alice: Any, group: Group) -> None:
    alice.groups.set([Group.objects.create(name="Readers")])


def delete_the_group(alice: Any, group: Group) -> None:
    group.delete()


def delete_groups(alice: Any, group: Group) -> None:
    Group.objects.filter(name="Editors").delete()


WAYS = [remove, remove_from_the_group, clear, clear_the_group, replace, delete_the_group, delete_groups]


@pytest.mark.parametrize("leave", WAYS)
def test_who_leaves_the_group_is_signed_out_of_its_app_whatever_lasts_longer(alice, editors, sign_in, leave):
    signed_in = sign_in()
    offline = sign_in(scope="openid read offline_access")
    leave(alice, editors)
    assert signed_in.now == offline.now == OVER
    event = AuditEvent.objects.get(event="grant_revoked")
    assert (event.detail["reason"], event.client_id) == ("access_lost", signed_in.client.client_id)


@pytest.mark.parametrize("leave", WAYS)
def test_policy_that_ends_nothing(alice, editors, sign_in, policy, leave):
    policy(groups_changed="nothing")
    signed_in = sign_in(scope="openid read")
    leave(alice, editors)
    event = AuditEvent.objects.filter(event__in=["grant_revoked", "session_ended"])
    assert not event.exists()
    assert not LogoutDelivery.objects.exists()
    assert signed_in.sid


def test_who_stays_in_another_group_of_the_app_stays_signed_in(alice, editors, sign_in):
    other = Group.objects.create(name="Readers")
    alice.groups.add(other)
    signed_in = sign_in()
    signed_in.client.row.allow_groups([editors, other])
    alice.groups.remove(editors)
    assert signed_in.now == ALIVE


def test_other_people_and_other_apps_stay(alice, bob, editors, sign_in, public_client):
    here = sign_in()
    there = sign_in(public_client)
    of_bob = Flow(Browser())
    of_bob.browser.force_login(bob)
    of_bob.tokens(here.client, scope="openid read")
    alice.groups.remove(editors)
    assert here.now == OVER
    assert there.now == ALIVE
    assert LogoutDelivery.objects.count() == 1


def test_clearing_a_group_signs_out_all_who_lost_the_access(alice, bob, editors, sign_in, told_client):
    sign_in()
    of_bob = Flow(Browser())
    of_bob.browser.force_login(bob)
    of_bob.tokens(told_client, scope="openid read")
    editors.user_set.clear()
    assert LogoutDelivery.objects.count() == 2


def test_permission_that_came_with_the_group(alice, told_client, sign_in):
    group = Group.objects.create(name="Editors")
    group.permissions.add(Permission.objects.get(codename="change_client"))
    alice.groups.add(group)
    told_client.row.change(allowed_users="permission", allowed_permission="oauth_provider.change_client")
    signed_in = sign_in()
    # What this object knows of its permissions is kept, and must not be believed.
    assert alice.has_perm("oauth_provider.change_client")
    alice.groups.remove(group)
    assert signed_in.now == OVER


def only_without_guests(client: Any, user: Any) -> bool:
    return not user.groups.filter(name="Guests").exists()


def test_joining_a_group_may_cost_the_access_too(alice, told_client, sign_in, settings):
    path = f"{__name__}.only_without_guests"
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ALLOWED_USERS_FUNCTIONS": {"no_guests": path}}
    told_client.row.change(allowed_users="function", allowed_function="no_guests")
    signed_in = sign_in()
    alice.groups.add(Group.objects.create(name="Guests"))
    assert signed_in.now == OVER


@pytest.mark.parametrize("expected", [("lost_access", ALIVE), ("told_groups", OVER), (None, ALIVE)])
def test_app_that_is_told_of_groups(alice, told_client, sign_in, policy, expected):
    word, became = expected
    policy(**({"groups_changed": word} if word else {}))
    told_client.row.change(allowed_scopes=["openid", "read", "groups"], told_groups=["Editors"])
    signed_in = sign_in(scope="openid read groups")
    alice.groups.add(Group.objects.create(name="Editors"))
    assert signed_in.now == became


def test_app_that_is_told_of_no_group_hears_nothing(alice, sign_in, policy):
    policy(groups_changed="told_groups")
    signed_in = sign_in()
    alice.groups.add(Group.objects.create(name="Editors"))
    assert signed_in.now == ALIVE

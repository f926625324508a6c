"""AppUser: a superuser in the hands of an app."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from oauth_provider.models import Consent
from oauth_provider.resource_server.user import AppUser, for_app
from oauth_provider.scopes import Scope
from oauth_provider.testing import as_app
from tests.settings import OAUTH_PROVIDER

pytestmark = pytest.mark.django_db


@pytest.fixture
def app_boss(boss: Any) -> Any:
    return for_app(boss, scopes=["read"])


def test_ordinary_user_is_passed_through(ada: Any) -> None:
    assert for_app(ada, scopes=["read"]) is ada


def test_staff_scope_passes_the_user_through(boss: Any, settings: Any) -> None:
    staff = Scope("staff", "Staff", staff=True)
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {
        "SCOPES": {"staff": staff, "all": Scope("all", "All", implies=("staff",)), "read": "Read"}
    }
    assert for_app(boss, scopes=["read", "staff"]) is boss
    assert for_app(boss, scopes=["all"]) is boss
    assert type(for_app(boss, scopes=["read"])) is AppUser


def test_flags_are_off_and_the_rest_is_as_ever(app_boss: Any, boss: Any, django_user_model: Any) -> None:
    assert (app_boss.is_staff, app_boss.is_superuser) == (False, False)
    assert isinstance(app_boss, django_user_model)
    assert app_boss == boss
    assert boss == app_boss
    assert hash(app_boss) == hash(boss)
    assert str(app_boss) == "boss"
    assert app_boss.is_authenticated
    assert app_boss.pk == boss.pk
    assert (boss.is_staff, boss.is_superuser) == (True, True)


def test_permissions_come_from_groups_and_user_alone(app_boss: Any, boss: Any) -> None:
    assert not app_boss.has_perm("auth.add_user")
    assert not app_boss.has_perms(["auth.add_user"])
    assert not app_boss.has_module_perms("auth")
    assert app_boss.get_all_permissions() == set()
    group = Group.objects.create(name="editors")
    group.permissions.add(Permission.objects.get(codename="add_user"))
    boss.groups.add(group)
    again = for_app(boss, scopes=["read"])
    assert again.has_perm("auth.add_user")
    assert again.has_module_perms("auth")
    assert again.get_all_permissions() == {"auth.add_user"}
    assert again.get_group_permissions() == {"auth.add_user"}
    assert not again.has_perm("auth.delete_user")
    assert boss.has_perm("auth.delete_user")


def test_save_writes_the_true_flags(app_boss: Any, boss: Any) -> None:
    app_boss.first_name = "Bo"
    app_boss.save()
    boss.refresh_from_db()
    assert (boss.first_name, boss.is_staff, boss.is_superuser) == ("Bo", True, True)
    assert (app_boss.is_staff, app_boss.has_perm("auth.add_user")) == (False, False)


def test_refresh_brings_no_power_back(app_boss: Any, boss: Any) -> None:
    app_boss.refresh_from_db()
    assert (app_boss.is_staff, app_boss.is_superuser) == (False, False)
    assert not app_boss.has_perm("auth.add_user")
    boss.is_superuser = False
    boss.save()
    app_boss.refresh_from_db()
    app_boss.save()
    boss.refresh_from_db()
    assert boss.is_superuser is False


def test_setting_a_flag_is_saved_but_gives_no_power(app_boss: Any, boss: Any) -> None:
    app_boss.is_staff = False
    app_boss.save()
    boss.refresh_from_db()
    assert (boss.is_staff, boss.is_superuser) == (False, True)
    app_boss.is_superuser = True
    assert not app_boss.has_perm("auth.add_user")


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda user: pickle.loads(pickle.dumps(user))])  # noqa: S301  # its own dump
def test_copies_have_no_power_and_save_the_true_flags(app_boss: Any, boss: Any, duplicate: Any) -> None:
    twin = duplicate(app_boss)
    assert type(twin) is AppUser
    assert not twin.is_superuser
    assert not twin.has_perm("auth.add_user")
    twin.save()
    boss.refresh_from_db()
    assert (boss.is_staff, boss.is_superuser) == (True, True)


def test_relations_and_filters_take_it(client: Any, app_boss: Any, boss: Any) -> None:
    app = as_app(client, user=boss).app
    Consent.objects.create(user=app_boss, client=app)
    assert Consent.objects.get(user=app_boss).user_id == boss.pk
    assert Consent.objects.filter(user__in=[app_boss]).count() == 1


def test_user_model_that_computes_its_flags_gets_no_permission() -> None:
    class Computed:
        is_active = True

        @property
        def is_staff(self) -> bool:
            return True

        def has_perm(self, perm: str, obj: Any = None) -> bool:
            return True

        def get_all_permissions(self, obj: Any = None) -> set[str]:
            return {"auth.add_user"}

    user: Any = for_app(Computed(), scopes=["read"])  # type: ignore[arg-type]
    assert not user.is_staff
    assert not user.has_perm("auth.add_user")
    assert user.get_all_permissions() == set()

"""User models of the site's own: without groups, without `is_active`."""

from __future__ import annotations

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.signals import m2m_changed, pre_delete
from django.test.utils import isolate_apps

from oauth_provider.sessions import groups, watch


@pytest.fixture
def person(monkeypatch):
    """A site whose people have neither."""
    with isolate_apps("tests.orgs"):

        class Person(AbstractBaseUser):
            login = models.CharField(max_length=50)

            USERNAME_FIELD = "login"

            class Meta:
                app_label = "orgs"

        for module in (groups, watch):
            monkeypatch.setattr(module, "get_user_model", lambda: Person)
        yield Person


def test_people_without_groups_are_not_listened_for(person):
    before = len(m2m_changed.receivers), len(pre_delete.receivers)
    groups.connect()
    assert (len(m2m_changed.receivers), len(pre_delete.receivers)) == before


def test_people_who_cannot_be_deactivated_are_not_looked_for(person):
    # No database is allowed here.
    assert watch.sweep() == 0

"""OpenID Connect Core §5.1, read from a user model with columns of its own: nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.test.utils import isolate_apps

from oauth_provider.claims import registry, standard
from oauth_provider.models import Client

EVERYTHING = frozenset(standard.SCOPES.values())


@pytest.fixture
def person(monkeypatch):
    """A person of a site whose model has columns for all that OpenID Connect knows, under names sites give them."""
    with isolate_apps("tests.orgs"):

        class Employer(models.Model):  # noqa: DJ008  # nobody reads it
            class Meta:
                app_label = "orgs"

        class Person(AbstractBaseUser):
            login = models.CharField(max_length=50)
            name = models.CharField(max_length=50)
            first_name = models.CharField(max_length=50)
            middle_name = models.CharField(max_length=50, blank=True)
            nickname = models.CharField(max_length=50, null=True)  # noqa: DJ001  # such models exist
            mail = models.EmailField()
            email_verified = models.BooleanField(default=True)
            date_of_birth = models.DateField()
            timezone = models.CharField(max_length=50)
            language = models.CharField(max_length=10)
            phone = models.CharField(max_length=30)
            picture = models.FileField()
            website = models.URLField()
            updated_at = models.DateTimeField()
            street_address = models.CharField(max_length=50)
            locality = models.CharField(max_length=50)
            region = models.CharField(max_length=50, blank=True)
            profile = models.ForeignKey(Employer, on_delete=models.CASCADE)

            USERNAME_FIELD = "login"
            EMAIL_FIELD = "mail"

            class Meta:
                app_label = "orgs"

        monkeypatch.setattr(standard, "get_user_model", lambda: Person)
        monkeypatch.setattr(registry, "_FOUND", {})
        found = standard._sources.__wrapped__("orgs.Person", has_allauth=False)
        monkeypatch.setattr(standard, "sources", lambda: found)
        yield Person(
            login="ada", name="Ada Lovelace", first_name="Ada", nickname=None, mail="ada@people.example",
            date_of_birth=date(1815, 12, 10), timezone=ZoneInfo("Europe/London"), language="en-GB",
            phone="+44 20 7946 0000", picture="faces/ada.png", website="https://ada.example/",
            updated_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), street_address="12 St James’s Square",
            locality="London", profile_id=1,
        )  # fmt: skip


def told(person):
    return registry.of(person, client=Client(), scopes=EVERYTHING, asked={})


def test_each_column_is_told_under_the_name_of_its_claim(person, settings):
    settings.MEDIA_URL = "/media/"
    assert told(person) == {
        "name": "Ada Lovelace",
        "given_name": "Ada",
        "preferred_username": "ada",
        "email": "ada@people.example",
        "birthdate": "1815-12-10",
        "zoneinfo": "Europe/London",
        "locale": "en-GB",
        "phone_number": "+44 20 7946 0000",
        "picture": "https://provider.example/media/faces/ada.png",
        "website": "https://ada.example/",
        "updated_at": 1767323045,
        "address": {"street_address": "12 St James’s Square", "locality": "London"},
    }


def test_column_says_nothing_of_whether_an_address_was_verified(person):
    """Nobody knows what a column of that name means to a site; it says so by a function."""
    assert "email_verified" not in told(person)


def test_relation_is_no_claim_and_is_not_read(person):
    """A statement would fail here: the test has no database."""
    assert "profile" not in told(person)


def test_picture_that_nobody_uploaded_is_none(person):
    person.picture = ""
    assert "picture" not in told(person)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("12 St James’s Square\nLondon", {"formatted": "12 St James’s Square\nLondon"}),
        ({"locality": "London", "planet": "Earth"}, {"locality": "London"}),
        ("", None),
        ({}, None),
        (None, None),
    ],
)
def test_address_of_one_column_is_a_text_or_an_object(given, address):
    class Column:
        pass

    person = Column()
    person.address = given
    assert registry._plain("address", standard._address({"address": None})(person)) == address

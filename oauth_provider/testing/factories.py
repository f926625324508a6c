"""Factories for factory_boy (an optional import): `pip install factory_boy`."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from oauth_provider import resources
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.models import Client, Consent, Grant
from oauth_provider.models.subject import new_sub
from oauth_provider.values import Profile


class UserFactory(DjangoModelFactory[Any]):
    """A user of the site's own model, named by its USERNAME_FIELD; without `password` none works."""

    class Meta:
        model = get_user_model()

    username = Sequence(lambda number: f"user{number}")
    password = None

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        name, password = kwargs.pop("username"), kwargs.pop("password")
        field = model_class.USERNAME_FIELD
        kwargs.setdefault(field, f"{name}@app.example" if "mail" in field else name)
        user = model_class(*args, **kwargs)
        user.set_password(password)
        user.save()
        return user


class ClientFactory(DjangoModelFactory[Client]):
    """A client through `Client.objects.register`; its secret, shown this once, is the attribute `secret`."""

    class Meta:
        model = Client

    name = Sequence(lambda number: f"App {number}")
    profile = Profile.WEB
    scopes = ("read",)
    redirect_uris = LazyAttribute(
        lambda wanted: ["https://app.example/callback"] if PROFILES[Profile(wanted.profile)].needs_redirect_uri else []
    )

    @classmethod
    def _create(cls, model_class: type[Client], *args: Any, **kwargs: Any) -> Client:  # noqa: ARG003  # theirs
        client, secret = model_class.objects.register(**kwargs)
        client.secret = secret  # type: ignore[attr-defined]  # for tests
        return client


class ConsentFactory(DjangoModelFactory[Consent]):
    """What a user allowed a client to be remembered."""

    class Meta:
        model = Consent

    client = SubFactory(ClientFactory)
    user = SubFactory(UserFactory)
    scopes = LazyAttribute(lambda consent: list(consent.client.allowed_scopes))


class GrantFactory(DjangoModelFactory[Grant]):
    """One authorization of a user to a client, alive for an hour."""

    class Meta:
        model = Grant

    client = SubFactory(ClientFactory)
    user = SubFactory(UserFactory)
    subject = LazyFunction(new_sub)
    scopes = LazyAttribute(lambda grant: list(grant.client.allowed_scopes))
    resources = LazyFunction(lambda: list(resources.default_audience()))
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(hours=1))

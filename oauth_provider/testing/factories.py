"""Factories for factory_boy (an optional import): `pip install factory_boy`."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from oauth_provider import credentials, resources
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.models import AccessToken, Client, ClientSecret, Consent, DeviceCode, Grant, RefreshToken
from oauth_provider.models.subject import new_sub
from oauth_provider.server.device_pipeline import ALPHABET, LENGTH
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


class ClientSecretFactory(DjangoModelFactory[ClientSecret]):
    """One more secret of a client; its value, shown this once, is the attribute `value`."""

    class Meta:
        model = ClientSecret

    client = SubFactory(ClientFactory)
    expires_at = None

    @classmethod
    def _create(cls, model_class: type[ClientSecret], *args: Any, **kwargs: Any) -> ClientSecret:  # noqa: ARG003  # theirs
        secret, value = model_class.objects.add(kwargs.pop("client"), **kwargs)
        secret.value = value  # type: ignore[attr-defined]  # for tests
        return secret


class _Valued(DjangoModelFactory[Any]):
    """A row of which the database has the digest alone; the attribute `value` is what a client sends."""

    class Meta:
        abstract = True

    kind = credentials.Kind.ACCESS_TOKEN

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        value = credentials.make(kwargs.pop("kind"))
        row = super()._create(model_class, *args, digest=credentials.digest(value), **kwargs)
        row.value = value
        return row


class AccessTokenFactory(_Valued):
    """An opaque access token, alive for an hour. (A JWT has no row: `as_app` makes one.)"""

    class Meta:
        model = AccessToken

    grant = SubFactory(GrantFactory)
    client = LazyAttribute(lambda token: token.grant.client)
    user = LazyAttribute(lambda token: token.grant.user)
    scopes = LazyAttribute(lambda token: list(token.grant.scopes))
    audience = LazyAttribute(lambda token: list(token.grant.resources))
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(hours=1))


class RefreshTokenFactory(_Valued):
    """The first refresh token of a grant, alive for a day."""

    class Meta:
        model = RefreshToken

    kind = credentials.Kind.REFRESH_TOKEN
    grant = SubFactory(GrantFactory)
    client = LazyAttribute(lambda token: token.grant.client)
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(days=1))


class DeviceCodeFactory(_Valued):
    """A device that waits for ten minutes; `value` is its device code, `user_code` what a person enters."""

    class Meta:
        model = DeviceCode

    kind = credentials.Kind.DEVICE_CODE
    user_code = LazyFunction(lambda: "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))
    client = SubFactory(ClientFactory, profile=Profile.DEVICE)
    scopes = LazyAttribute(lambda code: list(code.client.allowed_scopes))
    resources = LazyFunction(lambda: list(resources.default_audience()))
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(minutes=10))

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        user_code = kwargs.pop("user_code")
        digest = credentials.user_code_digests(user_code)[0]
        row = super()._create(model_class, *args, user_code_digest=digest, **kwargs)
        row.user_code = user_code
        return row

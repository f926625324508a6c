from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import Client, Consent, Grant

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _admin_only(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.admin.urls"


@pytest.fixture
def people(django_user_model: Any) -> Any:
    """Make people: `people("ada")`."""
    return lambda name: django_user_model.objects.create_user(name, password="pw")


@pytest.fixture
def superuser(db: None, django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("root", password="pw")


@pytest.fixture
def browser(superuser: Any) -> Browser:
    """A superuser's browser that checks CSRF only where a test asks for it."""
    browser = Browser()
    browser.force_login(superuser)
    return browser


@pytest.fixture
def staff(db: None, django_user_model: Any) -> Any:
    """A browser of a staff person who holds every permission of ours but the named ones."""

    def make(*lacking: str, only: tuple[str, ...] | None = None) -> Browser:
        user = django_user_model.objects.create_user(f"staff{django_user_model.objects.count()}", is_staff=True)
        held = Permission.objects.filter(content_type__app_label="oauth_provider")
        held = held.exclude(codename__in=lacking) if only is None else held.filter(codename__in=only)
        user.user_permissions.set(held)
        browser = Browser()
        browser.force_login(user)
        return browser

    return make


@pytest.fixture
def web(db: None) -> Client:
    """A web client with one secret."""
    return Client.objects.register(
        name="Notes", profile="web", redirect_uris=["https://notes.example/cb"], scopes=["read", "write"]
    )[0]


def allow(client: Client, user: Any, **columns: Any) -> Grant:
    """A live grant with its consent."""
    consent, _created = Consent.objects.get_or_create(user=user, client=client, defaults={"scopes": ["read"]})
    wanted = {"expires_at": timezone.now() + timedelta(days=1), "scopes": ["read"], "subject": "u_1", **columns}
    return Grant.objects.create(client=client, user=user, consent=consent, **wanted)

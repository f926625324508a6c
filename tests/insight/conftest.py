from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as Browser

from oauth_provider.clients import known
from oauth_provider.keys import store

BASE = "/admin/oauth_provider/client/"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.insight.urls"


@pytest.fixture
def warm(settings: Any) -> Any:
    """`warm()`: keys are read, as in a process that has served before; clients are not."""

    def read() -> None:
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 60}
        known.forget()
        store.usable_keys()

    yield read
    store.forget()


@pytest.fixture
def admin(db: None, django_user_model: Any) -> Browser:
    """A superuser's browser."""
    browser = Browser()
    browser.force_login(django_user_model.objects.create_superuser("root", password="pw"))
    return browser


@pytest.fixture
def staff(db: None, django_user_model: Any) -> Any:
    """A browser of a staff person who holds every permission of ours but the named ones, or only the named ones."""

    def make(*lacking: str, only: tuple[str, ...] | None = None) -> Browser:
        user = django_user_model.objects.create_user(f"staff{django_user_model.objects.count()}", is_staff=True)
        held = Permission.objects.filter(content_type__app_label="oauth_provider")
        held = held.exclude(codename__in=lacking) if only is None else held.filter(codename__in=only)
        user.user_permissions.set(held)
        browser = Browser()
        browser.force_login(user)
        return browser

    return make


def text_of(response: Any) -> str:
    """What a person reads on a page: no tags, one space between words."""
    page = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def row_counts() -> dict[str, int]:
    """How many rows each table has."""
    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  # from the schema
            counts[table] = cursor.fetchone()[0]
    return counts

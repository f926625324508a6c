from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.contrib.admin import AdminSite, ModelAdmin, site
from django.test import Client as Browser
from django.urls import path
from oauth2_provider import admin as dot_admin
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from oauth_provider.admin import dot
from oauth_provider.models import Client

MODELS = [
    *(get_application_model(), get_access_token_model(), get_grant_model()),
    *(get_id_token_model(), get_refresh_token_model()),
]

shown = AdminSite("shown")
urlpatterns = [path("admin/", site.urls), path("shown/", shown.urls)]


def test_dot_screens_are_gone(browser: Browser) -> None:
    assert not any(site.is_registered(model) for model in MODELS)
    assert browser.get("/admin/oauth2_provider/application/").status_code == 404
    assert "oauth2_provider" not in browser.get("/admin/").content.decode()


def test_hiding_what_is_not_registered_changes_nothing() -> None:
    empty = AdminSite("empty")
    dot.hide(empty)
    dot.hide(empty)
    assert not any(empty.is_registered(model) for model in MODELS)


def test_screen_of_the_site_itself_stays() -> None:
    own = AdminSite("own")

    class Own(ModelAdmin):  # type: ignore[type-arg]
        pass

    own.register(MODELS[0], Own)
    own.register(MODELS[1], dot_admin.access_token_admin_class)
    dot.hide(own)
    assert own.is_registered(MODELS[0])
    assert not own.is_registered(MODELS[1])


def test_ADMIN_SHOW_DOT_shows_rows_read_only_and_no_credential(browser: Browser, settings: Any, web: Client) -> None:
    settings.ROOT_URLCONF = __name__
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ADMIN_SHOW_DOT": True}
    dot.hide(shown)
    try:
        import django.urls

        urlpatterns[1] = path("shown/", shown.urls)
        django.urls.clear_url_caches()
        application = get_application_model().objects.get()
        address = f"/shown/oauth2_provider/application/{application.pk}/"
        page = browser.get(f"{address}change/")
        assert page.status_code == 200
        assert application.client_id in page.content.decode()
        assert application.client_secret not in page.content.decode()
        assert browser.post(f"{address}change/", {"name": "x"}).status_code == 403
        assert browser.post(f"{address}delete/", {"post": "yes"}).status_code == 403
        assert browser.get("/shown/oauth2_provider/application/add/").status_code == 403
        for model in MODELS:
            assert browser.get(f"/shown/oauth2_provider/{model._meta.model_name}/").status_code == 200
            assert not set(dot.SHOWN) & {"token", "code", "client_secret", "token_checksum"}
    finally:
        for model in MODELS:
            shown.unregister(model)


SITE = """
import sys, django
from django.conf import settings
settings.configure(
    SECRET_KEY="x" * 50, USE_TZ=True, ROOT_URLCONF="none",
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    TEMPLATES=[{{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {{"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages"]}}}}],
    INSTALLED_APPS={apps!r},
)
django.setup()
{then}
"""
BASE = [  # what every site has
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "corsheaders",
]


def run(apps: list[str], then: str) -> str:
    script = SITE.format(apps=apps, then=then)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_site_without_the_admin_starts_and_never_imports_our_screens() -> None:
    loaded = 'print([name for name in sys.modules if name.startswith("oauth_provider.admin")])'
    assert run([*BASE, "oauth2_provider", "oauth_provider"], loaded) == "[]"


@pytest.mark.parametrize(
    "order", [["oauth2_provider", "oauth_provider"], ["oauth_provider", "oauth2_provider"]], ids=["after", "before"]
)
def test_order_of_INSTALLED_APPS_does_not_bring_dot_screens_back(order: list[str]) -> None:
    names = (
        "from django.contrib import admin; "
        'print(sorted(m._meta.label for m in admin.site._registry if m._meta.app_label.startswith("oauth")))'
    )
    found = run([*BASE, "django.contrib.admin", *order], names)
    assert "oauth_provider.Client" in found
    assert "oauth2_provider" not in found

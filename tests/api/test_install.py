"""An app of its own: a site that does not install it has neither its scopes nor its dependencies."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.test import modify_settings

from oauth_provider import scopes
from oauth_provider.api.urls import urlpatterns
from tests.api.conftest import SCOPES


def test_scopes_are_registered_sensitive_and_count_for_staff():
    known = scopes.registered()
    assert SCOPES
    for name in SCOPES:
        assert name.startswith("oauth:")
        assert known[name].sensitive
        assert known[name].staff


def test_without_the_app_there_are_no_such_scopes():
    try:
        with modify_settings(INSTALLED_APPS={"remove": ["oauth_provider.api"]}):
            assert not [name for name in scopes.registered() if name.startswith("oauth:")]
    finally:
        scopes.autodiscover()
    assert set(SCOPES) <= scopes.registered().keys()


@pytest.mark.parametrize("missing", ["drf_spectacular", "django_filters"])
def test_missing_distribution_is_named_at_start(monkeypatch, missing):
    from oauth_provider.api import apps as config

    monkeypatch.setattr(config, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(
        ImproperlyConfigured, match=rf"{missing.replace('_filters', '-filter').replace('_', '-')}.*\[api\]"
    ):
        apps.get_app_config("oauth_provider_api").ready()


def test_every_address_has_a_name_without_slash():
    assert all(pattern.name for pattern in urlpatterns if not str(pattern.pattern).endswith("/$"))

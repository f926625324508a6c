from __future__ import annotations

import logging

import pytest
from django.test import override_settings

from oauth_provider.scopes import Scope
from tests.checks.sites import AT_ROOT, found

GOOD = {
    "ROOT_URLCONF": AT_ROOT,
    "DEBUG": False,
    "SECRET_KEY": "s9f87Hsd87f6hs8d7fhs8d7fhs8d7fhsd87fhs8d7fhsd8f7hsd8fh",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_HSTS_SECONDS": 31536000,
    "ALLOWED_HOSTS": ["provider.example"],
    "SECURE_PROXY_SSL_HEADER": None,
    "CACHES": {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    },
    "REST_FRAMEWORK": {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"]},
    "OAUTH_PROVIDER": {"ISSUER": "https://provider.example"},
}


@pytest.fixture(autouse=True)
def _good_site():
    with override_settings(**GOOD):
        yield


def test_good_site_is_silent():
    assert found(deploy=True) == {}


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        ("W101", "DEBUG", True),
        ("W102", "SECRET_KEY", "short"),
        ("W102", "SECRET_KEY", "django-insecure-" + "abcdefgh" * 8),
        ("W102", "SECRET_KEY", "ab" * 40),
        ("W103", "SESSION_COOKIE_SECURE", False),
        ("W104", "CSRF_COOKIE_SECURE", False),
        ("W105", "SECURE_HSTS_SECONDS", 0),
        ("W106", "ALLOWED_HOSTS", ["*"]),
        ("W107", "CACHES", {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}),
        ("W107", "CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}),
        ("W108", "OAUTH_PROVIDER", {"ISSUER": "https://provider.example", "JWT_STATE_CHECK": "never"}),
        ("W121", "OAUTH_PROVIDER", {"ISSUER": "https://provider.example", "DYNAMIC_REGISTRATION": "open"}),
        ("W120", "OAUTH_PROVIDER", {"ISSUER": "https://provider.example", "CLIENT_ID_METADATA_HOSTS": ["a.b", "*"]}),
        ("W109", "REST_FRAMEWORK", {}),
        ("W109", "REST_FRAMEWORK", {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"]}),
        ("W110", "SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https")),
    ],
)
def test_dangerous_setting_is_found_by_deploy_only(expected, name, value):
    with override_settings(**{name: value}):
        assert list(found(deploy=True)) == [expected]
        assert found() == {}


@pytest.mark.parametrize(
    ("event", "less", "more"),
    [
        ("signed_out", "sessions", "all_tokens"),
        ("password_changed", "session_tokens", "all_tokens"),
        ("deactivated", "nothing", "all_tokens"),
        ("groups_changed", "nothing", "told_groups"),
    ],
)
def test_W123_event_at_which_less_ends_is_named_and_none_at_which_more_does(event, less, more):
    with override_settings(OAUTH_PROVIDER={**GOOD["OAUTH_PROVIDER"], "SESSION_POLICY": {event: less}}):
        assert event in found(deploy=True)["W123"]
        assert found() == {}
    with override_settings(OAUTH_PROVIDER={**GOOD["OAUTH_PROVIDER"], "SESSION_POLICY": {event: more}}):
        assert found(deploy=True) == {}


def test_W124_legacy_response_types_are_named_while_one_is_on():
    on = {**GOOD["OAUTH_PROVIDER"], "LEGACY_RESPONSE_TYPES": ["token id_token"]}
    with override_settings(OAUTH_PROVIDER=on):
        assert "id_token token" in found(deploy=True)["W124"]
        assert found() == {}


def test_W111_loggers_that_write_tokens():
    logger = logging.getLogger("oauth2_provider")
    handler = logging.NullHandler()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        assert "oauth2_provider" in found(deploy=True)["W111"]
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)


def test_W122_sensitive_scopes_of_clients_that_register_themselves():
    scopes = {"read": "Read", "pay": Scope("pay", "Pay", sensitive=True), "all": Scope("all", "All", implies=("pay",))}
    given = {**GOOD["OAUTH_PROVIDER"], "SCOPES": scopes, "DYNAMIC_REGISTRATION": "token"}
    for registration_scopes in (["read", "pay"], ["all"]):
        with override_settings(OAUTH_PROVIDER={**given, "REGISTRATION_SCOPES": registration_scopes}):
            assert "pay" in found(deploy=True)["W122"]
            assert found() == {}
    with override_settings(OAUTH_PROVIDER={**given, "REGISTRATION_SCOPES": ["read"]}):
        assert found(deploy=True) == {}
    with override_settings(OAUTH_PROVIDER={**given, "REGISTRATION_SCOPES": ["pay"], "DYNAMIC_REGISTRATION": "off"}):
        assert found(deploy=True) == {}

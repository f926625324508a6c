from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from oauth_provider.checks.rules import RULES
from oauth_provider.conf import NAMES
from oauth_provider.scopes import Scope
from tests.checks.sites import NOTHING, found


@pytest.fixture(autouse=True)
def _no_urls():
    with override_settings(ROOT_URLCONF=NOTHING):
        yield


def with_setting(name, value):
    return override_settings(OAUTH_PROVIDER={"ISSUER": "https://a.example", name: value})


def test_every_setting_has_a_rule():
    assert set(RULES) == set(NAMES)


def test_right_settings_are_silent():
    assert found() == {}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ISSUR", "ISSUER"),
        ("scopes", "SCOPES"),
        ("ACCESS_TOKEN_LIFETIM", "ACCESS_TOKEN_LIFETIME"),
        ("ACCESS_TOKEN_EXPIRE_SECONDS", "ACCESS_TOKEN_LIFETIME"),
    ],
)
def test_E001_unknown_setting_names_the_one_meant(name, meant):
    with override_settings(OAUTH_PROVIDER={name: 1}):
        assert f"Did you mean {meant!r}?" in found()["E001"]


def test_E001_unknown_setting_like_no_other():
    with override_settings(OAUTH_PROVIDER={"XYZZY": 1}):
        assert "docs/settings.md" in found()["E001"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUDIT_KEY", "short"),
        ("AUDIT_KEY", None),
        ("AUDIT_KEY_FALLBACKS", "k" * 40),
        ("AUDIT_KEY_FALLBACKS", ["short"]),
        ("ACCESS_TOKEN_LIFETIME", 0),
        ("ACCESS_TOKEN_LIFETIME", -1),
        ("ACCESS_TOKEN_LIFETIME", "3600"),
        ("ACCESS_TOKEN_LIFETIME", None),
        ("ACCESS_TOKEN_LIFETIME", True),
        ("ACCESS_TOKEN_LIFETIME", timedelta(seconds=-5)),
        ("AUTHORIZATION_CODE_LIFETIME", 601),
        ("REFRESH_TOKEN_LEEWAY", -1),
        ("CLOCK_SKEW", 61),
        ("DPOP_PROOF_LIFETIME", 0),
        ("DPOP_PROOF_LIFETIME", 301),
        ("DPOP_NONCE", "yes"),
        ("PROCESS_CACHE_SECONDS", 1.5),
        ("PROCESS_CACHE_SECONDS", "1"),
        ("TOKEN_BRAND", "OP"),
        ("TOKEN_BRAND", "o_p"),
        ("TOKEN_BRAND", ""),
        ("JWT_STATE_CHECK", "sometimes"),
        ("SESSION_POLICY", ["signed_out"]),
        ("SESSION_POLICY", {"signed_in": "nothing"}),
        ("SESSION_POLICY", {"signed_out": "nothing"}),
        ("SESSION_POLICY", {"password_changed": True}),
        ("SESSION_POLICY", {"groups_changed": "all_tokens"}),
        ("TOKENS_NOT_BEFORE", datetime(2026, 1, 1)),  # noqa: DTZ001
        ("SCOPES", ["read"]),
        ("SCOPES", {"read notes": "Read"}),
        ("SCOPES", {"läs": "Read"}),
        ("SCOPES", {"read": None}),
        ("SCOPES", {"read": Scope("write", "Write")}),
        ("DEFAULT_SCOPES", ["nowhere"]),
        ("DEFAULT_SCOPES", "openid"),
        ("RESOURCES", {"/api": "Notes"}),
        ("RESOURCES", {"https://a.example/#x": "Notes"}),
        ("RESOURCES", ["https://a.example"]),
        ("PAGES_CSP", {"frame-ancestors": ["*"]}),
        ("PAGES_CSP", {"img-src": "https:"}),
        ("PAGES_CSP", {"img-src": ["https:; script-src *"]}),
        ("TRUSTED_PROXIES", -1),
        ("SECRET_FAILURES_PER_MINUTE", 0),
        ("ADMIN_SHOW_DOT", "no"),
        ("ISSUER", None),
    ],
)
def test_E002_wrong_value_is_named(name, value):
    with override_settings(OAUTH_PROVIDER={"ISSUER": "https://a.example", name: value}):
        assert name in found()["E002"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACCESS_TOKEN_LIFETIME", timedelta(minutes=5)),
        ("AUTHORIZATION_CODE_LIFETIME", 600),
        ("REFRESH_TOKEN_LEEWAY", 0),
        ("CLOCK_SKEW", 60),
        ("PROCESS_CACHE_SECONDS", 0.5),
        ("TOKEN_BRAND", "acme1"),
        ("TOKENS_NOT_BEFORE", datetime(2026, 1, 1, tzinfo=UTC)),
        ("SCOPES", {"notes:read": Scope("notes:read", "Read")}),
        ("DEFAULT_SCOPES", ("openid",)),
        ("RESOURCES", {"urn:notes": "Notes", "https://api.example/notes": "Notes"}),
        ("PAGES_CSP", {"img-src": ("https://cdn.example",)}),
    ],
)
def test_right_value_is_silent(name, value):
    with with_setting(name, value):
        assert found() == {}


@pytest.mark.parametrize("given", [None, [], "ISSUER", 5])
def test_E003_settings_are_no_dict(given):
    with override_settings(OAUTH_PROVIDER=given):
        assert list(found(deploy=True))[:1] == ["E003"]


def test_W001_our_key_in_the_toolkits_dict_prints_the_line_to_write():
    with override_settings(OAUTH2_PROVIDER={"JWT_STATE_CHECK": "always"}):
        assert "OAUTH_PROVIDER['JWT_STATE_CHECK'] = 'always'" in found()["W001"]


def test_W002_toolkit_key_we_would_need_prints_the_line_to_write():
    dot = {"SCOPES": {"read": "Read"}, "ACCESS_TOKEN_EXPIRE_SECONDS": 60, "PKCE_REQUIRED": False}
    with override_settings(OAUTH2_PROVIDER=dot, OAUTH_PROVIDER={"SCOPES": {"read": "Read"}}):
        assert "OAUTH_PROVIDER['ACCESS_TOKEN_LIFETIME'] = 60" in found()["W002"]
    with override_settings(OAUTH2_PROVIDER=dot, OAUTH_PROVIDER={"ACCESS_TOKEN_LIFETIME": 60}):
        assert "OAUTH_PROVIDER['SCOPES'] = {'read': 'Read'}" in found()["W002"]
    with override_settings(
        OAUTH2_PROVIDER=dot, OAUTH_PROVIDER={"ACCESS_TOKEN_LIFETIME": 60, "SCOPES": {"read": "Read"}}
    ):
        assert found() == {}


def test_secrets_among_the_settings_are_not_printed():
    """What checks print ends up in the logs of a deployment."""
    for name, value in (("AUDIT_KEY", "kept-to-itself"), ("AUDIT_KEY_FALLBACKS", ["kept-to-itself"])):
        with with_setting(name, value):
            assert "kept-to-itself" not in found()["E002"]
        with override_settings(OAUTH2_PROVIDER={name: value}):
            assert "kept-to-itself" not in found()["W001"]

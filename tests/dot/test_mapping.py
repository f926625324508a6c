"""What an Application could do is what its Client may do: the mapping of the first migration, column by column."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.test import override_settings
from oauth2_provider.models import Application

migration = import_module("oauth_provider.migrations.0002_adopt_applications")
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def columns(dot=None, **application):
    wanted = {"client_type": "confidential", "authorization_grant_type": "authorization-code", **application}
    with override_settings(OAUTH2_PROVIDER=dot or {}):
        return migration.columns_of(Application(client_id="old", **wanted))


@pytest.mark.parametrize(
    ("theirs", "grant_types", "response_types"),
    [
        ("authorization-code", ["authorization_code", "refresh_token"], ["code"]),
        ("openid-hybrid", ["authorization_code", "refresh_token"], ["code"]),
        ("client-credentials", ["client_credentials"], []),
        (DEVICE, [DEVICE, "refresh_token"], []),
        ("password", ["refresh_token"], []),
        ("implicit", [], []),
        ("a grant of the site's own", [], []),
    ],
)
def test_grant_type_becomes_the_grants_that_are_served(theirs, grant_types, response_types):
    found = columns(authorization_grant_type=theirs)
    assert (found["grant_types"], found["response_types"]) == (grant_types, response_types)


def test_every_grant_type_of_the_toolkit_is_mapped():
    assert set(migration.GRANT_TYPES) == {value for value, _label in Application.GRANT_TYPES}


def test_confidential_application():
    found = columns()
    assert found["auth_method"] == ""
    assert found["resource_server_for"] == ["*"]
    assert found["allowed_scopes"] == ["*"]
    assert found["profile"] == "imported"
    assert found["registration_source"] == "dot"
    assert found["token_format"] == "opaque"
    assert found["subject_type"] == "dot"


def test_public_application_has_no_secret_and_introspects_nothing():
    found = columns(client_type="public")
    assert (found["auth_method"], found["resource_server_for"]) == ("none", [])


@pytest.mark.parametrize(
    ("required", "expected"), [(True, True), (False, False), (lambda client_id: client_id == "old", True)]
)
def test_pkce_is_required_where_it_was(required, expected):
    assert columns({"PKCE_REQUIRED": required})["require_pkce"] is expected


def test_default_scopes_are_the_toolkits_effective_ones():
    scopes = {"read": "Read", "write": "Write"}
    assert columns({"SCOPES": scopes})["default_scopes"] == ["read", "write"]
    assert columns({"SCOPES": scopes, "DEFAULT_SCOPES": ["write"]})["default_scopes"] == ["write"]


def test_lifetimes_are_the_toolkits():
    found = columns({"ACCESS_TOKEN_EXPIRE_SECONDS": 600, "REFRESH_TOKEN_EXPIRE_SECONDS": timedelta(days=2)})
    assert (found["access_token_lifetime"], found["refresh_token_idle_lifetime"]) == (600, 172800)
    assert columns()["access_token_lifetime"] == 36000
    assert columns()["refresh_token_idle_lifetime"] is None


def test_skipped_consent_stays_skipped():
    assert columns(skip_authorization=True)["first_party"] is True


def test_origins_are_written_as_a_browser_sends_them():
    application = Application(
        allowed_origins="https://A.example/ https://b.example:8443  https://a.example " + "x" * 300
    )
    assert migration.origins_of(application) == ["https://a.example", "https://b.example:8443"]

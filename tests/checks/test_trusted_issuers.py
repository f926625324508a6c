"""Each mistake in TRUSTED_ISSUERS has an id, names the issuer, and says what to set; a token that comes all the same
is refused with the same sentence."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from oauth_provider.resource_server.issuers.trusted import trusted
from tests.checks.sites import AT_ROOT, NOTHING, found
from tests.settings import OAUTH_PROVIDER

KEYCLOAK = "https://login.example/realms/notes"
AUTH0 = "https://you.eu.auth0.com/"
OKTA = "https://you.okta.com/oauth2/default"
COGNITO = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
OPENID = "https://login.example"
FOUND = frozenset(f"E06{number}" for number in range(8)) | {"W060", "W061", "W062", "W063"}
SECRET = {"client_id": "api", "client_secret": "s3cret-of-the-api"}


@pytest.fixture
def site(settings):
    """The messages about these issuers; the site issues tokens itself."""
    settings.ROOT_URLCONF = AT_ROOT

    def _site(issuers, *, deploy=False, **more):
        settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"TRUSTED_ISSUERS": issuers} | more
        return {id_: said for id_, said in found(deploy=deploy).items() if id_ in FOUND}

    return _site


GOOD = {
    KEYCLOAK: {"preset": "keycloak", "audience": "notes-api", "role_scopes": {"editor": ["read"]}},
    AUTH0: {"preset": "auth0", "audience": "https://api.example", "roles_from": "https://example.com/roles"},
    OKTA: {"preset": "okta", "audience": ["api://notes"], "user": "tests.issuers.test_users.by_username"},
    COGNITO: {"preset": "cognito", "client_id": ["1example"], "scope_prefix": "notes/"},
    OPENID: {"preset": "openid", "audience": "https://api.example", "introspection": SECRET, "algorithms": ["ES256"]},
}


def test_good_settings_are_silent(site):
    assert site(GOOD, deploy=True) == {}
    assert site({}) == {}


@pytest.mark.parametrize(
    ("id_", "issuer", "entry", "says"),
    [
        ("E060", OPENID, {"preset": "openid", "audience": "x", "audiance": "x"}, "Did you mean 'audience'?"),
        ("E060", OPENID, {"preset": "openid", "audience": "x", "zzz": 1}, "There are: preset"),
        (
            "E060",
            OPENID,
            {"preset": "openid", "audience": "x", "introspection": {**SECRET, "ur": "x"}},
            "Did you mean 'url'?",
        ),
        ("E061", OPENID, {"audience": "x"}, "keycloak, auth0, okta, cognito, openid"),
        ("E061", OPENID, {"preset": "openid", "audience": "x", "user": "no.such.function"}, "dotted path"),
        ("E061", OPENID, {"preset": "openid", "audience": "x", "role_scopes": ["editor"]}, "dict from roles"),
        ("E061", OPENID, {"preset": "openid", "audience": "x", "typ": ["id+jwt"]}, "at+jwt"),
        ("E061", OPENID, {"preset": "openid", "audience": "x", "jwks_uri": "ftp://x.example"}, "https URL"),
        ("E061", OPENID, {"preset": "openid", "audience": "x", "introspection": {"client_id": "a"}}, "client_secret"),
        (
            "E061",
            OPENID,
            {"preset": "openid", "audience": "x", "introspection": {**SECRET, "seconds": 3600}},
            "from 1 to 60",
        ),
        ("E061", OPENID, "keycloak", "must be a dict"),
        ("E062", "http://login.example", {"preset": "openid", "audience": "x"}, "https URL"),
        ("E062", "https://login.example/?a", {"preset": "openid", "audience": "x"}, "https URL"),
        ("E062", "https://you.eu.auth0.com", {"preset": "auth0", "audience": "x"}, "end with a slash"),
        ("E062", "https://you.okta.com", {"preset": "okta", "audience": "x"}, "issues tokens for Okta only"),
        ("E062", "https://login.example", {"preset": "keycloak", "audience": "x"}, "/realms/"),
        (
            "E062",
            "https://you.auth.eu-west-1.amazoncognito.com",
            {"preset": "cognito", "client_id": "x"},
            "cognito-idp",
        ),
        ("E063", "https://provider.example", {"preset": "openid", "audience": "x"}, "own ISSUER"),
        ("E064", COGNITO, {"preset": "cognito"}, "Cognito access tokens have no `aud`; set `client_id`"),
        ("E064", OPENID, {"preset": "openid"}, "`aud`"),
        ("E064", OPENID, {"preset": "openid", "client_id": ["app"]}, "`aud`"),
        ("E065", OPENID, {"preset": "openid", "audience": "x", "algorithms": ["none"]}, "not asymmetric"),
        ("E065", OPENID, {"preset": "openid", "audience": "x", "algorithms": ["RS256", "HS256"]}, "'HS256'"),
    ],
)
def test_mistake_is_named_and_refused_when_a_token_comes(site, id_, issuer, entry, says):
    messages = site({issuer: entry})
    assert list(messages) == [id_]
    assert says in messages[id_]
    assert repr(issuer) in messages[id_]
    with pytest.raises(ImproperlyConfigured) as refused:
        trusted()
    assert repr(issuer) in str(refused.value)


def test_E066_two_issuers_for_opaque_tokens(site):
    entry = {"preset": "openid", "audience": "x", "introspection": SECRET}
    assert list(site({OPENID: entry, "https://other.example": entry})) == ["E066"]
    always = {**entry, "introspection": {**SECRET, "for": "always"}}
    assert site({OPENID: entry, "https://other.example": always}) == {}


def test_E067_several_resources_and_an_audience_that_is_none_of_them(site):
    several = {"RESOURCES": {"https://notes.example": "Notes", "https://files.example": "Files"}}
    assert list(site({KEYCLOAK: GOOD[KEYCLOAK]}, **several)) == ["E067"]
    mapped = {**GOOD[KEYCLOAK], "audience": {"https://notes.example": "notes-api"}}
    assert site({KEYCLOAK: mapped}, **several) == {}
    assert list(site({KEYCLOAK: mapped})) == ["E067"]
    mistyped = {**mapped, "audience": {"https://notes.example": "a", "https://note.example": "b"}}
    assert "'https://note.example'" in site({KEYCLOAK: mistyped}, **several)["E067"]
    assert list(site({KEYCLOAK: {**mapped, "audience": 5}}, **several)) == ["E061"]
    listed = {**GOOD[KEYCLOAK], "audience": ["https://files.example"]}
    assert site({KEYCLOAK: listed}, **several) == {}


@pytest.mark.parametrize(
    ("id_", "issuer", "more"),
    [
        ("W060", "http://127.0.0.1:9/", {"private_network": True}),
        ("W061", OPENID, {"typ": ["at+jwt", "JWT"]}),
        ("W062", OPENID, {"introspection": {**SECRET, "token_type": "optional"}}),
    ],
)
def test_weakening_is_reported_before_deployment_only(site, id_, issuer, more):
    entry = {"preset": "openid", "audience": "x", **more}
    assert site({issuer: entry}) == {}
    assert list(site({issuer: entry}, deploy=True)) == [id_]


def test_W063_account_is_nobodys_audience(site):
    assert list(site({KEYCLOAK: {"preset": "keycloak", "audience": ["account"]}}, deploy=True)) == ["W063"]


def test_secret_is_in_no_message(site, settings):
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {
        "TRUSTED_ISSUERS": {OPENID: {"preset": "openid", "introspection": SECRET, "typ": "s3cret-of-the-api"}}
    }
    settings.OAUTH2_PROVIDER = {"TRUSTED_ISSUERS": {OPENID: {"introspection": SECRET}}}
    assert SECRET["client_secret"] not in str(found(deploy=True))


@pytest.mark.parametrize("value", ["https://login.example", ["https://login.example"], 5])
def test_table_that_is_no_dict(site, settings, value):
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"TRUSTED_ISSUERS": value}
    assert "a dict of issuers" in found()["E002"]


def test_what_concerns_issuing_only_is_silent_on_a_resource_server(settings, monkeypatch):
    settings.ROOT_URLCONF = NOTHING
    settings.OAUTH_PROVIDER = {"TRUSTED_ISSUERS": GOOD, "JWT_STATE_CHECK": "never", "DYNAMIC_REGISTRATION": "open"}
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {})
    assert {"W010", "W107", "W108", "W121", "E010"}.isdisjoint(found(deploy=True))

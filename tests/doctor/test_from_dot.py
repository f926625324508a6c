"""A site that runs django-oauth-toolkit: what the doctor says before anything is switched."""

from __future__ import annotations

import pytest
from oauth2_provider.models import get_application_model

from oauth_provider.models import Client
from tests.checks.sites import AT_ROOT, BESIDE_DOT, ONLY_DOT
from tests.doctor.told import run, state, told

pytestmark = pytest.mark.django_db


def application(kind="authorization-code", *, secret="readable-secret", hashed=False, **values):
    return get_application_model().objects.create(
        name=values.pop("name", kind),
        client_type="confidential",
        authorization_grant_type=kind,
        redirect_uris="https://c.example/cb",
        client_secret=secret,
        hash_client_secret=hashed,
        **values,
    )


def adopt():
    from oauth_provider.transfer import dot

    assert sum(dot.adopt_all(actor="test"))


def test_applications_without_a_client_and_what_adopting_would_do():
    assert state("dot-applications", dot=True) == "ok"
    for number in range(3):
        application(name=f"Notes {number}")
    application("client-credentials", name="Report")
    (found,) = told("dot-applications", dot=True)
    assert found.state == "problem"
    assert "4 of 4 Applications have no Client" in found.sentence
    assert "Notes 0, Notes 1, Notes 2 and 1 more" in found.sentence
    assert "3 authorization-code, 1 client-credentials" in found.fix
    assert Client.objects.count() == 0
    adopt()
    assert state("dot-applications", dot=True) == "ok"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("authorization-code", "ok"),
        ("client-credentials", "ok"),
        ("openid-hybrid", "warning"),
        ("password", "warning"),
        ("implicit", "problem"),
        ("saml", "problem"),
    ],
)
def test_grant_types_without_a_counterpart(kind, expected):
    application(kind)
    assert state("dot-grant-types", dot=True) == expected
    assert kind in told("dot-grant-types", dot=True)[0].sentence


def test_secrets_are_counted_and_never_shown():
    application(hashed=True)
    assert state("dot-secrets", dot=True) == "ok"
    application()
    (found,) = told("dot-secrets", dot=True)
    assert found.state == "warning"
    assert found.sentence.startswith("1 secrets stand readable")
    _, said = run("--from-dot")
    assert "readable-secret" not in said


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PKCE_REQUIRED", True, "ok"),
        ("PKCE_REQUIRED", False, "warning"),
        ("ALLOW_URI_WILDCARDS", True, "problem"),
        ("OIDC_ISS_ENDPOINT", "https://old.example/o", "problem"),
        ("OIDC_ISS_ENDPOINT", "https://provider.example/", "ok"),
        ("OIDC_RSA_PRIVATE_KEY", "-----BEGIN hidden", "ok"),
        ("OAUTH2_VALIDATOR_CLASS", "site.validators.Ours", "warning"),
        ("OAUTH2_VALIDATOR_CLASS", "oauth_provider.server.validator.Validator", "ok"),
        ("SCOPES", {"orders": "Orders"}, "warning"),
        ("SCOPES", {"read": "Read"}, "ok"),
        ("REFRESH_TOKEN_EXPIRE_SECONDS", None, "warning"),
        ("REFRESH_TOKEN_EXPIRE_SECONDS", 86400, "ok"),
    ],
)
def test_settings_of_dot(settings, name, value, expected):
    # Reading is all the doctor does with it, and django-oauth-toolkit need not like it.
    settings.OAUTH2_PROVIDER = {name: value}
    found = told("dot-settings", dot=True)
    assert {one.state.value for one in found} == {expected}
    assert "BEGIN hidden" not in str(found)


@pytest.mark.parametrize(("urls", "expected"), [(AT_ROOT, "ok"), (ONLY_DOT, "ok"), (BESIDE_DOT, "warning")])
def test_pages_of_dot(settings, urls, expected):
    settings.ROOT_URLCONF = urls
    assert state("dot-pages", dot=True) == expected
    said = " ".join(one.sentence for one in told("dot-pages", dot=True))
    assert ("dot_urls" in said) == (urls is ONLY_DOT)


def test_authentication_of_dot(settings):
    assert state("dot-authentication", dot=True) == "ok"
    settings.REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": ["oauth2_provider.contrib.rest_framework.OAuth2Authentication"]
    }
    assert state("dot-authentication", dot=True) == "warning"
    settings.OAUTH2_PROVIDER = {"OAUTH2_VALIDATOR_CLASS": "oauth_provider.server.validator.Validator"}
    assert state("dot-authentication", dot=True) == "ok"


def test_scopes_that_only_dot_knows():
    assert state("dot-scopes", dot=True) == "ok"
    Client.objects.register(name="Old", profile="machine", scopes=["read"])
    Client.objects.update(allowed_scopes=["orders"])
    assert state("dot-scopes", dot=True) == "warning"


def test_without_the_option_nothing_is_said_of_it():
    _, said = run()
    assert "django-oauth-toolkit\n" not in said

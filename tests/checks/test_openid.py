"""Claims, sign-in contexts and the pages for them: what is named must exist."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from oauth_provider.claims import claim, registry
from tests.checks.sites import AT_ROOT, found


@pytest.fixture(autouse=True)
def _mounted():
    with override_settings(ROOT_URLCONF=AT_ROOT):
        yield


def with_settings(**changes):
    return override_settings(OAUTH_PROVIDER={**settings.OAUTH_PROVIDER, **changes})


@pytest.mark.parametrize(("scope", "is_known"), [("read", True), ("profile", True), ("staff", False)])
def test_E100_a_claim_is_given_by_a_scope_that_does_not_exist(monkeypatch, scope, is_known):
    monkeypatch.setattr(registry, "_FOUND", {})
    claim("employee_number", scope=scope)(lambda _user: 7)
    assert ("E100" in found()) is not is_known


@pytest.mark.parametrize("name", ["SIGN_UP_URL", "STEP_UP_URL"])
@pytest.mark.parametrize(("url", "exists"), [("/sign-up/", True), ("oauth_provider:login", True), ("nowhere", False)])
def test_E104_a_page_that_does_not_exist(name, url, exists):
    with with_settings(**{name: url}):
        assert ("E104" in found()) is not exists


@pytest.mark.parametrize(("context", "is_said"), [("django.utils.timezone.now", True), ("", False)])
def test_W100_values_that_nobody_reaches(context, is_said):
    with with_settings(ACR_VALUES=["urn:one"], AUTHENTICATION_CONTEXT=context):
        assert ("W100" in found()) is not is_said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTHENTICATION_CONTEXT", "no.such.function"),
        ("AUTHENTICATION_CONTEXT", 1),
        ("ACR_VALUES", "urn:one"),
        ("ACR_VALUES", ["urn one"]),
        ("ACR_VALUES", ["a", "a"]),
        ("STEP_UP_URL", "a b"),
        ("SIGN_UP_URL", None),
    ],
)
def test_E002_settings_of_another_form(name, value):
    with with_settings(**{name: value}):
        assert name in found()["E002"]

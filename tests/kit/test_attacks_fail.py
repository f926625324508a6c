"""Tests of the tests: on a site with one thing broken, the attack on that thing fails, and says so."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models.functions import Now

from oauth_provider.authorization import checks, response
from oauth_provider.clients import redirect_uris
from oauth_provider.models import AuthorizationCode, Client
from oauth_provider.resource_server import bearer
from oauth_provider.testing import OAuthAttackTests

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kit.broken")]


class Site(OAuthAttackTests, unittest.TestCase):
    protected_url = "/trusting"
    protected_scopes = "read"
    login_url = "/login"
    logout_url = "/signed-out"
    __test__ = False


NAMES = [name for name in dir(Site) if name.startswith("test_")]


def run(name: str, **attributes: str) -> unittest.TestResult:
    kind = type("Broken", (Site,), attributes)
    result = unittest.TestResult()
    kind(name).run(result)
    assert result.testsRun == 1
    return result


def said(result: unittest.TestResult) -> str:
    assert not result.errors, result.errors[0][1]
    return "\n".join(text for _test, text in result.failures)


# ── what is broken ──────────────────────────────────────────────────────────────────────────────────────────


def middleware(name: str, *, last: bool = False) -> Callable[..., None]:
    def break_it(settings: Any, monkeypatch: Any) -> None:
        added = [f"tests.kit.broken.{name}"]
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, *added] if last else [*added, *settings.MIDDLEWARE]

    return break_it


def replaced(owner: Any, name: str, by: Any) -> Callable[..., None]:
    def break_it(settings: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(owner, name, by)

    return break_it


def any_client(asked: Any, **_: Any) -> Client:
    return Client.objects.latest("pk")


def spend_anything(self: Any, digest: str, **_: Any) -> bool:
    """Whose it is, and by what proof, is not looked at; nor whether it was spent."""
    return bool(self.filter(digest=digest).update(consumed_at=Now()))


def without_iss(target: Any, members: dict[str, str]) -> response.Response:
    return response.Response(f"{target.redirect_uri}?{urlencode(members)}")


def to_wherever(target: Any, refused: Any) -> response.Response:
    return response.Response("https://evil.example/?error=x")


def nothing(settings: Any, monkeypatch: Any) -> None:
    """The view alone is broken."""


CHECKS_WITHOUT_PKCE = checks.CHECKS[:-1]

# attack → what is broken, and attributes of the site.
BROKEN: dict[str, tuple[Callable[..., None], dict[str, str]]] = {
    "test_redirect_uri_that_differs_in_one_sign_is_a_page": (
        replaced(redirect_uris, "match", lambda asked, registered: asked.startswith(registered[0])), {}
    ),
    "test_client_that_is_not_registered_is_a_page": (replaced(checks, "find_client", any_client), {}),
    "test_sign_in_leads_to_no_other_site": (nothing, {"login_url": "/login-open"}),
    "test_sign_out_leads_to_no_other_site": (nothing, {"logout_url": "/logout-open"}),
    "test_error_leads_only_to_the_registered_address": (replaced(response, "error", to_wherever), {}),
    "test_code_that_is_sent_again_is_refused_and_ends_its_tokens": (
        replaced(type(AuthorizationCode.objects), "spend", spend_anything), {}
    ),
    "test_code_of_another_app_is_refused": (
        replaced(type(AuthorizationCode.objects), "spend", spend_anything), {}
    ),
    "test_code_is_refused_without_the_verifier_of_its_own_request": (
        replaced(type(AuthorizationCode.objects), "spend", spend_anything), {}
    ),
    "test_code_is_refused_with_another_redirect_uri": (
        replaced(type(AuthorizationCode.objects), "spend", spend_anything), {}
    ),
    "test_request_cannot_be_made_without_pkce_or_with_less": (
        replaced(checks, "CHECKS", CHECKS_WITHOUT_PKCE), {}
    ),
    "test_every_answer_names_the_issuer_of_the_metadata": (replaced(response, "_respond", without_iss), {}),
    "test_parameter_that_is_sent_twice_is_refused": (middleware("last_of_doubled"), {}),
    "test_decision_that_another_site_sends_decides_nothing": (middleware("csrf_off"), {}),
    "test_pages_where_people_decide_cannot_be_framed": (middleware("frames_allowed"), {}),
    "test_no_other_origin_may_read_the_authorization_endpoint": (middleware("every_origin_allowed"), {}),
    "test_api_lets_in_a_token_with_the_scope_and_nobody_without_a_token": (nothing, {"protected_url": "/closed"}),
    "test_api_refuses_a_token_without_the_scope": (nothing, {}),
    "test_api_refuses_a_token_in_the_address": (nothing, {}),
    "test_api_refuses_an_id_token": (nothing, {}),
    "test_api_refuses_a_token_for_another_audience": (nothing, {}),
    "test_api_refuses_a_token_that_was_altered_expired_or_never_signed": (nothing, {}),
    "test_api_refuses_a_bound_token_without_its_key": (nothing, {}),
    "test_admin_takes_no_token_of_a_superuser": (middleware("token_signs_in", last=True), {}),
    "test_no_secret_is_logged": (middleware("everything_logged"), {}),
}  # fmt: skip


def test_each_attack_has_a_site_that_it_finds_broken() -> None:
    assert set(BROKEN) == set(NAMES)


@pytest.mark.parametrize("name", BROKEN)
def test_attack_finds_what_is_broken(name: str, settings: Any, monkeypatch: Any) -> None:
    break_it, attributes = BROKEN[name]
    break_it(settings, monkeypatch)
    assert said(run(name, **attributes))


def test_view_that_is_open_to_everybody_is_found(settings: Any) -> None:
    name = "test_api_lets_in_a_token_with_the_scope_and_nobody_without_a_token"
    assert "no token" in said(run(name, protected_url="/open"))


def test_what_is_found_is_said_without_the_secret(settings: Any, monkeypatch: Any) -> None:
    middleware("everything_logged")(settings, monkeypatch)
    told = said(run("test_no_secret_is_logged"))
    assert "A log line holds the" in told
    assert "op_ac_" not in told


def test_bound_token_that_is_taken_as_bearer_is_found(monkeypatch: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit.site"
    monkeypatch.setattr(bearer, "prove", lambda *given: given[-1])
    told = said(run("test_api_refuses_a_bound_token_without_its_key", protected_url="/notes"))
    assert "a bound token as Bearer" in told


@pytest.mark.parametrize("name", NAMES)
def test_without_a_view_the_attacks_on_the_api_are_skipped_and_the_others_hold(name: str, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit.site"
    result = run(name, protected_url="", protected_scopes="", login_url="", logout_url="")
    assert (result.errors, result.failures) == ([], [])
    assert bool(result.skipped) is name.startswith("test_api_")

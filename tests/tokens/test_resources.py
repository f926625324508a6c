"""Audiences with RESOURCES declared: each format, each grant (RFC 8707)."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.tokens.lookup import find_access_token
from tests.flow import machine_token, refresh

pytestmark = pytest.mark.django_db

NOTES, MAIL = "https://notes.example/api", "https://mail.example/api"


@pytest.fixture(autouse=True)
def _two_resources(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {NOTES: "Notes", MAIL: "Mail"}}


@pytest.fixture
def both(app):
    app.row.resources = [NOTES, MAIL]
    app.row.save(update_fields=["resources"])
    return app


def _audience(response):
    return find_access_token(response.json()["access_token"]).audience


def test_audience_is_narrowed_at_each_step_and_the_grant_keeps_both(flow, both):
    code = flow.code(both, resource=[NOTES, MAIL])
    first = flow.redeem(both, code, resource=NOTES)
    assert _audience(first) == (NOTES,)
    second = refresh(both, first.json()["refresh_token"], resource=MAIL)
    assert _audience(second) == (MAIL,)
    third = refresh(both, second.json()["refresh_token"])
    assert set(_audience(third)) == {NOTES, MAIL}


def test_client_of_one_resource_need_not_name_it(machine):
    machine.row.resources = [MAIL]
    machine.row.save(update_fields=["resources"])
    assert _audience(machine_token(machine)) == (MAIL,)


def test_resource_taken_from_the_client_is_given_to_no_new_token(flow, both):
    first = flow.tokens(both, resource=[NOTES, MAIL])
    both.row.resources = [NOTES]
    both.row.save(update_fields=["resources"])
    response = refresh(both, first["refresh_token"], resource=MAIL)
    assert response.json()["error"] == "invalid_target"


def test_token_of_one_resource_does_not_open_another(flow, both, settings):
    settings.ROOT_URLCONF = "tests.tokens.test_resources"
    value = flow.tokens(both, resource=NOTES)["access_token"]
    header = {"HTTP_AUTHORIZATION": f"Bearer {value}"}
    assert Browser().get("/notes", **header).status_code == 200
    response = Browser().get("/mail", **header)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def _urls():
    from django.http import JsonResponse
    from django.urls import include, path

    from oauth_provider.resource_server.decorators import scope_required

    def view(request):
        return JsonResponse({})

    return [
        path("notes", scope_required("read", resource=NOTES)(view)),
        path("mail", scope_required("read", resource=MAIL)(view)),
        path("", include("oauth_provider.urls")),
    ]


urlpatterns = _urls()

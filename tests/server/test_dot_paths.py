"""django-oauth-toolkit's paths and classes, answered by us."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.flow import machine_token, post_form

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class DotView(APIView):
    """A view a site wrote for django-oauth-toolkit."""

    from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope

    authentication_classes = [OAuth2Authentication]
    permission_classes = [TokenHasScope]
    required_scopes = ["read"]

    def get(self, request):
        return Response({"app": request.auth.client.name})


urlpatterns = [
    path("o/", include("oauth_provider.dot_urls")),
    path("", include("oauth_provider.urls")),
    path("dot-view", DotView.as_view()),
]


def test_client_configured_for_dots_token_path_goes_on(machine_client):
    answer = post_form(
        Browser(), "/o/token/", {"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=machine_client.basic
    )
    assert answer.status_code == 200


@pytest.fixture
def _our_validator(settings):
    from oauth2_provider.settings import oauth2_settings

    settings.OAUTH2_PROVIDER = {"OAUTH2_VALIDATOR_CLASS": "oauth_provider.server.validator.Validator"}
    oauth2_settings.reload()
    yield
    del settings.OAUTH2_PROVIDER
    oauth2_settings.reload()


@pytest.mark.usefixtures("_our_validator")
@pytest.mark.parametrize(("scope", "status"), [("read", 200), ("write", 403)])
def test_dots_own_classes_accept_our_tokens_when_the_site_names_our_validator(machine_client, scope, status):
    token = machine_token(machine_client, scope=scope).json()["access_token"]
    answer = Browser().get("/dot-view", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == status


@pytest.mark.usefixtures("_our_validator")
def test_dots_own_classes_refuse_a_token_of_ours_that_was_revoked(machine_client):
    token = machine_token(machine_client).json()["access_token"]
    post_form(Browser(), "/revoke", {"token": token}, HTTP_AUTHORIZATION=machine_client.basic)
    assert Browser().get("/dot-view", HTTP_AUTHORIZATION=f"Bearer {token}").status_code in {401, 403}


def test_without_our_validator_dots_own_classes_do_not_know_our_tokens(machine_client):
    token = machine_token(machine_client).json()["access_token"]
    assert Browser().get("/dot-view", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 401

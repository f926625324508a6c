"""RFC 9470, Step Up Authentication Challenge: a test a sentence, with tokens as the provider issues them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import JsonResponse
from django.test import Client as Browser
from django.urls import include, path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasFreshLogin, HasScope
from oauth_provider.models import Client, Grant
from oauth_provider.resource_server.decorators import scope_required
from tests.flow import refresh

pytestmark = pytest.mark.django_db
VIEWS = pytest.mark.parametrize("view", ["/fresh", "/fresh-rest"])
FORMATS = pytest.mark.parametrize("token_format", ["jwt", "opaque"])


@scope_required("read", max_age=300)
def plain(request):
    return JsonResponse({})


class Rest(APIView):
    permission_classes = [HasScope("read"), HasFreshLogin(max_age=300)]

    def get(self, request):
        return Response({})


urlpatterns = [path("fresh", plain), path("fresh-rest", Rest.as_view()), path("", include("oauth_provider.urls"))]


@pytest.fixture(autouse=True)
def _protected_view(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def tokens(flow, conf_client):
    """`tokens("jwt")`: of alice, who has just signed in."""

    def make(token_format):
        Client.objects.filter(pk=conf_client.row.pk).update(token_format=token_format)
        return flow.tokens(conf_client, scope="openid read")

    return make


def ask(view, value):
    return Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}")


def age_the_sign_in(seconds):
    Grant.objects.update(auth_time=timezone.now() - timedelta(seconds=seconds))


@VIEWS
@FORMATS
def test_rfc9470_2_token_of_a_fresh_sign_in_meets_the_requirement(tokens, view, token_format):
    assert ask(view, tokens(token_format)["access_token"]).status_code == 200


@VIEWS
@FORMATS
def test_rfc9470_3_sign_in_that_does_not_meet_it_is_insufficient_user_authentication(
    tokens, conf_client, view, token_format
):
    issued = tokens(token_format)
    age_the_sign_in(400)
    value = refresh(conf_client, issued["refresh_token"]).json()["access_token"]
    response = ask(view, value)
    assert response.status_code == 401
    assert 'error="insufficient_user_authentication"' in response["WWW-Authenticate"]
    assert 'max_age="300"' in response["WWW-Authenticate"]


@VIEWS
@FORMATS
def test_rfc9470_6_2_refresh_does_not_make_the_sign_in_younger(tokens, conf_client, view, token_format):
    issued = tokens(token_format)
    age_the_sign_in(200)
    once = refresh(conf_client, issued["refresh_token"]).json()
    assert ask(view, once["access_token"]).status_code == 200
    age_the_sign_in(301)
    again = refresh(conf_client, once["refresh_token"]).json()
    assert ask(view, again["access_token"]).status_code == 401


@VIEWS
def test_rfc9470_3_other_parameters_of_the_challenge_stand_beside_it(tokens, conf_client, view):
    issued = tokens("jwt")
    age_the_sign_in(400)
    challenge = ask(view, refresh(conf_client, issued["refresh_token"]).json()["access_token"])["WWW-Authenticate"]
    for part in ('Bearer realm="api"', 'scope="read"', "resource_metadata="):
        assert part in challenge

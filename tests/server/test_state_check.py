"""`JWT_STATE_CHECK = "never"`: a named weakening that costs no statement, at the API only."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope
from oauth_provider.keys import store
from tests.flow import post_form, userinfo

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Plain(APIView):
    permission_classes = [HasScope("read")]

    def get(self, request):
        return Response({"ok": True})


class Personal(APIView):
    permission_classes = [HasScope("read")]

    def get(self, request):
        return Response({"app": request.auth.client.name, "person": request.user.get_username()})


urlpatterns = [
    path("", include("oauth_provider.urls")),
    path("plain", Plain.as_view()),
    path("personal", Personal.as_view()),
]


@pytest.fixture
def token(flow, conf_client, settings):
    value = flow.tokens(conf_client, scope="openid read")["access_token"]
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never", "PROCESS_CACHE_SECONDS": 1}
    store.usable_keys()
    return value


def _get(path, token):
    return Browser().get(path, HTTP_AUTHORIZATION=f"Bearer {token}")


def test_view_that_looks_at_nobody_costs_no_statement(token):
    with CaptureQueriesContext(connection) as queries:
        assert _get("/plain", token).status_code == 200
    assert not queries.captured_queries


def test_view_that_looks_at_client_and_person_still_sees_them(token):
    assert _get("/personal", token).json() == {"app": "Notes for Web", "person": "alice"}


def test_suspended_client_is_found_out_when_a_view_looks_at_it(token, conf_client):
    conf_client.row.suspend()
    assert _get("/plain", token).status_code == 200
    assert _get("/personal", token).status_code == 403


def test_revoked_token_is_believed_at_the_api_but_not_at_userinfo(token, conf_client):
    post_form(Browser(), "/revoke", {"token": token}, HTTP_AUTHORIZATION=conf_client.basic)
    assert _get("/plain", token).status_code == 200
    assert _get("/personal", token).status_code == 403
    assert userinfo(token).status_code == 401


def test_revoked_token_is_refused_at_once_by_default(token, conf_client, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "always"}
    post_form(Browser(), "/revoke", {"token": token}, HTTP_AUTHORIZATION=conf_client.basic)
    assert _get("/plain", token).status_code == 401

"""Every permission class, asked about a good token of another issuer and about bad ones."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from oauth_provider import drf
from oauth_provider.testing import jws

GATED = {
    "HasScope": (drf.HasScope("read"), 200),
    "HasScope, another": (drf.HasScope("write"), 403),
    "HasAnyScope": (drf.HasAnyScope("write", "read"), 200),
    "HasResourceScope": (drf.HasResourceScope("notes"), 200),
    "AllowAppsWithoutScope": (drf.AllowAppsWithoutScope, 200),
    "HasAudience": (drf.HasScope("read") & drf.HasAudience("https://api.example"), 200),
    "HasAudience, another": (drf.HasScope("read") & drf.HasAudience("https://other.example"), 403),
    "IsMachine": (drf.HasScope("read") & drf.IsMachine, 403),
    "IsUser": (drf.HasScope("read") & drf.IsUser, 403),
    "IsFirstParty": (drf.HasScope("read") & drf.IsFirstParty, 403),
    "IsSessionUser": (drf.IsSessionUser, 403),
    "IsAuthenticated": (IsAuthenticated, 403),
    "IsAuthenticated or": (IsAuthenticated | drf.HasScope("write"), 403),
    "AllowAny": (AllowAny, 403),
    "not HasScope": (~drf.HasScope("write"), 403),
    "HasTargets": (drf.HasScope("read") & drf.HasTargets("organization"), 403),
}

BAD = {
    "another audience": lambda issuer: issuer.token(aud="https://other.example"),
    "ID token": lambda issuer: issuer.id_token(),
    "expired": lambda issuer: issuer.token(expires_in=-90),
    "another key": lambda issuer: issuer.token(key=jws.key("RS256", 99)),
    "none": lambda issuer: issuer.token(key=None, header={"alg": "none"}),
    "HS256": lambda issuer: issuer.token(key=b"x" * 32, header={"alg": "HS256"}),
    "another issuer": lambda issuer: issuer.token(iss="https://other.example"),
    "bound": lambda issuer: issuer.token(jwk=jws.key("ES256").jwk),
}


def answer(permission: Any, token: str) -> Any:
    class View(APIView):
        authentication_classes = [drf.OAuth2Authentication]
        permission_classes = [permission]

        def get(self, request: Any) -> Response:
            return Response({})

    return View.as_view()(APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}"))


@pytest.mark.parametrize("name", GATED)
def test_good_token_of_another_issuer_is_judged_as_one_of_ours(issuer, trust, name):
    trust(issuer)
    permission, status = GATED[name]
    assert answer(permission, issuer.token(scope="read notes:read")).status_code == status


@pytest.mark.parametrize("name", GATED)
@pytest.mark.parametrize("wrong", BAD)
def test_bad_token_is_refused_whatever_the_view_asks(issuer, trust, name, wrong):
    trust(issuer)
    given = answer(GATED[name][0], BAD[wrong](issuer))
    assert given.status_code == 401
    assert given.headers["WWW-Authenticate"].startswith("DPoP " if wrong == "bound" else "Bearer ")

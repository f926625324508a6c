"""The API's description, and Swagger UI on top of it, which signs in as any app does: code flow, PKCE, no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from demo_project.models import Registration
from demo_project.policy import policy
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from rest_framework.request import Request
    from rest_framework.response import Response

CLIENT = "api_docs"
REDIRECT_PATH = "/api/docs/oauth2-redirect.html"


class ApiSchema(SpectacularAPIView):
    """The OpenAPI document, for anybody."""


class ApiDocs(SpectacularSwaggerSplitView):
    """The page, and at `?script` the lines that start it: nothing stands inline, so the policy stays strict."""

    url_name = "api-schema"
    template_name = "demo/api_docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # as drf-spectacular wrote it
        if "script" in request.query_params:
            response.data |= {"settings": json.dumps(_settings()), "oauth2_config": json.dumps(_oauth2_config())}
        else:
            response.data |= {"host": conf.ISSUER.partition("://")[2]}
        # Swagger UI sets styles by script, which needs no 'unsafe-inline'; its pictures are data: URLs.
        response["Content-Security-Policy"] = policy(script_src="'self'", connect_src="'self'")
        return response


def oauth2_redirect(request: HttpRequest) -> HttpResponse:
    """Where the popup comes back to: hands the code to the page that opened it, and closes.

    A page, not a static file: the opener stays in reach only where both send the same Cross-Origin-Opener-Policy,
    as every page of this site and of the provider does.
    """
    response = render(request, "demo/oauth2_redirect.html")
    response["Content-Security-Policy"] = policy(script_src="'self'")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _settings() -> dict[str, object]:
    return {
        "deepLinking": True,
        "displayRequestDuration": True,
        # The token is gone with the page.
        "persistAuthorization": False,
        "oauth2RedirectUrl": f"{conf.ISSUER}{reverse('oauth2-redirect')}",
    }


def _oauth2_config() -> dict[str, object]:
    registered = Registration.objects.filter(name=CLIENT).first()
    return {
        "clientId": registered.client_id if registered else "",
        "usePkceWithAuthorizationCodeGrant": True,
    }

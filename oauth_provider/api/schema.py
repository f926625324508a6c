"""`/schema`: the OpenAPI description, for whoever holds any scope of the API.

It holds nothing secret, and strangers have no use for it: it tells them that there is something to attack. Developers
make the same file without a token: `manage.py spectacular --urlconf …`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.types import OpenApiTypes
from rest_framework.response import Response

from oauth_provider.api import openapi
from oauth_provider.api.openapi import described
from oauth_provider.api.view import AnyOfOurs

if TYPE_CHECKING:
    from rest_framework.request import Request


class Schema(AnyOfOurs):
    """This description."""

    rights = {}
    tag = "schema"

    @described(operation_id="get_schema", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Read this description (OpenAPI 3)."""
        from oauth_provider.api.urls import urlpatterns  # noqa: PLC0415  # they name this view

        mounted_at = request.path.rstrip("/").removesuffix("schema")
        return Response(openapi.document(urlpatterns, mounted_at=mounted_at))

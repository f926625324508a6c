"""A Django Ninja API that takes our tokens as any plain Django view does."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI, Router
from ninja.security.base import AuthBase

from oauth_provider.resource_server import bearer

api = NinjaAPI(urls_namespace="kit", docs_url=None)
router = Router()


class OAuth2(AuthBase):
    openapi_type = "oauth2"

    def __call__(self, request: Any) -> Any:
        return bearer.authenticate(request)


@router.get("/notes", auth=OAuth2())
def notes(request: Any) -> dict[str, str]:
    return {"subject": request.auth.subject}


@router.post("/notes", auth=OAuth2())
def write(request: Any) -> dict[str, str]:
    return {"subject": request.auth.subject}


api.add_router("", router)

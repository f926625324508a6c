"""GET|POST /userinfo (OpenID Connect Core §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from oauth_provider.claims.userinfo import claims_of
from oauth_provider.endpoints.base import json_response
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.errors import InvalidToken
from oauth_provider.resource_server import bearer, own, refusals
from oauth_provider.scopes import OPENID

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@csrf_exempt
@transaction.non_atomic_requests
@hides_values
def userinfo(request: HttpRequest) -> HttpResponse:
    """Claims about the person the token stands for; the token may be for any audience, but must hold `openid`."""
    if request.method not in {"GET", "POST", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        presented = bearer.find_presented(request)
        access = None
        if presented is not None:
            access = bearer.prove(request, presented, own.verify(presented.value, check_state=True))
    except InvalidToken as error:
        return refusals.respond(refusals.bad_token(error))
    if access is None:
        return refusals.respond(refusals.no_token(scope=[OPENID]))
    if access.is_machine or not access.has_scope(OPENID):
        return refusals.respond(refusals.insufficient_scope([OPENID], access=access))
    response = json_response(claims_of(access.subject))
    response["Vary"] = "Authorization"
    refusals.send_nonce(response, access.dpop_nonce)
    return response

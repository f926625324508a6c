"""GET|POST /userinfo (OpenID Connect Core §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from oauth_provider.claims.userinfo import claims_of
from oauth_provider.conf import conf
from oauth_provider.endpoints.base import json_response
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.errors import InvalidToken
from oauth_provider.keys import signing
from oauth_provider.resource_server import bearer, own, refusals
from oauth_provider.scopes import OPENID
from oauth_provider.tokens import id_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from oauth_provider.models import Client


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
            access = bearer.prove(request, presented, own.verify(presented.value, check_state=True, for_userinfo=True))
    except InvalidToken as error:
        return refusals.respond(refusals.bad_token(error))
    if access is None:
        return refusals.respond(refusals.no_token(scope=[OPENID]))
    if access.is_machine or not access.has_scope(OPENID):
        return refusals.respond(refusals.insufficient_scope([OPENID], access=access))
    client = access.registered_client
    claims = claims_of(
        access.subject, user=access.user, client=client, scopes=access.scopes, asked=access.requested_claims
    )
    response = _signed(claims, client) or json_response(claims)
    response["Vary"] = "Authorization"
    refusals.send_nonce(response, access.dpop_nonce)
    return response


def _signed(claims: Mapping[str, object], client: Client) -> HttpResponse | None:
    """The claims as a JWT (OpenID Connect Core §5.3.2); None for a client that takes them as JSON.

    Without `exp` it passes for no ID token.
    """
    alg = client.userinfo_signed_response_alg
    if alg not in conf.ID_TOKEN_SIGNING_ALGS:
        return None
    about = {"iss": conf.ISSUER, "aud": client.client_id, "iat": signing.issued_now()}
    response = HttpResponse(signing.sign({**claims, **about}, alg=alg, typ=id_token.TYP))
    response["Content-Type"] = "application/jwt"
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response

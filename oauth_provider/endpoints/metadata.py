"""GET /.well-known/… : metadata read from the tables that serve (RFC 8414, OpenID Connect Discovery)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.urls import get_script_prefix, get_urlconf
from django.views.decorators.http import require_safe

from oauth_provider import features, scopes, targets
from oauth_provider.authorization import checks, pkce
from oauth_provider.authorization.response import RESPONSE_MODES
from oauth_provider.claims import registry
from oauth_provider.client_auth import METHODS
from oauth_provider.clients import response_types, sectors
from oauth_provider.conf import conf
from oauth_provider.endpoint_urls import url_of
from oauth_provider.endpoints import ui_locales
from oauth_provider.grants import GRANTS

if TYPE_CHECKING:
    from django.http import HttpRequest

# OpenID Connect Core §3.1.2.1. One set of pages fits a window, a small one and a finger; other values get it too.
DISPLAY_VALUES = ("page", "popup", "touch")
# Seconds a client may keep the document.
MAX_AGE = 3600


@require_safe
def metadata(request: HttpRequest, path: str = "") -> HttpResponse:
    """The authorization server's metadata; the same document at each well-known address of this issuer."""
    del request
    if path and path != urlsplit(conf.ISSUER).path.strip("/"):
        raise Http404
    body = _document(
        conf.ISSUER,
        scope_names=tuple(scopes.registered()),
        registers=features.registers_clients(),
        reads_documents=features.reads_documents(),
        languages=ui_locales.supported(),
        target_names=tuple(sorted(targets.registered())),
        id_token_algs=conf.ID_TOKEN_SIGNING_ALGS,
        claim_names=_claims_given(),
        prompts=checks.prompts(),
        acr_values=conf.ACR_VALUES,
        response_type_names=tuple(response_type.value for response_type in response_types.served()),
        mounted=(get_script_prefix(), get_urlconf()),
    )
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return response


def _claims_given() -> tuple[str, ...]:
    """Claims about a sign-in and a person that are told here: some scope of this site gives them."""
    known, how = scopes.registered(), ("acr", "amr") if conf.AUTHENTICATION_CONTEXT else ()
    return (*how, *(name for name, one in registry.registered().items() if one.scope in known))


@lru_cache(maxsize=8)
def _document(
    issuer: str,
    *,
    scope_names: tuple[str, ...],
    registers: bool,
    reads_documents: bool,
    languages: tuple[str, ...],
    target_names: tuple[str, ...],
    id_token_algs: tuple[str, ...],
    claim_names: tuple[str, ...],
    prompts: tuple[str, ...],
    acr_values: tuple[str, ...],
    response_type_names: tuple[str, ...],
    mounted: tuple[object, ...],
) -> bytes:
    del mounted
    methods = [method.name.value for method in METHODS]
    with_secret = [method for method in methods if method != "none"]
    return json.dumps(
        {
            "issuer": issuer,
            "authorization_endpoint": url_of("authorize"),
            "token_endpoint": url_of("token"),
            "userinfo_endpoint": url_of("userinfo"),
            "jwks_uri": url_of("jwks"),
            "revocation_endpoint": url_of("revoke"),
            "introspection_endpoint": url_of("introspect"),
            "device_authorization_endpoint": url_of("device-authorization"),
            "end_session_endpoint": url_of("end-session"),
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True,
            **({"registration_endpoint": url_of("register")} if registers else {}),
            "scopes_supported": list(scope_names),
            # RFC 9396 §10
            **({"authorization_details_types_supported": list(target_names)} if target_names else {}),
            "response_types_supported": list(response_type_names),
            "response_modes_supported": [mode.value for mode in RESPONSE_MODES],
            "grant_types_supported": [
                *(grant_type.value for grant_type in GRANTS),
                *([response_types.IMPLICIT] if len(response_type_names) > 1 else []),
            ],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": with_secret,
            "code_challenge_methods_supported": list(pkce.METHODS),
            "authorization_response_iss_parameter_supported": True,
            "subject_types_supported": list(sectors.CHOICES),
            "id_token_signing_alg_values_supported": list(id_token_algs),
            "userinfo_signing_alg_values_supported": list(id_token_algs),
            "claims_supported": ["sub", "iss", "auth_time", "sid", *claim_names],
            "claim_types_supported": ["normal"],
            "prompt_values_supported": list(prompts),
            "display_values_supported": list(DISPLAY_VALUES),
            **({"acr_values_supported": list(acr_values)} if acr_values else {}),
            **({"ui_locales_supported": list(languages)} if languages else {}),
            "claims_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            # draft-ietf-oauth-client-id-metadata-document §6
            **({"client_id_metadata_document_supported": True} if reads_documents else {}),
        }
    ).encode()

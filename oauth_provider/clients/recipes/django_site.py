"""Another Django site, with mozilla-django-oidc: sign-in, sign-out at both, and told of a sign-out elsewhere."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oauth_provider.clients.recipes.recipe import Filled, Part, Recipe

_BACKCHANNEL = "/oidc/backchannel-logout/"


def configuration(filled: Filled) -> tuple[Part, ...]:
    """Settings, a module, and URLs."""
    return (
        Part(_("At the end of settings.py"), _settings(filled), "python"),
        Part(_("oidc_sign_out.py, beside manage.py"), _module(filled), "python"),
        Part(_("At the end of the site’s urls.py"), _URLS, "python"),
    )


def _settings(filled: Filled) -> str:
    return f"""\
INSTALLED_APPS += ["mozilla_django_oidc"]
AUTHENTICATION_BACKENDS = [
    "mozilla_django_oidc.auth.OIDCAuthenticationBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "oidc_authentication_init"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
OIDC_OP_AUTHORIZATION_ENDPOINT = "{filled.authorize}"
OIDC_OP_TOKEN_ENDPOINT = "{filled.token}"
OIDC_OP_USER_ENDPOINT = "{filled.userinfo}"
OIDC_OP_JWKS_ENDPOINT = "{filled.jwks}"
OIDC_OP_LOGOUT_URL_METHOD = "oidc_sign_out.end_session"
OIDC_RP_CLIENT_ID = "{filled.client_id}"
OIDC_RP_CLIENT_SECRET = "{filled.secret}"
OIDC_RP_SCOPES = "{" ".join(filled.scopes)}"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_STORE_ID_TOKEN = True
OIDC_TIMEOUT = 10
"""


def _module(filled: Filled) -> str:
    return f'''\
"""Sign-out at {filled.provider}: begun here, and begun elsewhere. Needs a cache that all processes share."""

from urllib.parse import urlencode

import jwt
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.dispatch import receiver
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

ISSUER = "{filled.issuer}"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
KEYS = jwt.PyJWKClient(settings.OIDC_OP_JWKS_ENDPOINT, timeout=10)


def end_session(request):
    """Where mozilla-django-oidc sends people who sign out."""
    query = {{"post_logout_redirect_uri": "{filled.base_url}/"}}
    if "oidc_id_token" in request.session:
        query["id_token_hint"] = request.session["oidc_id_token"]
    return f"{filled.end_session}?{{urlencode(query)}}"


@receiver(user_logged_in)
def remember(sender, request, user, **kwargs):
    """Note which of our sessions belongs to the one there."""
    if token := request.session.get("oidc_id_token"):
        sid = jwt.decode(token, options={{"verify_signature": False}}).get("sid")
        cache.set(f"oidc_sid:{{sid}}", request.session.session_key, settings.SESSION_COOKIE_AGE)


@csrf_exempt
@require_POST
def backchannel_logout(request):
    """OpenID Connect Back-Channel Logout: end the session that a logout token names."""
    token = request.POST.get("logout_token", "")
    try:
        claims = jwt.decode(
            token,
            KEYS.get_signing_key_from_jwt(token).key,
            algorithms=[settings.OIDC_RP_SIGN_ALGO],
            audience=settings.OIDC_RP_CLIENT_ID,
            issuer=ISSUER,
            options={{"require": ["iss", "aud", "iat", "jti", "events", "sid"]}},
        )
    except jwt.PyJWTError:
        return HttpResponse("This is no logout token.", status=400)
    if "nonce" in claims or EVENT not in claims["events"]:
        return HttpResponse("This is no logout token.", status=400)
    if key := cache.get(f"oidc_sid:{{claims['sid']}}"):
        SessionStore(key).delete()
    return HttpResponse(headers={{"Cache-Control": "no-store"}})
'''


_URLS = """\
from django.urls import include, path

import oidc_sign_out

urlpatterns += [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("oidc/backchannel-logout/", oidc_sign_out.backchannel_logout),
]
"""

RECIPE = Recipe(
    name="django",
    title=_("Django site"),
    written_for="mozilla-django-oidc 5",
    redirect_paths=("/oidc/callback/",),
    post_logout_paths=("/",),
    backchannel_path=_BACKCHANNEL,
    scopes=("openid", "profile", "email"),
    configuration=configuration,
)

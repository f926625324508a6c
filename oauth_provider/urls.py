"""Our URLs: `path("", include("oauth_provider.urls"))`. With and without trailing slash, no redirect between them."""

from __future__ import annotations

from django.urls import include, re_path

from oauth_provider.endpoints.authorize import authorize, decision
from oauth_provider.endpoints.connected_apps import connected_app, connected_apps, end_connected_app
from oauth_provider.endpoints.device import device
from oauth_provider.endpoints.device_authorization import device_authorization
from oauth_provider.endpoints.end_session import end_session, end_session_decision
from oauth_provider.endpoints.introspect import introspect
from oauth_provider.endpoints.jwks import jwks
from oauth_provider.endpoints.login import login, signed_out
from oauth_provider.endpoints.logo import logo
from oauth_provider.endpoints.not_me import not_me
from oauth_provider.endpoints.register import client_configuration, register
from oauth_provider.endpoints.revoke import revoke
from oauth_provider.endpoints.sign_out_everywhere import sign_out_everywhere
from oauth_provider.endpoints.token import token
from oauth_provider.endpoints.userinfo import userinfo

app_name = "oauth_provider"

urlpatterns = [
    re_path(r"^authorize/?$", authorize, name="authorize"),
    re_path(r"^authorize/decision/?$", decision, name="decision"),
    re_path(r"^token/?$", token, name="token"),
    re_path(r"^revoke/?$", revoke, name="revoke"),
    re_path(r"^introspect/?$", introspect, name="introspect"),
    re_path(r"^userinfo/?$", userinfo, name="userinfo"),
    re_path(r"^jwks/?$", jwks, name="jwks"),
    re_path(r"^device_authorization/?$", device_authorization, name="device-authorization"),
    re_path(r"^device/?$", device, name="device"),
    re_path(r"^connected-apps/?$", connected_apps, name="connected-apps"),
    re_path(r"^connected-apps/(?P<key>[0-9]{1,18})/?$", connected_app, name="connected-app"),
    re_path(r"^connected-apps/(?P<key>[0-9]{1,18})/end/?$", end_connected_app, name="end-connected-app"),
    re_path(r"^connected-apps/sign-out-everywhere/?$", sign_out_everywhere, name="sign-out-everywhere"),
    # The link in a mail: ends one app's access without signing in.
    re_path(r"^not-me/(?P<token>[A-Za-z0-9_:-]{1,300})/?$", not_me, name="not-me"),
    # Not found while DYNAMIC_REGISTRATION is off: a setting that tests and sites change without another URLconf.
    re_path(r"^register/?$", register, name="register"),
    re_path(r"^register/(?P<client_id>[A-Za-z0-9_-]{1,100})/?$", client_configuration, name="client-configuration"),
    re_path(r"^app-logo/(?P<client_id>[!-.0-~]{1,100})/(?P<digest>[0-9a-f]{16})$", logo, name="logo"),
    re_path(r"^login/?$", login, name="login"),
    re_path(r"^end_session/?$", end_session, name="end-session"),
    re_path(r"^end_session/decision/?$", end_session_decision, name="end-session-decision"),
    re_path(r"^signed-out/?$", signed_out, name="signed-out"),
    re_path("", include("oauth_provider.well_known")),
]

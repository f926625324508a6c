"""`OAuthAttackTests` hold on a site that is right, in Django's TestCase as under pytest."""

from __future__ import annotations

from django.conf import settings
from django.test import TestCase, override_settings

from oauth_provider.testing import OAuthAttackTests


@override_settings(ROOT_URLCONF="tests.kit.site")
class AttackTests(OAuthAttackTests, TestCase):
    protected_url = "/notes"
    protected_scopes = "read"


@override_settings(
    ROOT_URLCONF="tests.kit.grown_site",
    LOGIN_URL="/accounts/login/",
    SECURE_SSL_REDIRECT=True,
    SESSION_COOKIE_SECURE=True,
    CSRF_COOKIE_SECURE=True,
    MIDDLEWARE=[*settings.MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"],
    OAUTH_PROVIDER={
        **settings.OAUTH_PROVIDER,
        "ISSUER": "https://provider.example/o",
        "RESOURCES": {"https://provider.example/api": "API", "https://provider.example/files": "Files"},
        "DPOP_NONCE": True,
        "JWT_STATE_CHECK": "never",
    },
)
class GrownSiteTests(OAuthAttackTests, TestCase):
    """Under a prefix, with its own sign-in, two resources and everything over https."""

    protected_url = "/api/notes"
    protected_scopes = "read write"
    resource = "https://provider.example/api"
    scopes = "read"

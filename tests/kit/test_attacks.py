"""`OAuthAttackTests` hold on a site that is right, in Django's TestCase as under pytest."""

from __future__ import annotations

from django.test import TestCase, override_settings

from oauth_provider.testing import OAuthAttackTests


@override_settings(ROOT_URLCONF="tests.kit.site")
class AttackTests(OAuthAttackTests, TestCase):
    protected_url = "/notes"
    protected_scopes = "read"

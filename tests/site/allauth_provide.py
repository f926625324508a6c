"""Runs in the site's process: Bob has a second factor, Alice has none."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user_model

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def provide() -> None:
    """Give Bob an authenticator app, and a verified address."""
    bob = get_user_model().objects.get(username="bob")
    TOTP.activate(bob, SECRET)
    EmailAddress.objects.create(user=bob, email="Bob@people.example", verified=True, primary=True)

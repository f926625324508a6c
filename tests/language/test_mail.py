"""Mails are in the language of the site that sends them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from oauth_provider.clients import secrets
from oauth_provider.models import ClientOwner
from oauth_provider.values import Source

pytestmark = pytest.mark.django_db


def test_mail_about_a_secret_is_german_on_a_german_site(speak, conf_client, alice, mailoutbox):
    speak("de")
    client = conf_client.row
    ClientOwner.objects.create(client=client, user=alice)
    for secret in client.secrets.all():
        secrets.revoke(secret, actor="root", source=Source())
    secrets.add(client, expires_at=timezone.now() + timedelta(hours=20), actor="root", source=Source())
    call_command("oauth_rotate_secret", "--warn")
    (mail,) = mailoutbox
    assert mail.subject == "Ein Secret von Notes for Web läuft in 1 Tag ab"
    assert "funktioniert der Client nicht mehr" in mail.body

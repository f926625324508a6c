"""The mail to a person when an app got access to their account, or more of it. It holds no token of the app."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from oauth_provider import scopes
from oauth_provider.conf import conf
from oauth_provider.consent import devices, not_me

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Consent, Grant

logger = logging.getLogger("oauth_provider.mail")


def connected(consent: Consent, grant: Grant, *, user: AbstractBaseUser) -> None:
    """Tell a person what an app may do from now on that it might not before; sent on commit, never an error.

    Nothing new, an app of this site, CONSENT_MAILS off or no address: no mail. At most one a day for each app.
    """
    if not consent.gained or grant.client.first_party or not conf.CONSENT_MAILS:
        return
    address = getattr(user, user.get_email_field_name(), "")
    if address:
        transaction.on_commit(lambda: _send_once(consent, grant, user=user, address=str(address)))


def _send_once(consent: Consent, grant: Grant, *, user: AbstractBaseUser, address: str) -> None:
    try:
        if consent.take_mail():
            _mail(consent, grant, user=user, address=address).send()
    except Exception:  # what was decided stands, also when no mail server answers
        logger.exception("no mail to user %s about %s", user.pk, grant.client.client_id)


def _mail(consent: Consent, grant: Grant, *, user: AbstractBaseUser, address: str) -> EmailMultiAlternatives:
    context: dict[str, Any] = {
        "app": grant.client,
        "is_first": consent.gained == frozenset(consent.scopes),
        "permissions": scopes.describe(scope for scope in consent.scopes if scope in consent.gained),
        "user_label": user.get_username(),
        "at": grant.created_at,
        "address": grant.last_used_address,
        "device": devices.describe(grant.user_agent),
        "not_me_url": not_me.link(consent),
        "days": not_me.LIFETIME.days,
        "apps_url": urljoin(conf.ISSUER, reverse("oauth_provider:connected-apps")),
        "site_name": urlsplit(conf.ISSUER).netloc,
    }
    subject, _newline, body = render_to_string("oauth_provider/email/app_connected.txt", context).partition("\n")
    mail = EmailMultiAlternatives(" ".join(subject.split()), body.strip() + "\n", to=[address])
    mail.attach_alternative(render_to_string("oauth_provider/email/app_connected.html", context), "text/html")
    return mail

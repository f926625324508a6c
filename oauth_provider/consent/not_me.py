"""The link in a mail that ends an app's access without signing in: whoever reads the mail may end it, nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django.core import signing
from django.urls import reverse

from oauth_provider.conf import conf
from oauth_provider.models import Consent
from oauth_provider.tokens import revoke

if TYPE_CHECKING:
    from oauth_provider.values import Source

LIFETIME = timedelta(days=14)
_SALT = "oauth_provider.not_me"


@dataclass(frozen=True, slots=True)
class Unknown:
    """No link of ours; `too_old` when it was one."""

    too_old: bool = False


def link(consent: Consent) -> str:
    """The address that ends this consent; built from ISSUER, never from what a request says of its host."""
    # SECRET_KEY_FALLBACKS are honoured: a new SECRET_KEY makes no link useless.
    token = signing.dumps([consent.pk, str(consent.user_id)], salt=_SALT)
    return urljoin(conf.ISSUER, reverse("oauth_provider:not-me", args=[token]))


def find(token: str) -> Consent | Unknown | None:
    """The consent a link is about, withdrawn or not; None when its app is gone; one statement."""
    try:
        pk, user_id = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.SignatureExpired:
        return Unknown(too_old=True)
    except (signing.BadSignature, ValueError, TypeError):
        return Unknown()
    found = Consent.objects.select_related("user", "client__application").filter(pk=pk).first()
    return found if found is not None and str(found.user_id) == user_id else None


def end(consent: Consent, *, source: Source) -> int:
    """End the app's access; how many grants ended. A second time changes nothing."""
    return revoke.end_app(consent.user, consent.client, reason="not_me", actor="", source=source)

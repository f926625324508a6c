"""Mails to those who answer for a client. They hold no secret, and nobody who reads one can act by a click in it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from oauth_provider.clients import owners
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.models import Client, ClientSecret

logger = logging.getLogger("oauth_provider.mail")


def redirect_uris_added(client: Client, *, added: Iterable[str], actor: str) -> None:
    """Tell the owners of a live client that people may be sent to a new address; sent on commit."""
    _on_commit("redirect_uris_added", client, added=list(added), actor=actor)


def approved(client: Client, *, scopes: Iterable[str], actor: str) -> None:
    """Tell the owners that everybody may use their client now; sent on commit."""
    _on_commit("approved", client, scopes=list(scopes), actor=actor)


def sent_back(client: Client, *, why: str, actor: str) -> None:
    """Tell the owners why their client was not approved; sent on commit."""
    _on_commit("sent_back", client, why=why, actor=actor)


def secret_expires(secret: ClientSecret, *, days: int, is_replaced: bool) -> bool:
    """Tell the owners that a secret ends in so many days, and whether another one goes on; whether a mail was sent."""
    return _send(
        "secret_expires", secret.client, secret=secret, days=days, is_replaced=is_replaced,
        page=_admin_page(secret.client),
    )  # fmt: skip


def _admin_page(client: Client) -> str:
    """The address of the client's page in the admin; empty where the site has none, or one of another name."""
    try:
        path = reverse("admin:oauth_provider_client_change", args=[client.pk])
    except NoReverseMatch:
        return ""
    return urljoin(conf.ISSUER, path)


def _on_commit(name: str, client: Client, **values: Any) -> None:
    # Robust: what was decided stands, also when no mail server answers. (A partial has no name for Django to log.)
    transaction.on_commit(lambda: _send(name, client, **values), robust=True)


def _send(name: str, client: Client, **values: Any) -> bool:
    """Send `email/{name}.txt`, whose first line is the subject; whether there was somebody to send it to."""
    addresses = owners.mail_addresses(client)
    if not addresses:
        logger.warning("no mail %r about %s: it has no owner and SECURITY_CONTACT is empty", name, client.client_id)
        return False
    context = {"client": client, "issuer": conf.ISSUER, **values}
    subject, _newline, body = render_to_string(f"oauth_provider/email/{name}.txt", context).partition("\n")
    # One mail each: owners need not learn each other's addresses.
    for address in addresses:
        EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[address]).send()
    return True

"""A sign-in that somebody else than the app begins (OpenID Connect Core §4): a link to the app, which then asks us."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from oauth_provider.clients import redirect_uris
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from oauth_provider.models import Client


def address(client: Client, *, login_hint: str = "", target_link_uri: str = "") -> str:
    """Where a browser goes so that the app begins a sign-in here; "" for one that has no such address, or may not work.

    `login_hint` says whom it is about, `target_link_uri` which page of the app is meant; who names one answers for
    what the app learns by it. The address keeps a query of its own.
    """
    uri = client.initiate_login_uri
    if not (client.is_active and redirect_uris.is_https(uri)):
        return ""
    told = {"iss": conf.ISSUER, "login_hint": login_hint, "target_link_uri": target_link_uri}
    query = urlencode({name: value for name, value in told.items() if value})
    parts = urlsplit(uri)
    return parts._replace(query=f"{parts.query}&{query}" if parts.query else query).geturl()

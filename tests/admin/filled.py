"""What a browser would send from a tab of a client's page."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from oauth_provider.models import Client

LIST = "/admin/oauth_provider/client/"
TABS = ("change/", "secrets/", "redirect-uris/", "scopes/", "grants/", "events/")


def base(client: Client) -> str:
    """The address all pages about a client begin with."""
    return f"{LIST}{client.pk}/"


def form_of(browser: Browser, client: Client, tab: str = "change/", **changes: Any) -> dict[str, Any]:
    """The form of a tab, filled in as it came but for `changes`; None empties a field."""
    form = browser.get(base(client) + tab).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    data.update(changes)
    return {name: value for name, value in data.items() if value is not None}

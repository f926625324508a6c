"""Pages people see: strict headers on every one, set here and not by trust in middleware (security 4.6; AS18)."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from oauth_provider import refused, rules
from oauth_provider.clients import documents, owners, profiles, redirect_uris
from oauth_provider.conf import conf
from oauth_provider.errors import RequestTooLarge
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from oauth_provider.errors import ProtocolError
    from oauth_provider.models import Client
    from oauth_provider.values import Source

logger = logging.getLogger("oauth_provider.authorize")

_CSP: Mapping[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
    "base-uri": ("'none'",),
}
_LOGO_DIGITS = 16
_SEPARATOR = re.compile(r"[;,\s]")
_NO_SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NEVER_LOOSENED = frozenset({"form-action", "frame-ancestors", "base-uri"})


def page(
    request: HttpRequest, name: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a template of ours with the headers each page needs."""
    site_name = urlsplit(conf.ISSUER).netloc or request.get_host()
    response = render(request, f"oauth_provider/{name}", {"site_name": site_name, **(context or {})}, status=status)
    return protect(response)


def protect(response: HttpResponse, *, sources: Mapping[str, tuple[str, ...]] = _NO_SOURCES) -> HttpResponse:
    """Set the headers of a page: no framing, no scripts, no caches, no addresses told to other sites.

    `sources` are what this page has instead of what all have: the target of its form, the nonce of its script.
    """
    response["Content-Security-Policy"] = content_security_policy(sources)
    response["X-Frame-Options"] = "DENY"
    response["X-Content-Type-Options"] = "nosniff"
    # `no-referrer` would make browsers send `Origin: null`, which Django's CSRF check refuses.
    response["Referrer-Policy"] = "same-origin"
    response["Cross-Origin-Opener-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    # What the page is written in; LocaleMiddleware would say what the site's other pages are written in.
    response["Content-Language"] = get_language() or settings.LANGUAGE_CODE
    return response


def content_security_policy(own: Mapping[str, tuple[str, ...]] = _NO_SOURCES) -> str:
    """The policy of every page, with the sources a site adds; framing and form targets stay as they are.

    `own` replaces what it names, after what the site adds.
    """
    policy = {name: list(sources) for name, sources in _CSP.items()}
    for name, sources in conf.PAGES_CSP.items():
        if name not in _NEVER_LOOSENED:
            # CSP3 §2.3.1: 'none' counts only alone. A separator inside a source would begin a rule of its own.
            kept = [source for source in policy.get(name, []) if source != "'none'"]
            policy[name] = kept + [source for source in sources if not _SEPARATOR.search(source)]
    policy.update({name: list(sources) for name, sources in own.items()})
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


def describe_app(client: Client, *, with_owner: bool = False) -> dict[str, object]:
    """What pages say of an app; links only where they lead to https. `with_owner`: one statement more."""
    is_self_registered = profiles.is_self_registered(client)
    return {
        "registered_by": owners.public_name(client) if with_owner and not is_self_registered else "",
        "logo": logo_of(client),
        "name": client.name,
        "first_letter": client.name[:1].upper(),
        "verified": client.first_party,
        "agent": client.is_agent,
        "self_registered": is_self_registered,
        "registered_since": client.created_at,
        "policy_uri": client.policy_uri if redirect_uris.is_https(client.policy_uri) else "",
        "tos_uri": client.tos_uri if redirect_uris.is_https(client.tos_uri) else "",
        "assured": profiles.is_assured(client),
        "address": documents.address_of(client),
    }


def logo_of(client: Client) -> str:
    """The address of the app's picture; "" when it has none, or where our URLs are not mounted."""
    if not client.logo_digest:
        return ""
    try:
        return reverse("oauth_provider:logo", args=[client.client_id, client.logo_digest[:_LOGO_DIGITS]])
    except NoReverseMatch:  # the admin alone, or an identifier from elsewhere that no address of ours can hold
        return ""


def describe_span(until: datetime) -> str:
    """How long it is until then, in one unit people count in: "90 days", not "2 months, 4 weeks"."""
    left = until - timezone.now() + timedelta(minutes=1)
    if left < timedelta(days=2):
        return timeuntil(until + timedelta(minutes=1), depth=1)
    return ngettext("%(days)d day", "%(days)d days", left.days) % {"days": left.days}


def error_page(
    request: HttpRequest,
    error: ProtocolError,
    *,
    source: Source,
    message: str = "",
    client_id: str = "",
) -> HttpResponse:
    """An error that goes to the person: plain words, the request id, and with DEBUG the rule and both values.

    It is logged and, within bounds, recorded here; `client_id` is what the request claims.
    """
    logger.warning("refused with a page: request_id=%s: %s", source.request_id, refused.cause_of(error))
    refused.record_bounded(
        Event.AUTHORIZATION_REFUSED, error, client_id=client_id, user=getattr(request, "user", None), source=source
    )
    context = {
        "title": _("This did not work"),
        "message": message
        or _("The app sent a request that cannot be answered. Nothing was shared. Please go back and try again."),
        "developer_message": error.description,
        "request_id": source.request_id,
        "details": _details(error) if settings.DEBUG else [],
    }
    status = 413 if isinstance(error, RequestTooLarge) else 400
    response = page(request, "error.html", context, status=status)
    response["X-Request-Id"] = source.request_id
    return response


def _details(error: ProtocolError) -> list[tuple[str, str]]:
    details = [(_("Error"), str(error.error)), (_("Cause"), error.detail)]
    rule = rules.find(error.rule, error=error.error)
    if rule is not None:
        details.append((_("Rule"), f"{rule.sentence} ({rule.source})" if rule.source else str(rule.sentence)))
    for name, value in error.compared.items():
        details.extend((str(rules.LABELS.get(name, name)), line) for line in value.split("\n"))
    if rule is not None:
        details.append((_("Fix"), str(rule.fix)))
    return details

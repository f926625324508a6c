"""What each form that makes a client shares: who makes it, and that a form sent twice makes one."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django import forms
from django.db import IntegrityError
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from oauth_provider.admin import shown_once
from oauth_provider.admin.actor import actor_of
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Client
from oauth_provider.values import ClientStatus, RegistrationSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib import admin
    from django.http import HttpRequest

T = TypeVar("T")
# As many digits as `registration.new_client_id` has.
_CLIENT_ID_DIGITS = 24


def field() -> forms.RegexField:
    """Made with the form; the client id follows from it, so a form sent twice finds its own client."""
    return forms.RegexField(r"[0-9a-f]{32}", widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))


def made(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, once: str, register: Callable[[str], T]
) -> T | TemplateResponse:
    """What `register` makes of this client id, or the answer to a form that was sent before."""
    client_id = _client_id(request, once)
    already = Client.objects.named(client_id)
    if already is None:
        try:
            return register(client_id)
        except IntegrityError:
            # The same form, sent twice at the same moment: the unique client id lets one of them through.
            already = Client.objects.named(client_id)
            if already is None:
                raise
    return shown_once.show_again(model_admin, request, already, title=_("This client is registered already"))


def by(request: HttpRequest) -> dict[str, Any]:
    """The arguments of `registration.register` that say who asks.

    Whoever may not approve gets a draft: it works for its owner until somebody has looked at it.
    """
    return {
        "status": ClientStatus.DRAFT if becomes_draft(request) else ClientStatus.ACTIVE,
        "owners": [cast("Any", request.user)],
        "source": RegistrationSource.ADMIN,
        "actor": actor_of(request),
        "request_source": source_of(request),
    }


def becomes_draft(request: HttpRequest) -> bool:
    """Whether what this person registers waits for somebody else's approval."""
    return not request.user.has_perm("oauth_provider.approve_client")


def _client_id(request: HttpRequest, once: str) -> str:
    """Bound to the person, so that nobody finds another's client by its form."""
    digest = hashlib.sha256(f"oauth_provider/admin/client\x00{request.user.pk}\x00{once}".encode()).hexdigest()
    return f"c_{digest[:_CLIENT_ID_DIGITS]}"

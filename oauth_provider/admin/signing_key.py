"""Signing keys: what signs, what will and what did; rotation and the emergency stop."""

from __future__ import annotations

import logging
from functools import update_wrapper
from math import ceil
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oauth_provider.admin import confirm, fresh_sign_in
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.read_only import ReadOnlyAdmin
from oauth_provider.conf import conf
from oauth_provider.endpoints.base import source_of
from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import rotation
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

logger = logging.getLogger("oauth_provider.keys")


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    """List and page of keys. Named fields only: the sealed private part is never among them."""

    list_display = ("kid", "alg", "state", "created_at", "activated_at", "retire_at")
    list_filter = ("state", "alg")
    ordering = ("alg", "-created_at")
    fields = ("kid", "alg", "state", "created_at", "activated_at", "retire_at")
    change_list_template = "admin/oauth_provider/signingkey/change_list.html"

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("oauth_provider.rotate_key")

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return (*self.list_display, "revoke_link") if self.has_rotate_permission(request) else self.list_display

    @admin.display(description=gettext_lazy("emergency"), empty_value="–")
    def revoke_link(self, key: SigningKey) -> str | None:
        if key.state == KeyState.REVOKED:
            return None
        address = reverse(f"{self.admin_site.name}:oauth_provider_signingkey_revoke", args=[key.pk])
        return format_html('<a href="{}">{}</a>', address, _("Revoke this key now…"))

    def get_urls(self) -> list[URLPattern]:
        def guarded(view: Any) -> Any:
            return update_wrapper(self.admin_site.admin_view(view), view)

        return [
            path("rotate/", guarded(self.rotate_view), name="oauth_provider_signingkey_rotate"),
            path("<int:pk>/revoke/", guarded(self.revoke_view), name="oauth_provider_signingkey_revoke"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {**(extra_context or {}), "can_rotate": self.has_rotate_permission(request)}
        return super().changelist_view(request, context)

    @property
    def _list_address(self) -> str:
        return reverse(f"{self.admin_site.name}:oauth_provider_signingkey_changelist")

    def rotate_view(self, request: HttpRequest) -> HttpResponse:
        """Ask, or take each algorithm one step further."""
        if not self.has_rotate_permission(request):
            raise PermissionDenied
        if (page := fresh_sign_in.required(self, request)) is not None:
            return page
        hours = round(conf.KEY_PUBLISH_LIFETIME / 3600, 1)
        wanted = confirm.Confirmation(
            title=_("Rotate the signing keys?"),
            consequences=[
                _("Where no next key is published, one is made and published now."),
                ngettext(
                    "A new key signs after %(hours)s hour, when every API has read it: rotate again then.",
                    "A new key signs after %(hours)s hours, when every API has read it: rotate again then.",
                    ceil(hours),
                )
                % {"hours": number_format(hours, None if hours % 1 else 0)},
                _("A next key that was published long enough signs from now on."),
                _("The old one stays published until the last token it signed has expired. Nobody is signed out."),
            ],
            submit=_("Rotate"),
            back=self._list_address,
        )
        if not confirm.is_given(request, wanted):
            return confirm.ask(self, request, wanted)
        try:
            done = rotation.rotate(actor=actor_of(request), source=source_of(request))
        except KeyUnavailable as error:
            logger.critical("The signing keys cannot be rotated: %s", error)
            text = _("Nothing was done: a present key cannot be opened. The log says more.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(self._list_address)
        for line in done:
            self.message_user(request, line, messages.SUCCESS)
        if not done:
            text = _("Nothing to do yet: the next key is published and waits until every API has read it.")
            self.message_user(request, text, messages.INFO)
        return HttpResponseRedirect(self._list_address)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the key's id, or stop publishing and accepting the key."""
        if not self.has_rotate_permission(request):
            raise PermissionDenied
        if (page := fresh_sign_in.required(self, request)) is not None:
            return page
        key = SigningKey.objects.filter(pk=pk).first()
        if key is None:
            raise Http404
        if key.state == KeyState.REVOKED:
            self.message_user(request, _("This key was revoked already."), messages.WARNING)
            return HttpResponseRedirect(self._list_address)
        wanted = confirm.Confirmation(
            title=_("Revoke the %(alg)s key %(kid)s now?") % {"alg": key.alg, "kid": key.kid},
            consequences=[
                _("For a key that leaked. Each token it signed is refused once an API reads the keys again."),
                _("If it is the key that signs, another one signs from now on. This cannot be undone."),
            ],
            submit=_("Revoke this key now"),
            back=self._list_address,
            typed=key.kid,
            typed_label=_("Type the key id to confirm"),
        )
        if not confirm.is_given(request, wanted):
            return confirm.ask(self, request, wanted, obj=key)
        rotation.revoke(key.kid, actor=actor_of(request), source=source_of(request))
        self.message_user(request, _("Revoked key %(kid)s.") % {"kid": key.kid}, messages.SUCCESS)
        return HttpResponseRedirect(self._list_address)

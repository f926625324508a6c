"""Logout deliveries: which apps were told of a sign-out, which could not be, and trying again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy, ngettext

from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.bounded_paginator import BoundedPaginator
from oauth_provider.admin.list_page import ListPage
from oauth_provider.admin.read_only import ReadOnlyAdmin
from oauth_provider.models import LogoutDelivery
from oauth_provider.sessions import backchannel

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(LogoutDelivery)
class LogoutDeliveryAdmin(ReadOnlyAdmin):
    """The outbox. `sid` and `sub` are of the session that ended; no token is kept that could be shown."""

    list_display = ("its_client", "state", "tries", "error", "created_at", "next_try_at", "done_at")
    list_filter = ("state", "created_at")
    list_select_related = ("client__application",)
    ordering = ("-created_at",)
    sortable_by = ("created_at",)
    paginator = BoundedPaginator
    change_list_template = "admin/oauth_provider/bounded_change_list.html"
    fields = ("client", "state", "tries", "error", "created_at", "next_try_at", "done_at", "sid", "sub")
    actions = ("repeat",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ListPage]:
        return ListPage

    def has_repeat_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("oauth_provider.repeat_logoutdelivery")

    @admin.display(description=gettext_lazy("client"))
    def its_client(self, delivery: LogoutDelivery) -> str:
        return delivery.client.name

    @admin.action(description=gettext_lazy("Try again now"), permissions=["repeat"])
    def repeat(self, request: HttpRequest, queryset: QuerySet[LogoutDelivery]) -> None:
        """Only dead letters: what is waiting is tried by itself."""
        rows = queryset.select_related("client__application")
        done = sum(backchannel.repeat(delivery, actor=actor_of(request)) for delivery in rows)
        text = ngettext("%(count)d is tried again.", "%(count)d are tried again.", done) % {"count": done}
        self.message_user(request, text)

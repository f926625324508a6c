"""A read-only screen whose rows can be revoked, one from its page or some from the list."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider.admin import confirm
from oauth_provider.admin.read_only import DeletedWithItsUserAdmin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

# Each row costs a few statements: what is ticked on one page fits, "all 100,000" is for the command.
MOST_AT_ONCE = 200
# Columns whose names in the tables are words of the code.
_LABELS = {"id": gettext_lazy("grant id"), "user": gettext_lazy("user"), "client": gettext_lazy("client")}


class RevocableAdmin(DeletedWithItsUserAdmin):
    """Revoking needs `revoke_grant`; it is asked about first and goes through `tokens.revoke`."""

    actions = ("revoke_selected",)
    change_form_template = "admin/oauth_provider/revocable_change_form.html"

    @admin.display(description=gettext_lazy("user"))
    def person(self, row: Any) -> Any:
        return row.user

    @admin.display(description=gettext_lazy("client"))
    def its_client(self, row: Any) -> Any:
        return row.client

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  # as Django calls it
        return super().get_form(request, obj, change, labels=_LABELS, **kwargs)

    def live(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the rows that can still be revoked."""
        return rows.filter(revoked_at=None)

    def consequences(self, rows: Sequence[Any]) -> list[str]:
        """What revoking these rows ends, in sentences with numbers."""
        raise NotImplementedError

    def revoke(self, request: HttpRequest, row: Any) -> None:
        """Revoke one row through its room."""
        raise NotImplementedError

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("oauth_provider.revoke_grant")

    def get_urls(self) -> list[URLPattern]:
        view = update_wrapper(self.admin_site.admin_view(self.revoke_view), self.revoke_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_revoke"
        return [path("<path:object_id>/revoke/", view, name=name), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask about one row, or revoke it."""
        if not self.has_revoke_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        back = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id])
        return self._ask_or_revoke(request, [row] if row.revoked_at is None else [], back=back)

    @admin.action(description=gettext_lazy("Revoke selected %(verbose_name_plural)s…"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Ask about the ticked rows, or revoke them."""
        rows = list(self.live(queryset)[: MOST_AT_ONCE + 1])
        if len(rows) > MOST_AT_ONCE:
            text = _("Choose at most %(most)d at once. Nothing was changed.") % {"most": MOST_AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return None
        return self._ask_or_revoke(request, rows, back=request.get_full_path(), from_list=True)

    def _ask_or_revoke(
        self, request: HttpRequest, rows: list[Any], *, back: str, from_list: bool = False
    ) -> HttpResponse:
        if not rows:
            self.message_user(request, _("This had ended already. Nothing was changed."), messages.WARNING)
            return HttpResponseRedirect(back)
        ticked = [(ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows]
        wanted = confirm.Confirmation(
            title=_("Revoke %(number)d %(what)s?")
            % {
                "number": len(rows),
                "what": self.opts.verbose_name if len(rows) == 1 else self.opts.verbose_name_plural,
            },
            consequences=self.consequences(rows),
            submit=_("Revoke"),
            back=back,
            hidden=[("action", "revoke_selected"), *ticked] if from_list else [],
        )
        if not confirm.is_given(request, wanted):
            return confirm.ask(self, request, wanted, obj=None if from_list else rows[0])
        for row in rows:
            self.revoke(request, row)
        text = _("Revoked: %(number)d.") % {"number": len(rows)}
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(back)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        context["can_revoke"] = self.has_revoke_permission(request) and row is not None and row.revoked_at is None
        return super().render_change_form(request, context, *args, **kwargs)

"""A screen that shows rows and changes none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider.admin.base import ModelAdmin

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest


class ReadOnlyAdmin(ModelAdmin):
    """Nobody adds, changes or deletes here, whatever permissions they hold."""

    actions: Any = ()
    list_per_page = 50
    # Counting a table of millions to say "20 of 3,141,592" is not worth the wait.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.view_{self.opts.model_name}")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class DeletedWithItsUserAdmin(ReadOnlyAdmin):
    """Read-only rows that hang on a person.

    The admin refuses to delete a user while it may not delete what hangs on them. Whoever may delete the user
    may let their rows go with them: that only ever ends access.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        match = request.resolver_match
        page = (match.url_name if match else None) or ""
        if page.startswith(f"{self.opts.app_label}_{self.opts.model_name}_"):
            return False
        return page.endswith("_delete") or (request.method == "POST" and page.endswith("_changelist"))

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {"add": False, "change": False, "delete": False, "view": self.has_view_permission(request)}

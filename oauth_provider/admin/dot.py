"""django-oauth-toolkit's own admin pages: gone, because they change clients and tokens behind our back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from oauth2_provider import admin as dot_admin
from oauth2_provider import models as dot_models

from oauth_provider.admin.read_only import DeletedWithItsUserAdmin
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.db.models import Model
    from django.http import HttpRequest

# An allowlist: these tables keep tokens and codes in clear, and a swapped model may keep more.
SHOWN = (
    *("id", "name", "client_id", "user", "application", "client_type", "authorization_grant_type"),
    *("redirect_uris", "skip_authorization", "scope", "expires", "revoked", "created", "updated"),
)
_NOT_IN_LISTS = {"redirect_uris", "skip_authorization", "updated"}


class DotAdmin(DeletedWithItsUserAdmin):
    """Read-only, without any column that holds a credential."""

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        own = {field.name for field in self.opts.concrete_fields}
        return [name for name in SHOWN if name in own]

    def get_list_display(self, request: HttpRequest) -> Any:
        return [name for name in self.get_fields(request) if name not in _NOT_IN_LISTS]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return [name for name in self.get_list_display(request) if name in {"user", "application"}]


def hide(site: AdminSite) -> None:
    """Take django-oauth-toolkit's own screens off this site; with ADMIN_SHOW_DOT put read-only ones there.

    Importing its admin module first makes the order of INSTALLED_APPS irrelevant. A screen that the site
    itself registered for one of these models is the site's business and stays.
    """
    for model, screen in _screens():
        if site.is_registered(model) and type(site.get_model_admin(model)) is screen:
            site.unregister(model)
        if conf.ADMIN_SHOW_DOT and not site.is_registered(model):
            site.register(model, DotAdmin)


def _screens() -> list[tuple[Any, type[Any]]]:
    return [
        (dot_models.get_application_model(), dot_admin.application_admin_class),
        (dot_models.get_access_token_model(), dot_admin.access_token_admin_class),
        (dot_models.get_grant_model(), dot_admin.grant_admin_class),
        (dot_models.get_id_token_model(), dot_admin.id_token_admin_class),
        (dot_models.get_refresh_token_model(), dot_admin.refresh_token_admin_class),
    ]


hide(admin.site)

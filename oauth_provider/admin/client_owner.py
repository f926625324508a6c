"""Owners of a client, on the client's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from oauth_provider.models import ClientOwner

if TYPE_CHECKING:
    from django.http import HttpRequest

    OwnerModelForm = forms.ModelForm[ClientOwner]
    OwnerInline = admin.TabularInline[Any, Any]
else:
    OwnerModelForm = forms.ModelForm
    OwnerInline = admin.TabularInline


class ClientOwnerForm(OwnerModelForm):
    """A user or a group, never both."""

    class Meta:
        model = ClientOwner
        fields = ("user", "group")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(given.get("user")) == bool(given.get("group")) and not self.errors:
            raise ValidationError(_("Choose a user or a group, not both."), code="user_xor_group")
        return given


class ClientOwnerInline(OwnerInline):
    """Whoever may change the client may change who answers for it. An owner comes or goes, none is edited:
    so a page with thirty of them asks the database once.
    """

    model = ClientOwner
    form = ClientOwnerForm
    extra = 1
    raw_id_fields = ("user", "group")
    verbose_name = _("owner")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("oauth_provider.view_client") or self.has_add_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("oauth_provider.change_client")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user", "group")

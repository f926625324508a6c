"""Initial access tokens: made and shown once, listed, revoked after asking. Whoever may approve clients may."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models.functions import Now
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from oauth_provider import credentials, features
from oauth_provider import scopes as known_scopes
from oauth_provider.admin import fresh_sign_in, shown_once
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.fields import TickedField, scope_choices
from oauth_provider.admin.revocable import RevocableAdmin
from oauth_provider.clients import initial_access
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import InitialAccessToken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

# Seconds a new token lives, as offered.
LIFETIMES = {
    "3600": gettext_lazy("an hour"),
    "86400": gettext_lazy("a day"),
    "604800": gettext_lazy("a week"),
    "2592000": gettext_lazy("30 days"),
}
_FIELDSETS = [
    (None, {"fields": ["note", "lifetime", "uses"]}),
    (gettext_lazy("What its clients get"), {"fields": ["scopes", "owner"]}),
]


class InitialAccessTokenForm(forms.Form):
    """For whom, how long, how often, how much."""

    note = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=255,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text=gettext_lazy("Whom you give it to. Stands in the events of its clients."),
    )
    lifetime = forms.ChoiceField(label=gettext_lazy("Good for"), choices=list(LIFETIMES.items()), initial="86400")
    uses = forms.IntegerField(
        label=gettext_lazy("Registrations"),
        min_value=1,
        max_value=initial_access.MOST_USES,
        initial=1,
        help_text=gettext_lazy("How many clients may be registered with it."),
    )
    scopes = TickedField(
        label=gettext_lazy("Allowed scopes"),
        help_text=gettext_lazy("The most its clients may have. None ticked: REGISTRATION_SCOPES."),
    )
    owner = forms.ModelChoiceField(
        get_user_model()._default_manager.none(),
        label=gettext_lazy("Owner of its clients"),
        required=False,
        help_text=gettext_lazy("Gets the mails about them. Empty: nobody."),
    )
    # Made with the form; the token follows from it, so a form sent twice makes one.
    once = forms.RegexField(r"[0-9a-f]{32}", widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))

    def __init__(self, *args: Any, admin_site: admin.AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes, owner = self.fields["scopes"], self.fields["owner"]
        assert isinstance(scopes, TickedField)  # noqa: S101  # for the type checker
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101  # for the type checker
        scopes.choices = scope_choices()
        owner.queryset = get_user_model()._default_manager.all()
        owner.widget = ForeignKeyRawIdWidget(
            cast("Any", InitialAccessToken._meta.get_field("owner").remote_field), admin_site
        )

    def add_refusal(self, refusal: ValidationError) -> None:
        """Put each sentence of `initial_access.make` beside the field it speaks of."""
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields and name != NON_FIELD_ERRORS else None, ValidationError(errors))


@admin.register(InitialAccessToken)
class InitialAccessTokenAdmin(RevocableAdmin):
    """Named fields only: the digest is never among them."""

    list_display = ("note", "state", "uses_left", "owner", "created_at", "expires_at", "last_used_at")
    list_select_related = ("owner",)
    search_fields = ("note",)
    ordering = ("-created_at", "-pk")
    fields = (
        "note", "state", "uses_left", "permissions", "owner", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("oauth_provider.approve_client")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        may = self.has_view_permission(request)
        return {"add": may, "change": False, "delete": False, "view": may}

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: InitialAccessToken) -> str:
        if token.revoked_at is not None:
            return _("revoked")
        if token.expires_at <= timezone.now():
            return _("expired")
        return _("live") if token.uses_left else _("used up")

    @admin.display(description=gettext_lazy("scopes"))
    def permissions(self, token: InitialAccessToken) -> str:
        return known_scopes.join(token.scopes) or "REGISTRATION_SCOPES"

    def live(self, rows: QuerySet[InitialAccessToken]) -> QuerySet[InitialAccessToken]:
        return rows.filter(revoked_at=None, expires_at__gt=Now(), uses_left__gt=0)

    def consequences(self, rows: Sequence[InitialAccessToken]) -> list[str]:
        left = sum(token.uses_left for token in rows)
        return [
            _("Nobody can register a client with it any more. Registrations it had left: %(left)d.") % {"left": left},
            _("Clients that were registered with it stay."),
        ]

    def revoke(self, request: HttpRequest, row: InitialAccessToken) -> None:
        initial_access.revoke(row, actor=actor_of(request), source=source_of(request))

    @sensitive_variables("value")
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the form, or make the token and answer with it."""
        del form_url, extra_context
        if not self.has_add_permission(request):
            raise PermissionDenied
        if (page := fresh_sign_in.required(self, request)) is not None:
            return page
        form = InitialAccessTokenForm(
            request.POST if request.method == "POST" else None,
            admin_site=self.admin_site,
            initial={"owner": request.user.pk},
        )
        if request.method != "POST" or not form.is_valid():
            return self._ask(request, form)
        wanted = form.cleaned_data
        try:
            row, value = initial_access.make(
                note=wanted["note"],
                expires_at=timezone.now() + timedelta(seconds=int(wanted["lifetime"])),
                uses=wanted["uses"],
                scopes=wanted["scopes"],
                owner=wanted["owner"],
                actor=actor_of(request),
                source=source_of(request),
                value=_value(request, wanted["once"]),
            )
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return self._ask(request, form)
        except IntegrityError:
            # The same form sent a second time: the digest is unique.
            return shown_once.show_value(self, request, None, title=_("The token was made already"), status=409)
        self.log_addition(request, row, [{"added": {}}])
        return shown_once.show_value(self, request, value, obj=row, title=_("The token is made"))

    def _ask(self, request: HttpRequest, form: InitialAccessTokenForm) -> TemplateResponse:
        request.current_app = self.admin_site.name  # read by {% url %}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add initial access token"),
            "form": form,
            "media": form.media,
            "adminform": AdminForm(cast("Any", form), _FIELDSETS, {}, model_admin=self),
            "is_off": not features.registers_with_token(),
            "has_view_permission": True,
        }
        return TemplateResponse(request, "admin/oauth_provider/initialaccesstoken/add.html", context)


def _value(request: HttpRequest, once: str) -> str:
    """Bound to the person, so that nobody finds another's token by its form."""
    key = credentials.derived_keys("initial_access_token")[0]
    kind = credentials.Kind.INITIAL_ACCESS_TOKEN
    return credentials.derive(kind, "initial access token", str(request.user.pk), once, key=key)

"""What would this client get? Pick a person and scopes; the page shows tokens that are never issued."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from oauth_provider.admin.fields import EVERY, TickedField, resource_choices, scope_choices
from oauth_provider.insight import preview as room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.models import Client


class PreviewForm(forms.Form):
    """Who, and what for. Sent by GET: nothing in it is secret, and nothing is changed."""

    user = forms.CharField(
        label=gettext_lazy("Person"), required=False, max_length=255,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("The name they sign in with. Empty: the client acts for itself."),
    )  # fmt: skip
    scope = TickedField(
        label=gettext_lazy("Scopes"), help_text=gettext_lazy("None ticked: the client’s default scopes.")
    )
    resource = forms.ChoiceField(
        label=gettext_lazy("Resource"), required=False, help_text=gettext_lazy("The API the token is for (RFC 8707).")
    )

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes: Any = self.fields["scope"]
        scopes.choices = [choice for choice in scope_choices(client.allowed_scopes) if choice[0] != EVERY]
        resources: Any = self.fields["resource"]
        resources.choices = [("", _("none named")), *resource_choices(client.resources)]

    def clean_user(self) -> Any:
        """The person of this name, or None."""
        name = self.cleaned_data["user"]
        if not name:
            return None
        model = get_user_model()
        user = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
        if user is None:
            raise ValidationError(_("Nobody signs in with this name."))
        return user


def preview(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and with its answer what would be issued; GET only reads."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    client = model_admin.client_or_404(request, pk)
    form = PreviewForm(client, request.GET if "preview" in request.GET else None)
    context: dict[str, object] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("What would %(name)s get?") % {"name": client.name},
        "original": client,
        "form": form,
        "has_view_permission": True,
    }
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data
        result = room.preview(
            client,
            user=wanted["user"],
            scope=" ".join(wanted["scope"]) or None,
            resources=(wanted["resource"],) if wanted["resource"] else (),
        )
        context |= {"person": wanted["user"], **_shown(result)}
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    return TemplateResponse(request, "admin/oauth_provider/client/preview.html", context)


def _shown(result: room.Preview | room.Refused) -> dict[str, object]:
    if isinstance(result, room.Refused):
        return {"refused": result}
    return {
        "result": result,
        "lifetime": _span(result.lifetime),
        "idle": _span(result.refresh_token.idle) if result.refresh_token is not None else "",
        "absolute": _span(result.refresh_token.absolute) if result.refresh_token is not None else "",
        "texts": [
            (title, header, _text(members))
            for title, header, members in (
                (_("Access token"), _text(result.header), result.access_token),
                (_("ID token"), _text(result.id_token_header), result.id_token),
                (_("UserInfo response"), "", result.userinfo),
            )
            if members is not None
        ],
        "examples": sorted(room.EXAMPLES),
    }


def _span(seconds: int) -> str:
    """In the largest unit that says it exactly."""
    for length, words in (
        (86_400, ngettext_lazy("%(number)d day", "%(number)d days", "number")),
        (3600, ngettext_lazy("%(number)d hour", "%(number)d hours", "number")),
        (60, ngettext_lazy("%(number)d minute", "%(number)d minutes", "number")),
    ):
        if seconds % length == 0:
            return str(words % {"number": seconds // length})
    return ngettext("%(number)d second", "%(number)d seconds", seconds) % {"number": seconds}


def _text(members: Mapping[str, object] | None) -> str:
    return "" if members is None else json.dumps(members, indent=2, ensure_ascii=False)

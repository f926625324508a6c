"""Adding a client: a profile, a few fields; `clients.registration` works, the POST shows the result."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from oauth_provider.admin import fresh_sign_in, shown_once
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.fields import LinesField, TickedField, scope_choices
from oauth_provider.clients import registration
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Client
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

# As many digits as `registration.new_client_id` has.
_CLIENT_ID_DIGITS = 24
_FIELDSETS = [
    (None, {"fields": ["name", "profile"]}),
    (gettext_lazy("Where people are sent back to"), {"fields": ["redirect_uris"]}),
    (gettext_lazy("What it may ask for"), {"fields": ["scopes", "default_scopes"]}),
]


class RegistrationForm(forms.Form):
    """What a person has to decide; everything else follows from the profile."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text=gettext_lazy("What people read on the consent page."),
    )
    profile = forms.ChoiceField(
        label=gettext_lazy("Profile"),
        choices=[choice for choice in Profile.choices if choice[0] != Profile.IMPORTED],
        initial=Profile.WEB,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Sets the grants, the client authentication and the lifetimes that are safe for it."),
    )
    redirect_uris = LinesField(
        label=gettext_lazy("Redirect URIs"),
        help_text=gettext_lazy("One per line, compared sign for sign. Empty for machines and devices."),
    )
    scopes = TickedField(
        label=gettext_lazy("Allowed scopes"), help_text=gettext_lazy("The most this client may ever ask for.")
    )
    default_scopes = TickedField(
        label=gettext_lazy("Default scopes"),
        help_text=gettext_lazy("Optional: given when a request names no scope. Must be allowed above."),
    )
    # Made with the form; the client id follows from it, so a form sent twice finds its own client.
    once = forms.RegexField(r"[0-9a-f]{32}", widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("scopes", "default_scopes"):
            field = self.fields[name]
            assert isinstance(field, TickedField)  # noqa: S101  # for the type checker
            field.choices = scope_choices()

    def add_refusal(self, refusal: ValidationError) -> None:
        """Put each sentence of `register` beside the field it speaks of."""
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields and name != NON_FIELD_ERRORS else None, ValidationError(errors))


@sensitive_variables("secret")
def add(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Show the form, or register the client and answer with its secret."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if (page := fresh_sign_in.required(model_admin, request)) is not None:
        return page
    form = RegistrationForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(model_admin, request, form)
    wanted = form.cleaned_data
    client_id = _client_id(request, wanted["once"])
    already = Client.objects.named(client_id)
    if already is not None:
        return _answer_again(model_admin, request, already)
    try:
        client, secret = registration.register(
            name=wanted["name"],
            profile=wanted["profile"],
            redirect_uris=wanted["redirect_uris"],
            scopes=wanted["scopes"],
            default_scopes=wanted["default_scopes"] or None,
            client_id=client_id,
            source="admin",
            actor=actor_of(request),
            request_source=source_of(request),
        )
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return _ask(model_admin, request, form)
    except IntegrityError:
        # The same form, sent twice at the same moment: the unique client id lets one of them through.
        already = Client.objects.named(client_id)
        if already is None:
            raise
        return _answer_again(model_admin, request, already)
    model_admin.log_addition(request, client, [{"added": {}}])
    return shown_once.show(model_admin, request, client, secret, title=_("The client is registered"))


def _client_id(request: HttpRequest, once: str) -> str:
    """Bound to the person, so that nobody finds another's client by its form."""
    digest = hashlib.sha256(f"oauth_provider/admin/client\x00{request.user.pk}\x00{once}".encode()).hexdigest()
    return f"c_{digest[:_CLIENT_ID_DIGITS]}"


def _answer_again(model_admin: admin.ModelAdmin[Any], request: HttpRequest, client: Client) -> TemplateResponse:
    return shown_once.show_again(model_admin, request, client, title=_("This client is registered already"))


def _ask(model_admin: admin.ModelAdmin[Any], request: HttpRequest, form: RegistrationForm) -> TemplateResponse:
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Add client"),
        "form": form,
        "adminform": AdminForm(cast("Any", form), _FIELDSETS, {}, model_admin=model_admin),
        "has_view_permission": model_admin.has_view_permission(request),
    }
    return TemplateResponse(request, "admin/oauth_provider/client/register.html", context)

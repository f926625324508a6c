"""Changing a client: the form, and what saving it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin import fields
from oauth_provider.clients import change, validation
from oauth_provider.clients.profiles import rules_of
from oauth_provider.models import Client

if TYPE_CHECKING:
    from collections.abc import Mapping

    ClientModelForm = forms.ModelForm[Client]
else:
    ClientModelForm = forms.ModelForm

# The names that `clients.change` uses, and this form's.
_FIELD_OF = {"scopes": "allowed_scopes"}
_ARGUMENT_OF = {field: argument for argument, field in _FIELD_OF.items()}


class ClientForm(ClientModelForm):
    """Everything of a client that a person may change. Profile, grants and status are not among it."""

    name = forms.CharField(
        label=_("Name"), max_length=255, widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("What people read on the consent page."),
    )  # fmt: skip
    redirect_uris = fields.LinesField(
        label=_("Redirect URIs"),
        help_text=_("One per line, compared sign for sign. Empty for machines and devices."),
    )
    origins = fields.LinesField(
        label=_("Browser origins"), validators=[validation.check_origin],
        help_text=_("One per line: pages that may call the token endpoint from a browser (CORS)."),
    )  # fmt: skip
    allowed_scopes = fields.TickedField(label=_("Allowed scopes"))
    default_scopes = fields.TickedField(
        label=_("Default scopes"), help_text=_("Given when a request names no scope. Must be allowed above.")
    )
    resources = fields.TickedField(
        label=_("Resources"), help_text=_("Resource servers this client may ask tokens for (RFC 8707).")
    )
    resource_server_for = fields.TickedField(
        label=_("Resource server for"),
        help_text=_("Audiences whose tokens it may introspect (RFC 7662)."),
    )
    policy_uri = forms.CharField(
        label=_("Privacy policy"), required=False, max_length=2000, validators=[validation.check_page],
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )  # fmt: skip
    tos_uri = forms.CharField(
        label=_("Terms of service"), required=False, max_length=2000, validators=[validation.check_page],
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )  # fmt: skip

    class Meta:
        model = Client
        fields = (
            "allowed_scopes", "default_scopes", "resources", "resource_server_for", "require_pkce",
            "token_format",
            "access_token_lifetime", "refresh_token_idle_lifetime", "refresh_token_absolute_lifetime",
            "refresh_token_leeway", "policy_uri", "tos_uri",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        client = self.instance
        self._offer("allowed_scopes", fields.scope_choices(client.allowed_scopes))
        self._offer("default_scopes", fields.scope_choices(scope for scope in client.default_scopes if scope != "*"))
        self._offer("resources", fields.resource_choices(client.resources))
        self._offer("resource_server_for", fields.resource_choices(client.resource_server_for, with_every=True))
        self.initial["name"] = client.name
        self.initial["redirect_uris"] = list(client.redirect_uris)
        if "origins" in self.fields:
            self.initial["origins"] = [row.origin for row in client.origins.order_by("origin")]
        if "require_pkce" in self.fields and not rules_of(client).may_go_without_pkce:
            # RFC 9700 §2.1.1
            self.fields["require_pkce"].disabled = True
            self.fields["require_pkce"].help_text = str(_("Always on for this profile."))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            cast("fields.TickedField", self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        wanted: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            change.check(self.instance, **self.arguments(wanted))
        except ValidationError as refusal:
            for key, errors in refusal.error_dict.items():
                name = _FIELD_OF.get(key, key)
                self.add_error(name if name in self.fields else None, ValidationError(errors))
        return wanted

    def arguments(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """What the form holds, under the names of `clients.change`."""
        return {_ARGUMENT_OF.get(name, name): value for name, value in wanted.items() if name in self.fields}

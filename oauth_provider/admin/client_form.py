"""Changing a client: the form, and what saving it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin import fields
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.clients import registration
from oauth_provider.clients.profiles import rules_of
from oauth_provider.models import Client, ClientOrigin
from oauth_provider.values import Profile

if TYPE_CHECKING:
    ClientModelForm = forms.ModelForm[Client]
else:
    ClientModelForm = forms.ModelForm

_DAY = 86400
_LONGEST = {
    "access_token_lifetime": 30 * _DAY,
    "refresh_token_idle_lifetime": 3660 * _DAY,
    "refresh_token_absolute_lifetime": 3660 * _DAY,
    "refresh_token_leeway": 300,
}
# The names that `registration.check` uses, and this form's.
_FIELD_OF = {"scopes": "allowed_scopes"}


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
        label=_("Browser origins"), validators=[fields.validate_origin],
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
        label=_("Privacy policy"), required=False, max_length=2000, validators=[fields.validate_page],
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )  # fmt: skip
    tos_uri = forms.CharField(
        label=_("Terms of service"), required=False, max_length=2000, validators=[fields.validate_page],
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
        for name, longest in _LONGEST.items():
            if name in self.fields:
                shortest = 0 if name == "refresh_token_leeway" else 1
                self.fields[name].validators += [MinValueValidator(shortest), MaxValueValidator(longest)]
        self.initial["name"] = client.name
        self.initial["redirect_uris"] = list(client.redirect_uris)
        if "origins" in self.fields:
            self.initial["origins"] = [row.origin for row in client.origins.order_by("origin")]
        if "require_pkce" in self.fields and client.profile != Profile.IMPORTED:
            # RFC 9700 §2.1.1; only what was taken over may go on as before.
            self.fields["require_pkce"].disabled = True
            self.fields["require_pkce"].help_text = str(_("Always on for this profile."))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            cast("fields.TickedField", self.fields[name]).choices = choices

    def clean_name(self) -> str:
        return fields.clean_name(str(self.cleaned_data["name"]))

    def clean(self) -> dict[str, Any]:
        wanted: dict[str, Any] = super().clean() or self.cleaned_data
        client = self.instance
        rules = rules_of(client)
        redirect_uris = tuple(wanted.get("redirect_uris", client.redirect_uris))
        is_imported = client.profile == Profile.IMPORTED
        if is_imported:
            # What came along stays as it was, also where it could not be registered today.
            self._check_added(redirect_uris)
        try:
            registration.check(
                name=wanted.get("name", client.name),
                rules=rules,
                redirect_uris=() if is_imported else redirect_uris,
                scopes=tuple(wanted.get("allowed_scopes", client.allowed_scopes)),
                default_scopes=tuple(wanted.get("default_scopes", client.default_scopes)),
                auth_method=client.auth_method,
                resources=tuple(wanted.get("resources", client.resources)),
            )
        except ValidationError as refusal:
            for key, errors in refusal.error_dict.items():
                name = _FIELD_OF.get(key, key)
                self.add_error(name if name in self.fields else None, ValidationError(errors))
        return wanted

    def _check_added(self, redirect_uris: tuple[str, ...]) -> None:
        for uri in redirect_uris:
            if uri not in self.instance.redirect_uris:
                try:
                    uris.validate(uri, rules=rules_of(self.instance))
                except ValidationError as refusal:
                    self.add_error("redirect_uris", refusal)


def save(form: ClientForm) -> None:
    """Write what the form changed and nothing else; the caller records the event."""
    client, changed = form.instance, form.changed_data
    columns = [name for name in changed if name in ClientForm.Meta.fields]
    if columns:
        client.save(update_fields=columns)
    if "name" in changed:
        client.rename(form.cleaned_data["name"])
    if "redirect_uris" in changed:
        client.set_redirect_uris(form.cleaned_data["redirect_uris"])
    if "origins" in changed:
        ClientOrigin.objects.replace(client, form.cleaned_data["origins"])

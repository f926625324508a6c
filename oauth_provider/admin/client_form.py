"""What the forms on a client's tabs share: each holds some arguments of `clients.change` and saves those alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from oauth_provider.admin import client_page
from oauth_provider.admin.actor import actor_of
from oauth_provider.clients import change
from oauth_provider.endpoints.base import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.admin.client_page import Tab
    from oauth_provider.models import Client

# Where what a form of another tab cannot mend is mended.
_TAB_OF: Mapping[str, _StrPromise] = {
    "redirect_uris": client_page.REDIRECT_URIS.title,
    "origins": client_page.REDIRECT_URIS.title,
    "scopes": client_page.SCOPES.title,
    "default_scopes": client_page.SCOPES.title,
    "optional_scopes": client_page.SCOPES.title,
    "purposes": client_page.SCOPES.title,
    "resources": client_page.SCOPES.title,
    "frontchannel_logout_uri": client_page.SETTINGS.title,
}


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, and a sentence on what they decide. Of a sparse one only what is filled is shown
    to who may not change it.
    """

    name: str
    title: _StrPromise
    fields: tuple[str, ...]
    sentence: _StrPromise | str = ""
    is_sparse: bool = False


class ClientForm(forms.Form):
    """Fields named as the arguments of `clients.change`; its refusals stand beside them."""

    sections: tuple[Section, ...] = ()
    # What an empty field stands for, where that is something.
    defaults: Mapping[str, str] = {}

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data, label_suffix="")
        self.client = client
        self.prepare(client)
        self.initial.update(self.values(client))

    def prepare(self, client: Client) -> None:
        """Offer the choices this client has, and take away the fields that are not for it."""

    def values(self, client: Client) -> dict[str, Any]:
        """What the fields show of the client as it is."""
        raise NotImplementedError

    def arguments(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """What was entered, as `clients.change` takes it."""
        return dict(cleaned)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            arguments = self.arguments(cleaned)
            arguments.pop("orphaned_accounts", None)
            change.check(self.client, **arguments)
        except ValidationError as refusal:
            self.add_refusal(refusal)
        return cleaned

    def add_refusal(self, refusal: ValidationError) -> None:
        """Put each sentence beside the field it speaks of; one about another tab names that tab."""
        for name, errors in refusal.error_dict.items():
            if name in self.fields:
                self.add_error(name, ValidationError(errors))
            else:
                for sentence in ValidationError(errors).messages:
                    self.add_error(None, f"{_TAB_OF.get(name, name)}: {sentence}")

    def save(self, *, actor: str, source: Any) -> list[str]:
        """Change the client and return the names of what is different now; raises ValidationError."""
        return change.change(self.client, actor=actor, source=source, **self.arguments(self.cleaned_data))

    @property
    def parts(self) -> list[tuple[Section, list[forms.BoundField]]]:
        """The sections that have a field for this client."""
        found = [(section, [self[name] for name in section.fields if name in self.fields]) for section in self.sections]
        return [(section, fields) for section, fields in found if fields]

    def shown(self) -> Iterator[tuple[Section, list[tuple[str, list[str]]]]]:
        """The same without a form, for who may look and not change: each field with what it says."""
        for section, fields in self.parts:
            said = [(str(field.label), _said(field) or [self.defaults.get(field.name, "")]) for field in fields]
            yield section, [(label, lines) for label, lines in said if any(lines) or not section.is_sparse]


def _said(field: forms.BoundField) -> list[str]:
    value = field.initial
    if isinstance(value, bool):
        return [_("yes") if value else _("no")]
    if isinstance(value, dict):
        return [f"{key} = {said}" for key, said in value.items()]
    values = value if isinstance(value, (list, tuple)) else [value]
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
    return [labels.get(str(one), str(one)) for one in values if one not in (None, "")]


def saved(model_admin: ClientAdmin, request: HttpRequest, form: ClientForm, tab: Tab) -> HttpResponse | None:
    """Save the form and go back to its tab; None when there is something to correct. 403 without `change_client`."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if not form.is_valid():
        return None
    try:
        changed = form.save(actor=actor_of(request), source=source_of(request))
    except ValidationError as refusal:
        # Somebody else was quicker, and both together are not allowed.
        form.add_refusal(refusal)
        return None
    if changed:
        # Names, never values: what is logged here is read by everybody on the site's staff.
        model_admin.log_change(request, form.client, [{"changed": {"fields": changed}}])
        model_admin.message_user(request, _("Saved."), messages.SUCCESS)
    else:
        model_admin.message_user(request, _("Nothing was different."), messages.INFO)
    return HttpResponseRedirect(client_page.address(model_admin, form.client, tab.name))

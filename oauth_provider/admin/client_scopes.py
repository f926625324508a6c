"""What a client may ask for, and its approval: submitted with scopes, approved with scopes or sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider import scopes as known_scopes
from oauth_provider.admin import client_form, client_page, fields, fresh_sign_in
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.client_form import Section
from oauth_provider.admin.fields import PurposesField, TickedField
from oauth_provider.clients import approval, owners
from oauth_provider.clients.profiles import rules_of
from oauth_provider.endpoints.base import source_of
from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.models import Client

_LONGEST_REASON = 500


class ScopesForm(client_form.ClientForm):
    """Scopes and resources, as ticks."""

    sections = (
        Section("scopes", gettext_lazy("Scopes"), ("scopes", "default_scopes"),
                gettext_lazy("The most it may ask for, and what it gets when it asks for nothing.")),
        Section("people", gettext_lazy("What people read"), ("optional_scopes", "purposes"),
                gettext_lazy("On the page where they decide."), is_sparse=True),
        Section("resources", gettext_lazy("Resources"), ("resources", "resource_server_for"),
                gettext_lazy("APIs it gets tokens for, and APIs it may ask about tokens for.")),
    )  # fmt: skip

    scopes = TickedField(label=gettext_lazy("Allowed scopes"))
    default_scopes = TickedField(
        label=gettext_lazy("Default scopes"),
        help_text=gettext_lazy("Given when a request names no scope. Must be allowed above."),
    )
    optional_scopes = TickedField(
        label=gettext_lazy("Optional scopes"),
        help_text=gettext_lazy("People may leave these out. Tick only what the client can do without."),
    )
    purposes = PurposesField(
        label=gettext_lazy("Purposes"),
        help_text=gettext_lazy(
            "One line per scope: its name, an equals sign, and what the app needs it for, in at most 140 characters."
        ),
    )
    resources = TickedField(
        label=gettext_lazy("Resources"), help_text=gettext_lazy("Resource servers it may ask tokens for (RFC 8707).")
    )
    resource_server_for = TickedField(
        label=gettext_lazy("Resource server for"),
        help_text=gettext_lazy("Audiences whose tokens it may introspect (RFC 7662)."),
    )

    def prepare(self, client: Client) -> None:
        self._offer("scopes", fields.scope_choices(client.allowed_scopes))
        self._offer("default_scopes", fields.scope_choices(scope for scope in client.default_scopes if scope != "*"))
        if rules_of(client).has_people:
            self._offer("optional_scopes", _offered(client))
        else:
            for name in ("optional_scopes", "purposes"):
                self.fields.pop(name)
        self._offer("resources", fields.resource_choices(client.resources))
        self._offer("resource_server_for", fields.resource_choices(client.resource_server_for, with_every=True))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def values(self, client: Client) -> dict[str, Any]:
        return {
            "scopes": client.allowed_scopes,
            "default_scopes": client.default_scopes,
            "optional_scopes": client.optional_scopes,
            "purposes": client.purposes,
            "resources": client.resources,
            "resource_server_for": client.resource_server_for,
        }


class WantedScopesForm(forms.Form):
    """The scopes to be asked for, or approved."""

    wanted = TickedField(label=gettext_lazy("Scopes"))

    def __init__(self, data: Any = None, *, client: Client) -> None:
        scopes = client.requested_scopes or client.allowed_scopes
        super().__init__(data, initial={"wanted": scopes}, label_suffix="", auto_id="id_approval_%s")
        cast("forms.ChoiceField", self.fields["wanted"]).choices = fields.scope_choices(scopes)


class SendBackForm(forms.Form):
    """Why it was not approved; the owners read it."""

    why = forms.CharField(
        label=gettext_lazy("What has to change"), max_length=_LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("The owners get it by mail."),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", auto_id="id_send_back_%s")


def _offered(client: Client) -> list[tuple[str, str]]:
    """The scopes that may be made optional: those it has, so that the list stays short."""
    return [
        (scope, label)
        for scope, label in fields.scope_choices(client.optional_scopes)
        if scope in client.optional_scopes or (client.allows_scopes([scope]) and scope != known_scopes.OPENID)
    ]


def page(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show scopes, resources and the state of the approval, or save scopes and resources."""
    client = client_page.client_of(model_admin, request, pk, tab=client_page.SCOPES)
    form = ScopesForm(request.POST if request.method == "POST" else None, client=client)
    if request.method == "POST":
        done = client_form.saved(model_admin, request, form, client_page.SCOPES)
        if done is not None:
            return done
    return _show(model_admin, request, client, form=form)


def submit(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for approval; for who may change the client, and for its owners."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    client = client_page.client_of(model_admin, request, pk, tab=client_page.SCOPES)
    if not _may_submit(request, client):
        raise PermissionDenied
    return _decide(model_admin, request, client, approval.submit, said=_("Submitted for approval."))


def approve(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Let everybody whom its settings allow use the client, with the ticked scopes."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    client = client_page.client_of(model_admin, request, pk, tab=client_page.SCOPES, needs="approve_client")
    if (asked := fresh_sign_in.required(model_admin, request)) is not None:
        return asked
    return _decide(model_admin, request, client, approval.approve, said=_("Approved: it is active now."))


def send_back(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Make it a draft again and tell the owners why."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    client = client_page.client_of(model_admin, request, pk, tab=client_page.SCOPES, needs="approve_client")
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _show(model_admin, request, client, send_back_form=form)
    try:
        approval.send_back(client, why=form.cleaned_data["why"], actor=actor_of(request), source=source_of(request))
    except ValidationError as refusal:
        return _refused(model_admin, request, client, refusal)
    return _done(model_admin, request, client, _("Sent back to its owners."))


def _decide(
    model_admin: ClientAdmin, request: HttpRequest, client: Client, decide: Callable[..., None], *, said: str
) -> HttpResponse:
    form = WantedScopesForm(request.POST, client=client)
    if not form.is_valid():
        return _show(model_admin, request, client, wanted_form=form)
    try:
        decide(client, form.cleaned_data["wanted"], actor=actor_of(request), source=source_of(request))
    except ValidationError as refusal:
        return _refused(model_admin, request, client, refusal)
    return _done(model_admin, request, client, said)


def _refused(model_admin: ClientAdmin, request: HttpRequest, client: Client, refusal: ValidationError) -> HttpResponse:
    """Somebody else has decided meanwhile."""
    model_admin.message_user(request, " ".join(refusal.messages), messages.ERROR)
    return HttpResponseRedirect(client_page.address(model_admin, client, client_page.SCOPES.name))


def _done(model_admin: ClientAdmin, request: HttpRequest, client: Client, said: str) -> HttpResponse:
    model_admin.log_change(request, client, said)
    model_admin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(client_page.address(model_admin, client, client_page.SCOPES.name))


def _may_submit(request: HttpRequest, client: Client) -> bool:
    return client_page.has(request, "change_client") or owners.owns(client, cast("Any", request.user))


def _show(model_admin: ClientAdmin, request: HttpRequest, client: Client, **forms_with_errors: Any) -> HttpResponse:
    is_draft, is_submitted = (client.status == status for status in (ClientStatus.DRAFT, ClientStatus.SUBMITTED))
    may_approve = client_page.has(request, "approve_client")
    context = {
        "form": ScopesForm(client=client),
        "wanted_form": WantedScopesForm(client=client),
        "send_back_form": SendBackForm(),
        "can_submit": is_draft and _may_submit(request, client),
        "can_approve": may_approve and (is_draft or is_submitted),
        "can_send_back": may_approve and is_submitted,
        "addresses": {
            name: client_page.address(model_admin, client, name) for name in ("submit", "approve", "send_back")
        },
        **forms_with_errors,
    }
    return client_page.show(model_admin, request, client, client_page.SCOPES, context)

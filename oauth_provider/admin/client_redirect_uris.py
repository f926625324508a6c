"""Redirect URIs and browser origins of a client, and the question "would this match?"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin import client_form, client_page, fresh_sign_in
from oauth_provider.admin.client_form import Section
from oauth_provider.admin.fields import LinesField
from oauth_provider.clients import redirect_uris
from oauth_provider.clients.profiles import Rules, rules_of
from oauth_provider.clients.would_match import would_match
from oauth_provider.models import ClientOrigin
from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.models import Client

# The button that puts the corrected redirect URIs into the form and saves nothing.
CORRECT = "correct"
_MOST_CORRECTED = 20


class RedirectUrisForm(client_form.ClientForm):
    """Where people are sent back to, and from which pages a browser may call the token endpoint."""

    sections = (
        Section(
            "redirect_uris", _("Redirect URIs"), ("redirect_uris",),
            _("Where people are sent back to. Owners get a mail when one is added to a client that is live."),
        ),
        Section(
            "origins", _("Browser origins"), ("origins",),
            _("Pages that may call the token endpoint from a browser (CORS)."),
        ),
    )  # fmt: skip

    redirect_uris = LinesField(label=_("Redirect URIs"), help_text=_("One per line, compared sign for sign."))
    origins = LinesField(label=_("Browser origins"), help_text=_("One per line, like https://app.example."))

    def prepare(self, client: Client) -> None:
        if GrantType.AUTHORIZATION_CODE not in rules_of(client).grant_types and not client.redirect_uris:
            del self.fields["redirect_uris"]

    def values(self, client: Client) -> dict[str, Any]:
        return {"redirect_uris": list(client.redirect_uris), "origins": ClientOrigin.objects.of(client)}

    def lines_given(self) -> list[str]:
        """The redirect URIs as they were sent."""
        return list(LinesField().to_python(self.data.get("redirect_uris", "")))

    def corrections(self) -> list[tuple[str, str]]:
        """Refused redirect URIs whose meaning is plain, each with the one that may be registered."""
        if "redirect_uris" not in self.errors:
            return []
        rules = rules_of(self.client)
        given = [uri for uri in self.lines_given() if uri not in self.client.redirect_uris]
        pairs = [(uri, redirect_uris.corrected(uri, rules=rules)) for uri in given[:_MOST_CORRECTED]]
        return [(uri, mended) for uri, mended in pairs if mended is not None and _is_refused(uri, rules)]


def page(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show them and answer the question, or save them."""
    client = client_page.client_of(model_admin, request, pk, tab=client_page.REDIRECT_URIS)
    if request.method != "POST":
        return _show(model_admin, request, RedirectUrisForm(client=client))
    client_page.client_of(model_admin, request, pk, needs="change_client")
    if (asked := fresh_sign_in.required(model_admin, request)) is not None:
        return asked
    form = RedirectUrisForm(request.POST, client=client)
    if CORRECT in request.POST:
        form = RedirectUrisForm(_corrected(form, request.POST), client=client)
        form.is_valid()
        return _show(model_admin, request, form)
    return client_form.saved(model_admin, request, form, client_page.REDIRECT_URIS) or _show(model_admin, request, form)


def _show(model_admin: ClientAdmin, request: HttpRequest, form: RedirectUrisForm) -> HttpResponse:
    # A question that changes nothing, about what is no secret: it stands in the address.
    asked = request.GET.get("uri", "").strip()[: redirect_uris.MAX_LENGTH]
    context = {
        "form": form,
        "corrections": form.corrections() if form.is_bound else [],
        "correct_name": CORRECT,
        "asked": asked,
        "answer": would_match(asked, form.client.redirect_uris) if asked else None,
    }
    return client_page.show(model_admin, request, form.client, client_page.REDIRECT_URIS, context)


def _corrected(form: RedirectUrisForm, given: QueryDict) -> QueryDict:
    """What was sent, with the redirect URIs that could be mended."""
    mended = dict(form.corrections())
    data = given.copy()
    data["redirect_uris"] = "\n".join(dict.fromkeys(mended.get(uri, uri) for uri in form.lines_given()))
    return data


def _is_refused(uri: str, rules: Rules) -> bool:
    try:
        redirect_uris.validate(uri, rules=rules)
    except ValidationError:
        return True
    return False

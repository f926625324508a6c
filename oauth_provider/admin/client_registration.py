"""Guided add: which kind, then the few fields that matter; the answer to the POST shows id and secret once."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from oauth_provider import resources as known_resources
from oauth_provider.admin import fresh_sign_in, shown_once
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.client_cards import CARDS
from oauth_provider.admin.fields import LinesField, TickedField, resource_choices, scope_choices
from oauth_provider.clients import modern, redirect_uris, registration
from oauth_provider.clients.profiles import PROFILES, Rules
from oauth_provider.conf import conf
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Client
from oauth_provider.values import AuthMethod, ClientStatus, GrantType, Profile, RegistrationSource

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

# As many digits as `registration.new_client_id` has.
_CLIENT_ID_DIGITS = 24
# The button that puts the corrected redirect URIs into the form and registers nothing.
CORRECT = "correct"


_MOST_CORRECTED = 20


def _is_refused(uri: str, rules: Rules) -> bool:
    try:
        redirect_uris.validate(uri, rules=rules)
    except ValidationError:
        return True
    return False


class RegistrationForm(forms.Form):
    """What a person has to decide; everything else follows from the profile."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text=gettext_lazy("What people read on the consent page."),
    )
    profile = forms.ChoiceField(
        choices=[choice for choice in Profile.choices if choice[0] != Profile.IMPORTED], widget=forms.HiddenInput
    )
    redirect_uris = LinesField(
        label=gettext_lazy("Redirect URIs"), help_text=gettext_lazy("One per line, compared sign for sign.")
    )
    post_logout_redirect_uris = LinesField(
        label=gettext_lazy("After signing out"),
        help_text=gettext_lazy("Where people may be sent, one per line, compared sign for sign."),
    )
    scopes = TickedField(
        label=gettext_lazy("Allowed scopes"), help_text=gettext_lazy("The most this client may ever ask for.")
    )
    default_scopes = TickedField(
        label=gettext_lazy("Default scopes"),
        help_text=gettext_lazy("Optional: given when a request names no scope. Must be allowed above."),
    )
    resources = TickedField(
        label=gettext_lazy("Resources"), help_text=gettext_lazy("Resource servers it may ask tokens for (RFC 8707).")
    )
    auth_method = forms.ChoiceField(label=gettext_lazy("Client authentication"), required=False)
    is_agent = forms.BooleanField(
        label=gettext_lazy("Acts by itself"), required=False,
        help_text=gettext_lazy("An AI agent: people are told, and what it does for them is recorded as its doing."),
    )  # fmt: skip
    # Made with the form; the client id follows from it, so a form sent twice finds its own client.
    once = forms.RegexField(r"[0-9a-f]{32}", widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))

    def __init__(self, *args: Any, profile: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["profile"] = profile
        self.initial["scopes"] = list(conf.DEFAULT_SCOPES)
        rules = PROFILES.get(profile)
        self._offer("scopes", scope_choices())
        self._offer("default_scopes", scope_choices())
        self._offer("resources", resource_choices())
        methods = rules.auth_methods if rules is not None else ()
        self._offer("auth_method", [(method.value, str(method.label)) for method in methods])
        if methods:
            self.initial["auth_method"] = methods[0].value

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def add_refusal(self, refusal: ValidationError) -> None:
        """Put each sentence of `register` beside the field it speaks of."""
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields and name != NON_FIELD_ERRORS else None, ValidationError(errors))

    def lines_given(self) -> list[str]:
        """The redirect URIs as they were sent."""
        field = cast("LinesField", self.fields["redirect_uris"])
        return list(field.to_python(self.data.get("redirect_uris", "")))

    def unseen_errors(self) -> list[Any]:
        """Refusals of fields that this profile does not show: sent by something else than the page."""
        shown = {name for _title, options in self.fieldsets() for name in options["fields"]}
        return [errors for name, errors in self.errors.items() if name not in {*shown, NON_FIELD_ERRORS, "once"}]

    def corrections(self) -> list[tuple[str, str]]:
        """Refused redirect URIs whose meaning is plain, each with the one that may be registered."""
        rules = PROFILES.get(self.data.get("profile", ""))
        if rules is None:
            return []
        given = self.lines_given()
        pairs = [(uri, redirect_uris.corrected(uri, rules=rules)) for uri in given[:_MOST_CORRECTED]]
        return [(uri, mended) for uri, mended in pairs if mended is not None and _is_refused(uri, rules)]

    def fieldsets(self) -> list[tuple[Any, dict[str, Any]]]:
        """The fields that matter for the profile, then what most leave alone."""
        rules = PROFILES[self.initial["profile"]]
        has_code = GrantType.AUTHORIZATION_CODE in rules.grant_types
        first = ["name", *(["redirect_uris"] if has_code else []), "scopes"]
        more = ["default_scopes", *(["resources"] if known_resources.registered() else []),
                *(["post_logout_redirect_uris"] if has_code else []),
                *(["auth_method"] if len(rules.auth_methods) > 1 else []), "is_agent"]  # fmt: skip
        # "collapse" is a <details> of the admin's own: open when a field in it was refused.
        return [
            (None, {"fields": first}),
            (_("More, for those who need it"), {"fields": more, "classes": ["collapse"]}),
        ]


@sensitive_variables("secret")
def add(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Show the cards or the form, or register the client and answer with its secret."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if (page := fresh_sign_in.required(model_admin, request)) is not None:
        return page
    profile = request.POST.get("profile") or request.GET.get("profile", "")
    if request.method != "POST":
        return _ask(model_admin, request, RegistrationForm(profile=profile), profile=profile)
    form = RegistrationForm(request.POST, profile=profile)
    if CORRECT in request.POST:
        form = RegistrationForm(_corrected(form, request.POST), profile=profile)
        form.is_valid()
        return _ask(model_admin, request, form, profile=profile)
    if not form.is_valid():
        return _ask(model_admin, request, form, profile=profile)
    client_id = _client_id(request, form.cleaned_data["once"])
    already = Client.objects.named(client_id)
    if already is not None:
        return _answer_again(model_admin, request, already)
    try:
        client, secret = _register(request, form.cleaned_data, client_id=client_id)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return _ask(model_admin, request, form, profile=profile)
    except IntegrityError:
        # The same form, sent twice at the same moment: the unique client id lets one of them through.
        already = Client.objects.named(client_id)
        if already is None:
            raise
        return _answer_again(model_admin, request, already)
    model_admin.log_addition(request, client, [{"added": {}}])
    return shown_once.show(model_admin, request, client, secret, title=_("The client is registered"))


def _register(request: HttpRequest, wanted: dict[str, Any], *, client_id: str) -> tuple[Client, str | None]:
    may_approve = request.user.has_perm("oauth_provider.approve_client")
    return registration.register(
        name=wanted["name"],
        profile=wanted["profile"],
        redirect_uris=wanted["redirect_uris"],
        scopes=wanted["scopes"],
        default_scopes=wanted["default_scopes"] or None,
        resources=wanted["resources"],
        auth_method=AuthMethod(wanted["auth_method"]) if wanted["auth_method"] else None,
        is_agent=wanted["is_agent"],
        settings={"post_logout_redirect_uris": wanted["post_logout_redirect_uris"]},
        client_id=client_id,
        # Whoever may not approve gets a draft: it works for its owner until somebody has looked at it.
        status=ClientStatus.ACTIVE if may_approve else ClientStatus.DRAFT,
        owners=[cast("Any", request.user)],
        source=RegistrationSource.ADMIN,
        actor=actor_of(request),
        request_source=source_of(request),
    )


def _corrected(form: RegistrationForm, given: QueryDict) -> QueryDict:
    """What was sent, with the redirect URIs that could be mended."""
    mended = dict(form.corrections())
    data = given.copy()
    data["redirect_uris"] = "\n".join(dict.fromkeys(mended.get(uri, uri) for uri in form.lines_given()))
    return data


def _client_id(request: HttpRequest, once: str) -> str:
    """Bound to the person, so that nobody finds another's client by its form."""
    digest = hashlib.sha256(f"oauth_provider/admin/client\x00{request.user.pk}\x00{once}".encode()).hexdigest()
    return f"c_{digest[:_CLIENT_ID_DIGITS]}"


def _answer_again(model_admin: admin.ModelAdmin[Any], request: HttpRequest, client: Client) -> TemplateResponse:
    return shown_once.show_again(model_admin, request, client, title=_("This client is registered already"))


def _ask(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, form: RegistrationForm, *, profile: str
) -> TemplateResponse:
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    card = next((card for card in CARDS if card.profile == profile), None)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": card.title if card is not None else _("What kind of application is it?"),
        "form": form,
        "has_view_permission": model_admin.has_view_permission(request),
        "becomes_draft": not request.user.has_perm("oauth_provider.approve_client"),
    }
    if card is None:
        template = "admin/oauth_provider/client/choose_profile.html"
        return TemplateResponse(request, template, {**context, "cards": CARDS, "refused": bool(profile)})
    context |= {
        "card": card,
        "implied": modern.explain(card.profile),
        "corrections": form.corrections(),
        "correct_name": CORRECT,
        "adminform": AdminForm(cast("Any", form), form.fieldsets(), {}, model_admin=model_admin),
    }
    return TemplateResponse(request, "admin/oauth_provider/client/register.html", context)

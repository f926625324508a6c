"""Guided add: which kind, then the few fields that matter; the answer to the POST shows id and secret once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from oauth_provider import resources as known_resources
from oauth_provider.admin import client_once, client_recipe, fresh_sign_in, shown_once
from oauth_provider.admin.client_cards import CARDS
from oauth_provider.admin.fields import LinesField, TickedField, resource_choices, scope_choices
from oauth_provider.clients import modern, recipes, redirect_uris, registration
from oauth_provider.clients.profiles import PROFILES, Rules
from oauth_provider.conf import conf
from oauth_provider.models import Client
from oauth_provider.values import AuthMethod, GrantType, Profile

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

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
    once = client_once.field()

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


def add(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Show the cards or the form, or register the client and answer with its secret."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if (page := fresh_sign_in.required(model_admin, request)) is not None:
        return page
    if name := client_recipe.asked(request):
        try:
            return client_recipe.add(model_admin, request, recipes.named(name))
        except ValidationError as refusal:
            return _choose(model_admin, request, refusals=refusal.messages)
    return _add(model_admin, request, profile=request.POST.get("profile") or request.GET.get("profile", ""))


@sensitive_variables("secret", "made")
def _add(model_admin: admin.ModelAdmin[Any], request: HttpRequest, *, profile: str) -> HttpResponse:
    if request.method != "POST":
        return _ask(model_admin, request, RegistrationForm(profile=profile), profile=profile)
    form = RegistrationForm(request.POST, profile=profile)
    if CORRECT in request.POST:
        form = RegistrationForm(_corrected(form, request.POST), profile=profile)
        form.is_valid()
        return _ask(model_admin, request, form, profile=profile)
    if not form.is_valid():
        return _ask(model_admin, request, form, profile=profile)
    wanted = form.cleaned_data
    try:
        made = client_once.made(
            model_admin, request, wanted["once"], lambda client_id: _register(request, wanted, client_id=client_id)
        )
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return _ask(model_admin, request, form, profile=profile)
    if isinstance(made, TemplateResponse):
        return made
    client, secret = made
    model_admin.log_addition(request, client, [{"added": {}}])
    return shown_once.show(model_admin, request, client, secret, title=_("The client is registered"))


def _register(request: HttpRequest, wanted: dict[str, Any], *, client_id: str) -> tuple[Client, str | None]:
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
        **client_once.by(request),
    )


def _corrected(form: RegistrationForm, given: QueryDict) -> QueryDict:
    """What was sent, with the redirect URIs that could be mended."""
    mended = dict(form.corrections())
    data = given.copy()
    data["redirect_uris"] = "\n".join(dict.fromkeys(mended.get(uri, uri) for uri in form.lines_given()))
    return data


def _ask(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, form: RegistrationForm, *, profile: str
) -> TemplateResponse:
    card = next((card for card in CARDS if card.profile == profile), None)
    if card is None:
        refusals = [_("There is no such kind. Choose one of these.")] if profile else []
        return _choose(model_admin, request, refusals=refusals, form=form)
    context = {
        **_context(model_admin, request, title=card.title),
        "form": form,
        "becomes_draft": client_once.becomes_draft(request),
        "card": card,
        "implied_title": _("What this kind implies"),
        "implied": modern.explain(card.profile),
        "corrections": form.corrections(),
        "correct_name": CORRECT,
        "adminform": AdminForm(cast("Any", form), form.fieldsets(), {}, model_admin=model_admin),
    }
    return TemplateResponse(request, "admin/oauth_provider/client/register.html", context)


def _choose(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    *,
    refusals: list[str],
    form: RegistrationForm | None = None,
) -> TemplateResponse:
    context = {
        **_context(model_admin, request, title=_("What kind of application is it?")),
        "cards": CARDS,
        "recipes": client_recipe.cards(),
        "refusals": refusals,
        "form": form,
    }
    return TemplateResponse(request, "admin/oauth_provider/client/choose_profile.html", context)


def _context(model_admin: admin.ModelAdmin[Any], request: HttpRequest, *, title: object) -> dict[str, object]:
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "has_view_permission": model_admin.has_view_permission(request),
    }

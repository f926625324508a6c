"""Guided add by recipe: a known product and its address; the answer shows its side's configuration once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from oauth_provider.admin import client_once, shown_once
from oauth_provider.clients import recipes
from oauth_provider.clients.recipes.recipe import Recipe

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

NAME = "recipe"
# Stands for the address that is asked for.
_SOMEWHERE = "https://…"


@dataclass(frozen=True, slots=True)
class Card:
    """A recipe on the first page of adding a client."""

    name: str
    title: str
    sentence: str
    gets: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what a recipe registers."""

    title: str
    value: str


class RecipeForm(forms.Form):
    """Where the product runs; everything else is in the recipe."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("What people read on the consent page."),
    )  # fmt: skip
    base_url = forms.CharField(
        label=gettext_lazy("Its address"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True, "inputmode": "url"}),
        help_text=gettext_lazy("Where people open it, for instance https://host.example or https://host.example/path."),
    )
    recipe = forms.CharField(widget=forms.HiddenInput)
    once = client_once.field()

    def add_refusal(self, refusal: ValidationError) -> None:
        """Put each sentence beside the field it speaks of."""
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


def asked(request: HttpRequest) -> str:
    """The name of the recipe this request is about; empty: none."""
    return request.POST.get(NAME) or request.GET.get(NAME, "")


def cards() -> list[Card]:
    """Every recipe."""
    return [
        Card(recipe.name, str(recipe.title), _("People sign in to it with their account at this site."), _gets(recipe))
        for recipe in recipes.RECIPES.values()
    ]


@sensitive_variables("done")
def add(model_admin: admin.ModelAdmin[Any], request: HttpRequest, recipe: Recipe) -> HttpResponse:
    """Show the form, or register the product and answer with its configuration."""
    initial = {"recipe": recipe.name, "name": recipe.title}
    form = RecipeForm(request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _ask(model_admin, request, form, recipe)
    given = form.cleaned_data

    def register(client_id: str) -> recipes.Made:
        return recipes.register(
            recipe,
            address=given["base_url"],
            name=given["name"],
            client_id=client_id,
            **client_once.by(request),
        )

    try:
        done = client_once.made(model_admin, request, given["once"], register)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return _ask(model_admin, request, form, recipe)
    if isinstance(done, TemplateResponse):
        return done
    model_admin.log_addition(request, done.client, [{"added": {}}])
    title = _("%s is registered") % recipe.title
    return shown_once.show_recipe(model_admin, request, done, title=title)


def _ask(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, form: RecipeForm, recipe: Recipe
) -> TemplateResponse:
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    card = next(card for card in cards() if card.name == recipe.name)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": card.title,
        "card": card,
        "form": form,
        "has_view_permission": model_admin.has_view_permission(request),
        "becomes_draft": client_once.becomes_draft(request),
        "implied_title": _("What this recipe registers"),
        "implied": _implied(recipe),
        "adminform": AdminForm(
            cast("Any", form), [(None, {"fields": ["base_url", "name"]})], {}, model_admin=model_admin
        ),
    }
    return TemplateResponse(request, "admin/oauth_provider/client/register.html", context)


def _gets(recipe: Recipe) -> str:
    """What the configuration gives, as cards say it."""
    found = [
        (True, _("Sign-in")),
        (bool(recipe.groups), _("roles by group")),
        (bool(recipe.post_logout_paths), _("sign-out at both")),
        (bool(recipe.backchannel_path), _("told of a sign-out elsewhere")),
        (recipe.companion is not None, _("command line")),
    ]
    return " · ".join(words for is_there, words in found if is_there)


def _implied(recipe: Recipe) -> list[Row]:
    rows = [
        (_("Written for"), [recipe.written_for]),
        (_("Redirect URIs"), recipe.redirect_uris(_SOMEWHERE)),
        (_("Back after signing out"), recipe.post_logout_redirect_uris(_SOMEWHERE)),
        (_("Allowed scopes"), [*recipe.scopes]),
        (_("Groups it is told of"), [*recipe.groups]),
        (_("A second client, without a secret"), [*(recipe.companion.redirect_uris if recipe.companion else ())]),
    ]
    return [Row(title, ", ".join(values) or "–") for title, values in rows]

"""The page with a new secret: the answer to the POST itself, kept nowhere and never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from oauth_provider.clients import examples, recipes
from oauth_provider.conf import conf
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest

    from oauth_provider.models import Client


class _Unspoken(str):
    """Text a page shows and nothing else does: Django logs the repr of a whole context when it misses a name (C65)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


@sensitive_variables("secret", "context")
def show(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    client: Client,
    secret: str | None,
    *,
    title: str,
) -> TemplateResponse:
    """Answer with the secret, never to be stored by a browser or a proxy."""
    made = examples.of(client, secret)
    context = {
        **_context(model_admin, request, client, title=title),
        "secret": None if secret is None else _Unspoken(secret),
        "env_lines": _Unspoken(made.env),
        "programs": [
            ("curl", "curl", _("In a shell that has read the lines above:"), made.curl),
            ("python", "Python", _("Needs the package requests:"), made.python),
            ("javascript", "JavaScript", _in_words(client), made.javascript),
        ],
    }
    response = TemplateResponse(request, "admin/oauth_provider/client/shown_once.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@sensitive_variables("made", "context")
def show_recipe(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, made: recipes.Made, *, title: str
) -> TemplateResponse:
    """Answer with the configuration of the other side, which holds the secret."""
    context = {
        **_context(model_admin, request, made.client, title=title),
        "secret": _Unspoken(made.secret),
        "written_for": made.recipe.written_for,
        "parts": [
            (number, part.place, _Unspoken(part.text), part.text.count("\n") + 1)
            for number, part in enumerate(made.parts, start=1)
        ],
        "missing_groups": recipes.in_words(made.missing_groups) if made.missing_groups else "",
    }
    response = TemplateResponse(request, "admin/oauth_provider/client/shown_once.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _in_words(client: Client) -> str:
    if client.profile == Profile.SPA:
        return _("A module for the page of the redirect URI:")
    return _("Save it as start.mjs and run it with Node 18 or newer:")


def show_again(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, client: Client, *, title: str
) -> TemplateResponse:
    """Answer the same form sent a second time: nothing is made, and there is no secret to show."""
    context = {**_context(model_admin, request, client, title=title), "again": True}
    response = TemplateResponse(request, "admin/oauth_provider/client/shown_once.html", context, status=409)
    response.headers["Cache-Control"] = "no-store"
    return response


def _context(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, client: Client, *, title: str
) -> dict[str, object]:
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "original": client,
        "has_view_permission": model_admin.has_view_permission(request),
    }


@sensitive_variables("value", "context")
def show_value(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    value: str | None,
    *,
    title: str,
    obj: object = None,
    status: int = 200,
) -> TemplateResponse:
    """Answer with a token that belongs to no client, or, without one, with the news that it was shown before."""
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "original": obj,
        "value": None if value is None else _Unspoken(value),
        "issuer": conf.ISSUER,
        "has_view_permission": model_admin.has_view_permission(request),
    }
    template = f"admin/oauth_provider/{model_admin.opts.model_name}/shown_once.html"
    response = TemplateResponse(request, template, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response

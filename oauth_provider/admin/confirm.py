"""The page between a click and what it ends: it says in numbers what will happen, and GET never does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib import admin
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

CONFIRMED = "confirmed"
TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked. `summary` says in numbers what ends; with `typed` the person must write exactly that; `hidden`
    goes along unchanged; `is_grave` is for what cannot be undone.
    """

    title: str
    consequences: Sequence[str]
    submit: str
    back: str
    typed: str = ""
    typed_label: str | _StrPromise = ""
    hidden: Sequence[tuple[str, str]] = ()
    summary: str = ""
    is_grave: bool = False


def is_given(request: HttpRequest, wanted: Confirmation) -> bool:
    """Whether this POST confirms, with the words asked for typed where they are asked for."""
    if request.method != "POST" or CONFIRMED not in request.POST:
        return False
    return not wanted.typed or request.POST.get(TYPED, "").strip() == wanted.typed.strip()


def ask(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, wanted: Confirmation, *, obj: object = None
) -> TemplateResponse:
    """Show the page; after a POST that did not type what was asked, with the error and status 400."""
    failed = request.method == "POST" and CONFIRMED in request.POST
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": wanted.title,
        "subtitle": None,
        "original": obj,
        "wanted": wanted,
        "error": _("What you typed is not the same. Nothing was changed.") if failed else "",
        "has_view_permission": model_admin.has_view_permission(request),
    }
    return TemplateResponse(request, "admin/oauth_provider/confirm.html", context, status=400 if failed else 200)

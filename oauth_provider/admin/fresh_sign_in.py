"""Before a dangerous step the person proves again who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse


def required(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse | None:
    """None when the person may go on; else the page that asks for the password."""
    return None

"""The classes our screens are made of: django-unfold's where the site uses it, else Django's own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views import main

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    ChangeList = main.ChangeList
else:
    # Chosen once: the admin is imported when every app is known.
    _has_unfold = apps.is_installed("unfold")
    _look, _views = (import_module("unfold.admin"), import_module("unfold.views")) if _has_unfold else (admin, main)
    ModelAdmin, TabularInline, ChangeList = _look.ModelAdmin, _look.TabularInline, _views.ChangeList

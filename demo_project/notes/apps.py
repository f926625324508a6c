"""The protected API."""

from __future__ import annotations

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "demo_project.notes"
    label = "notes"

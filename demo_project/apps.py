"""The demo project itself is an app, so that `manage.py demo` and its templates are found."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo_project"
    label = "demo_project"

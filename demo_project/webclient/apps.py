"""Two clients, a web app and a TV, in the same process by chance: they reach the provider over HTTP only."""

from __future__ import annotations

from django.apps import AppConfig


class WebClientConfig(AppConfig):
    name = "demo_project.webclient"
    label = "webclient"

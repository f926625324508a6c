"""Four clients on a port of their own: they know the provider by its address and reach it over HTTP only."""

from __future__ import annotations

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "demo_project.clients"
    label = "demo_clients"

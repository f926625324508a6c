"""The site's Application model: django-oauth-toolkit's own, or the one it was swapped for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from oauth2_provider.settings import oauth2_settings

if TYPE_CHECKING:
    from oauth2_provider.models import AbstractApplication


def application_model() -> type[AbstractApplication]:
    """The site's Application model, django-oauth-toolkit's or swapped."""
    model: type[AbstractApplication] = apps.get_model(oauth2_settings.APPLICATION_MODEL)
    return model

"""The app's configuration: what happens at start, which changes nothing of django-oauth-toolkit."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class OAuthProviderConfig(AppConfig):
    """Registers checks, signal receivers and the scopes and targets of the installed apps."""

    name = "oauth_provider"
    verbose_name = _("OAuth provider")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what listens; runs once per process."""
        from oauth_provider import acting, checks, scopes, targets
        from oauth_provider.clients import cors, support, usage
        from oauth_provider.resource_server import log_entries
        from oauth_provider.sessions import track

        scopes.autodiscover()
        targets.autodiscover()
        checks.register()
        track.connect()
        cors.connect()
        usage.connect()
        support.connect()
        if apps.is_installed("drf_spectacular"):
            # drf-spectacular knows an extension once its class exists; it is optional, and so is its import.
            from oauth_provider.drf import schema  # noqa: F401
        acting.connect()
        if apps.is_installed("django.contrib.admin"):
            log_entries.connect()

"""The app's configuration: what happens at start, which changes nothing of django-oauth-toolkit."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OAuthProviderConfig(AppConfig):
    """Registers checks, signal receivers and the scopes and targets of the installed apps."""

    name = "oauth_provider"
    verbose_name = _("OAuth provider")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what listens; runs once per process."""
        from oauth_provider import checks, scopes, targets
        from oauth_provider.claims import registry as claims
        from oauth_provider.clients import cors, support, usage
        from oauth_provider.sessions import track

        scopes.autodiscover()
        claims.autodiscover()
        targets.autodiscover()
        checks.register()
        track.connect()
        cors.connect()
        usage.connect()
        support.connect()

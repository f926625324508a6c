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
        from oauth_provider import acting, checks, features, scopes, targets
        from oauth_provider.claims import registry as claims
        from oauth_provider.clients import cors
        from oauth_provider.resource_server import log_entries

        scopes.autodiscover()
        claims.autodiscover()
        targets.autodiscover()
        checks.register()
        cors.connect()
        acting.connect()
        if apps.is_installed("drf_spectacular"):
            # drf-spectacular knows an extension once its class exists; it is optional, and so is its import.
            from oauth_provider.drf import schema  # noqa: F401
        if apps.is_installed("django.contrib.admin"):
            log_entries.connect()
        if features.issues_tokens():
            self._connect_issuer()

    def _connect_issuer(self) -> None:
        """Connect what only a site needs that issues tokens; a resource server does not even import it."""
        from oauth_provider.clients import support, usage
        from oauth_provider.sessions import ending, groups, track, watch

        track.connect()
        watch.connect()
        groups.connect()
        ending.connect()
        usage.connect()
        support.connect()

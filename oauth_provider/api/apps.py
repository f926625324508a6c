"""`INSTALLED_APPS += ["oauth_provider.api"]`: brings the scopes of the management API along; there are no tables."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

# Import name to distribution: the extra `api`.
_NEEDED = {"drf_spectacular": "drf-spectacular", "django_filters": "django-filter"}


class OAuthProviderApiConfig(AppConfig):
    """Says what is missing before the URLs fail with an ImportError that says less."""

    name = "oauth_provider.api"
    label = "oauth_provider_api"
    verbose_name = _("OAuth provider: management API")

    def ready(self) -> None:
        """Raise ImproperlyConfigured when the distributions of the extra are not installed."""
        missing = [distribution for name, distribution in _NEEDED.items() if find_spec(name) is None]
        if missing:
            raise ImproperlyConfigured(
                f"oauth_provider.api needs {' and '.join(missing)}: pip install 'django-oauth-provider[api]'."
            )

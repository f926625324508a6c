"""A mail server of the test's choice, in the words of the Django that is installed."""

from __future__ import annotations

from django.conf import settings
from django.test import override_settings

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def override_mail_server(*, port: int, host: str = "127.0.0.1") -> override_settings:
    """While this holds, mails go there."""
    if hasattr(settings, "MAILERS"):
        return override_settings(MAILERS={"default": {"BACKEND": SMTP, "OPTIONS": {"host": host, "port": port}}})
    return override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST=host, EMAIL_PORT=port)

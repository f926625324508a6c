"""What must happen outside of requests: clean-up, mails, tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models.functions import Now

from oauth_provider.conf import conf
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, warning
from oauth_provider.models import (
    AccessToken,
    DeviceCode,
    LogoutDelivery,
    RefreshToken,
    RevokedToken,
    StoredRequest,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.insight.doctor.said import Said

# Kept longer than a clean-up that runs every night leaves anything.
_NEGLECTED = timedelta(days=3)
_TABLES: tuple[Any, ...] = (AccessToken, RefreshToken, StoredRequest, DeviceCode, RevokedToken)
# The next try of a logout is never later than a worker or cron makes it.
_LATE = timedelta(hours=1)
_NOWHERE = ("dummy", "locmem", "console")


def examine(said: Said) -> Iterator[Diagnosis]:
    """Each leaves a trace when it is forgotten."""
    yield _clean_up()
    # Django 6.1 says the same of a backend for developers, as an error.
    said.told.add("mail.E001")
    yield _mails()
    yield _tasks()
    yield _logouts()


def _clean_up() -> Diagnosis:
    left = [
        str(model._meta.verbose_name_plural)
        for model in _TABLES
        if model.objects.filter(expires_at__lte=Now() - _NEGLECTED).exists()
    ]
    if left:
        return warning(
            "clean-up",
            f"There are {', '.join(left)} that expired more than {_NEGLECTED.days} days ago: nobody deletes them.",
            "Run oauth_clear_expired every night from cron.",
        )
    return ok("clean-up", "Nothing that expired is left lying about.")


def _mails() -> Diagnosis:
    backends = _mail_backends()
    nowhere = [path for path in backends if path.split(".")[-2:-1] and path.split(".")[-2] in _NOWHERE]
    if nowhere and conf.CONSENT_MAILS:
        return warning(
            "mails",
            f"Mails go to {nowhere[0]}: people do not learn that an app got access, nor owners that a secret expires.",
            "Name a mail server, or say that none is wanted: OAUTH_PROVIDER['CONSENT_MAILS'] = False",
        )
    return ok("mails", f"Mails go by {', '.join(backends) or 'no backend'}.")


def _mail_backends() -> list[str]:
    mailers = getattr(settings, "MAILERS", None)
    if mailers:
        default = "django.core.mail.backends.smtp.EmailBackend"
        return [str(mailer.get("BACKEND", default)) for mailer in mailers.values()]
    return [str(getattr(settings, "EMAIL_BACKEND", ""))]


def _tasks() -> Diagnosis:
    backend = str((getattr(settings, "TASKS", None) or {}).get("default", {}).get("BACKEND", ""))
    if backend.rpartition(".")[2] == "DummyBackend":
        return warning(
            "tasks",
            "TASKS uses the DummyBackend: tasks are stored and never run.",
            "TASKS['default']['BACKEND'] = 'django.tasks.backends.immediate.ImmediateBackend', or one with workers.",
        )
    return ok("tasks", f"Tasks run by {backend}." if backend else "Tasks run at once; nothing is to be set up.")


def _logouts() -> Diagnosis:
    late = LogoutDelivery.objects.due().filter(next_try_at__lte=Now() - _LATE).count()
    if late:
        return warning(
            "logouts",
            f"{late} sign-outs should have been told to apps more than an hour ago: nobody tries again.",
            "Run oauth_deliver_logouts every minute from cron, or a task worker (docs/back-channel-logout.md).",
        )
    return ok("logouts", "No app waits to be told of a sign-out.")

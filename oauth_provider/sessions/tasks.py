"""Django Tasks, where the site has them: `django.tasks` of Django 6, the package `django-tasks` before.

A backend with workers takes deliveries out of the request; the immediate one, which is the default, runs them in it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils import timezone
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Collection

logger = logging.getLogger("oauth_provider.sessions")

_PACKAGE = "django_tasks"


def deliver_logouts(ids: list[int]) -> None:
    """The task: deliver these rows of the outbox, as far as they are due."""
    import_string("oauth_provider.sessions.backchannel.deliver")(ids)


def enqueue(ids: Collection[int], *, seconds: int = 0) -> bool:
    """Have these delivered, now or in so many seconds; False where no task can do that.

    Nothing is lost then, whatever the reason: the rows stay due.
    """
    task = _task()
    if task is None:
        return False
    try:
        if seconds:
            if not task.get_backend().supports_defer:
                return False
            task = task.using(run_after=timezone.now() + timedelta(seconds=seconds))
        task.enqueue(list(ids))
    except Exception:
        # A queue that is down must not keep anybody signed in.
        logger.exception("the task that delivers logouts cannot be enqueued; they stay due")
    return True


@lru_cache(maxsize=1)
def _task() -> Any:
    """Our task, made by whichever framework is there; None without one."""
    try:
        make = import_string("django.tasks.task")
    except ImportError:
        if not apps.is_installed(_PACKAGE):
            return None
        make = import_string(f"{_PACKAGE}.task")
    return make(deliver_logouts)

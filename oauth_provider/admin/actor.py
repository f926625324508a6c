"""Who did it: what audit rows say of a click in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

_ACTOR_LENGTH = 150


def actor_of(request: HttpRequest) -> str:
    """The signed-in person as the audit names them."""
    return str(request.user)[:_ACTOR_LENGTH]

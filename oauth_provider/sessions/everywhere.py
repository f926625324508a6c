"""Signing out everywhere: every app, and every other browser at the site; the one that asks stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model, update_session_auth_hash
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from oauth_provider import limits
from oauth_provider.models import AuditEvent, dot_token
from oauth_provider.sessions import track
from oauth_provider.tokens import revoke
from oauth_provider.values import Event

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

    from oauth_provider.values import Source

TRIES_PER_MINUTE = 10


def needs_password(user: AbstractBaseUser) -> bool:
    """Whether signing out everywhere takes the person's password."""
    return user.has_usable_password()


@sensitive_variables("password")
def sign_out(request: HttpRequest, *, password: str, source: Source) -> int | None:
    """End every grant and every other session of the signed-in person; how many grants, None: not the password.

    Apps are signed out in this browser too, and told: what they keep of the sign-in is theirs, not this session's.

    Django holds each session against the stored hash of the password and keeps no list of them. The same password
    is therefore hashed anew, with another salt: no other session fits any more, whatever keeps them. Who has no
    password here has a random value in its place, which is drawn again.
    """
    signed_in: Any = request.user
    user: Any = get_user_model()._default_manager.get(pk=signed_in.pk)
    if needs_password(user) and not _is_proved(user, password):
        return None
    user.password = make_password(password if needs_password(user) else None)
    with transaction.atomic():
        ended = revoke.revoke_user(user, reason="signed_out_everywhere", source=source)
        ended += dot_token.revoke_of(user)
        user.save(update_fields=["password"])
        AuditEvent.objects.record(Event.SIGNED_OUT_EVERYWHERE, user=user, source=source, detail={"grants": ended})
    update_session_auth_hash(request, user)
    track.renew_sid(request.session)
    return ended


@sensitive_variables("password")
def _is_proved(user: AbstractBaseUser, password: str) -> bool:
    key = f"sign_out_everywhere\x00{user.pk}"
    if limits.failures(key) >= TRIES_PER_MINUTE:
        return False
    if not check_password(password, user.password):
        limits.count_failure(key)
        return False
    return True

"""Found a token in a log: what it is, whose, what it may and whether it still does. The value is kept nowhere."""

from __future__ import annotations

from django.utils.translation import gettext as _

from oauth_provider import credentials
from oauth_provider.conf import conf
from oauth_provider.insight import found_dot, found_jwt, found_ours, pasted
from oauth_provider.insight.found import Found, NotFound
from oauth_provider.keys import signing
from oauth_provider.models import AuditEvent
from oauth_provider.values import Event, Source


def look_up(text: str, *, actor: str, source: Source = Source()) -> Found | NotFound:  # noqa: B008  # frozen
    """What was pasted, and an event that says who asked for what kind of whom."""
    found = find(text)
    if isinstance(found, Found):
        AuditEvent.objects.record(
            Event.CREDENTIAL_LOOKED_UP, client=found.client, user=found.user, grant=found.grant, actor=actor,
            source=source, detail={"kind": found.kind.value, "state": found.state.value},
        )  # fmt: skip
    else:
        AuditEvent.objects.record(
            Event.CREDENTIAL_LOOKED_UP, actor=actor, source=source, detail={"kind": found.kind, "found": False}
        )
    return found


def find(text: str) -> Found | NotFound:
    """The one credential in the text; a few statements, and the value in none of them."""
    value = pasted.read(text)
    if isinstance(value, NotFound):
        return value
    if signing.looks_like_jwt(value):
        return found_jwt.find(value)
    return _ours(value) if credentials.is_ours(value) else _others(value)


def _ours(value: str) -> Found | NotFound:
    letters = value.removeprefix(f"{conf.TOKEN_BRAND}_")[:2]
    kind, look = found_ours.KINDS.get(letters, ("", None))
    if not credentials.has_check_signs(value):
        text = _("The check signs are wrong: a character is missing or was changed. Copy it again, whole.")
        return NotFound(text, kind)
    if look is None:
        return NotFound(_("It has our prefix, but no kind of credential is called “%(kind)s”.") % {"kind": letters})
    found = look(value)
    text = _(
        "It is whole, but stored nowhere: cleaned up some time after its end, replaced, or made by another site that"
        " has the same prefix."
    )
    return found or NotFound(text, kind)


def _others(value: str) -> Found | NotFound:
    """Without our prefix: django-oauth-toolkit's, or a secret that was taken over."""
    found = found_dot.find(value) or found_ours.client_secret(value)
    return found or NotFound(_("Neither this site nor its django-oauth-toolkit knows this value."))

"""What a client says of signing in and out: where it starts the one and is told of the other, how people sign in.

Its addresses keep the rules of redirect URIs (RFC 9700 §2.6), without the schemes of apps: a server is asked there, or
a browser opens a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from oauth_provider.clients import redirect_uris as uris
from oauth_provider.clients.profiles import Rules
from oauth_provider.conf import conf

POST_LOGOUT = "post_logout_redirect_uris"
URIS = ("initiate_login_uri", "backchannel_logout_uri", "frontchannel_logout_uri")
SWITCHES = ("backchannel_logout_session_required", "frontchannel_logout_session_required")
ACR_VALUES = "default_acr_values"
NAMES = (POST_LOGOUT, *URIS, *SWITCHES, ACR_VALUES)
# As many as a request may name, each as long as a grant keeps it.
MOST_ACR_VALUES = 20
ACR_LENGTH = 255


def empty() -> dict[str, Any]:
    """A client that says nothing of it."""
    return {POST_LOGOUT: [], **dict.fromkeys(URIS, ""), **dict.fromkeys(SWITCHES, False), ACR_VALUES: []}


def check(name: str, value: Any, *, wanted: Mapping[str, Any], rules: Rules) -> None:
    """Raise ValidationError when a client of this profile may not have the value.

    `wanted` holds its other arguments. Each address of `post_logout_redirect_uris` is looked at as a redirect URI is.
    """
    if not value:
        return
    if not rules.has_people:
        raise ValidationError(_("A machine has no people who sign in or out."), code="people")
    if name == "initiate_login_uri":
        check_initiate_login(value, rules=rules)
    elif name == "backchannel_logout_uri":
        check_backchannel(value, rules=rules)
    elif name == "frontchannel_logout_uri":
        check_frontchannel(value, rules=rules, redirect_uris=wanted.get("redirect_uris", ()))
    elif name == ACR_VALUES:
        _check_acr_values(value)


def check_backchannel(uri: str, *, rules: Rules) -> None:
    """Raise ValidationError unless it is https, or http on the machine of somebody who develops (OpenID Connect
    Back-Channel Logout §2.2).
    """
    try:
        uris.validate(uri, rules=replace(rules, allows_private_scheme=False, allows_uris_of_mcp=False))
    except ValidationError as refusal:
        raise _refusal(uri, (refusal.params or {}).get("why", "")) from refusal


def check_frontchannel(uri: str, *, rules: Rules, redirect_uris: Iterable[str]) -> None:
    """Raise ValidationError where the address of before would, and for one that is nowhere a redirect URI is (OpenID
    Connect Front-Channel Logout §2).
    """
    check_backchannel(uri, rules=rules)
    if uris.origin_of(uri) not in set(_origins(redirect_uris)):
        raise _refusal(uri, _("its scheme, host and port must be those of a redirect URI"))


def check_initiate_login(uri: str, *, rules: Rules) -> None:
    """Raise ValidationError for anything but https (OpenID Connect Core §4; Registration §2)."""
    if not uris.is_https(uri):
        raise _refusal(uri, _("it must be https"))
    check_backchannel(uri, rules=rules)


def known_acr_values(values: Iterable[str]) -> list[str]:
    """Those of the values that the site knows; all of them where it names none."""
    return [value for value in dict.fromkeys(values) if not conf.ACR_VALUES or value in conf.ACR_VALUES]


def _check_acr_values(values: Iterable[str]) -> None:
    given = list(values)
    if len(given) > MOST_ACR_VALUES:
        raise ValidationError(ngettext_lazy("At most %d value.", "At most %d values.", MOST_ACR_VALUES)
                              % MOST_ACR_VALUES, code="too_many")  # fmt: skip
    if not all(value.isprintable() and len(value.split()) == 1 and len(value) <= ACR_LENGTH for value in given):
        raise ValidationError(_("Each value is one word, as in ACR_VALUES."), code="acr_value")
    known = known_acr_values(given)
    if unknown := [value for value in given if value not in known]:
        raise ValidationError(_("These are not in ACR_VALUES: %s.") % ", ".join(unknown)[:500], code="acr_value")


def _origins(redirect_uris: Iterable[str]) -> Iterable[str]:
    for uri in redirect_uris:
        try:
            origin = uris.origin_of(uri)
        except ValueError:  # a port that cannot be read: the redirect URI itself is refused
            continue
        if origin is not None:
            yield origin


def _refusal(uri: str, why: object) -> ValidationError:
    return ValidationError(
        _("The address “%(uri)s” cannot be used: %(why)s."), params={"uri": uri[:200], "why": why}, code="address"
    )

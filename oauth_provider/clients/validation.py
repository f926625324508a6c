"""What a client may be: every rule that its columns must keep, asked the same way at each door.

The admin, the command, `clients.toml`, the management API and dynamic registration all end here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from oauth_provider import resources as known_resources
from oauth_provider import scopes as known_scopes
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.clients import response_types, sectors, sign_in_and_out
from oauth_provider.clients.profiles import Rules
from oauth_provider.conf import conf
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import Client
from oauth_provider.values import AllowedUsers, GrantType, Profile, ResponseType, SubjectType, TokenFormat

NAME_LENGTH = 255
ORIGIN_LENGTH = 255
URI_LENGTH = 2000
MOST_LINES = 200
MOST_CONTACTS = 20
PURPOSE_LENGTH = 140
EVERY = "*"
_DAY = 86400
# Seconds: shortest and longest.
LIFETIMES: Mapping[str, tuple[int, int]] = {
    "access_token_lifetime": (1, 30 * _DAY),
    "refresh_token_idle_lifetime": (1, 3660 * _DAY),
    "refresh_token_absolute_lifetime": (1, 3660 * _DAY),
    "refresh_token_leeway": (0, 300),
    "default_max_age": (0, 3660 * _DAY),
}
# Algorithms that sign for one client; empty: what everybody has. And what a client has or has not.
ALGORITHM_FIELDS = ("id_token_signed_response_alg", "userinfo_signed_response_alg")
SWITCHES = ("claims_in_id_token", "require_auth_time", *sign_in_and_out.SWITCHES)
PAGES = ("policy_uri", "tos_uri", "client_uri", "logo_uri")
# Signs that make a name read in another order than it is written (Unicode UAX #9), or that nobody sees:
# a mask for a false name.
MASKS = frozenset("\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
_CONTROLS_END = 32
_DELETE = 127

Sentences = list[object]
_NOTHING: Mapping[str, Iterable[str]] = MappingProxyType({})


def check(wanted: Mapping[str, Any], *, rules: Rules, kept: Mapping[str, Iterable[str]] = _NOTHING) -> None:
    """Raise one ValidationError that names every argument a client of this profile may not have.

    `wanted` holds the arguments of `registration.register`, those that are to be set; `kept` are addresses the client
    has already, by argument (see `kept_by`).
    """
    found: dict[str, Sentences] = {}
    for name, look in _CHECKS.items():
        if name in wanted and (sentences := look(wanted[name], wanted, rules)):
            found[name] = sentences
    for name, of_addresses in _ADDRESSES.items():
        before = frozenset(kept.get(name, ()))
        if name in wanted and (sentences := of_addresses(wanted[name], rules, before)):
            found[name] = sentences
    found |= sectors.refusals(wanted, rules=rules)
    for name in LIFETIMES:
        if sentences := _lifetime(name, wanted.get(name)):
            found[name] = sentences
    for name in PAGES:
        if wanted.get(name) and (sentences := _sentences_of(check_page, wanted[name])):
            found[name] = sentences
    if found:
        raise ValidationError(found)


def kept_by(client: Client | None, profile: str) -> dict[str, tuple[str, ...]]:
    """The addresses an imported client may go on with, also where they could not be registered today."""
    if client is None or profile != Profile.IMPORTED:
        return {}
    return {name: getattr(client, name) for name in _ADDRESSES}


def check_name(name: str) -> None:
    """Raise ValidationError for a name nobody can read, or one that reads as another (C64)."""
    if not name.strip() or len(name) > NAME_LENGTH:
        raise ValidationError(_("Give the client a name of at most 255 characters."), code="name")
    if has_masks(name):
        raise ValidationError(
            _("The name holds invisible signs, or signs that turn the reading direction."), code="bidi"
        )


def check_purpose(sentence: str) -> None:
    """Raise ValidationError for what is not one short line of plain text: people read it where they decide (C64)."""
    if not sentence.strip() or len(sentence) > PURPOSE_LENGTH:
        raise ValidationError(_("Say what a scope is for in at most %d characters.") % PURPOSE_LENGTH, code="purpose")
    if has_masks(sentence):
        raise ValidationError(
            _("A purpose holds invisible signs, or signs that turn the reading direction."), code="bidi"
        )


def has_masks(text: str) -> bool:
    """Whether the text holds controls, invisible signs, or signs that turn the reading direction."""
    return any(ord(sign) < _CONTROLS_END or _DELETE <= ord(sign) < _DELETE + 33 for sign in text) or bool(
        MASKS & set(text)
    )


def check_page(address: str) -> None:
    """Raise ValidationError for every address but https ones: people click it on the consent page (C64)."""
    if len(address) > URI_LENGTH:
        raise ValidationError(_("The address is too long."), code="page")
    URLValidator(schemes=["https"], message=_("Give an address that starts with https://."))(address)


def check_origin(value: str) -> None:
    """Raise ValidationError for what a browser would never send as Origin (RFC 6454 §6.2), and for http that
    leaves one's own machine.
    """
    try:
        is_origin = uris.origin_of(value) == value and len(value) <= ORIGIN_LENGTH
        is_local = urlsplit(value).hostname in uris.LOOPBACK_HOSTS
    except ValueError:
        is_origin = is_local = False
    if not is_origin or not (value.startswith("https://") or is_local):
        raise ValidationError(
            _("“%(value)s” is not an origin like https://app.example, or it is http and not local."),
            params={"value": value[:200]},
            code="origin",
        )


def _sentences_of(look: Callable[[str], None], value: object) -> Sentences:
    try:
        look(str(value))
    except ValidationError as refusal:
        return list(refusal.messages)
    return []


def _name(name: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    return _sentences_of(check_name, name)


def _unfit(given: Iterable[str], rules: Rules, kept: frozenset[str]) -> Sentences:
    fresh = [uri for uri in given if uri not in kept]
    return [sentence for uri in fresh for sentence in _sentences_of(lambda one: uris.validate(one, rules=rules), uri)]


def _redirect_uris(redirect_uris: Iterable[str], rules: Rules, kept: frozenset[str]) -> Sentences:
    given = tuple(redirect_uris)
    sentences = _unfit(given, rules, kept)
    if rules.needs_redirect_uri and not given:
        sentences.append(_("This profile needs at least one redirect URI."))
    if given and not kept and GrantType.AUTHORIZATION_CODE not in rules.grant_types:
        sentences.append(_("This profile has no redirect; leave the redirect URIs empty."))
    if len(given) > MOST_LINES:
        sentences.append(
            ngettext_lazy("At most %d redirect URI.", "At most %d redirect URIs.", MOST_LINES) % MOST_LINES
        )
    return sentences


def _post_logout_redirect_uris(given: Iterable[str], rules: Rules, kept: frozenset[str]) -> Sentences:
    """As redirect URIs: whoever may name one sends people there after their sign-out (AS3)."""
    addresses = tuple(given)
    if len(addresses) > MOST_LINES:
        return [ngettext_lazy("At most %d address.", "At most %d addresses.", MOST_LINES) % MOST_LINES]
    return _of_sign_in_and_out(sign_in_and_out.POST_LOGOUT)(addresses, {}, rules) or _unfit(addresses, rules, kept)


def _of_sign_in_and_out(name: str) -> Callable[[Any, Mapping[str, Any], Rules], Sentences]:
    def look(value: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
        try:
            sign_in_and_out.check(name, value, wanted=wanted, rules=rules)
        except ValidationError as refusal:
            return list(refusal.messages)
        return _switch(value, wanted, rules) if name in sign_in_and_out.SWITCHES else []

    return look


def _origins(origins: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    return [sentence for origin in origins or () for sentence in _sentences_of(check_origin, origin)]


def _scopes(scopes: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    unknown = [scope for scope in scopes if scope not in known_scopes.registered() and scope != EVERY]
    return [_("These scopes do not exist: %s.") % ", ".join(unknown)] if unknown else []


def _default_scopes(default_scopes: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del rules
    allowed = set(wanted.get("scopes", ()))
    if EVERY in allowed or set(default_scopes) <= allowed:
        return []
    return [_("Default scopes must be among the allowed scopes.")]


def _optional_scopes(optional_scopes: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    if optional_scopes and not rules.has_people:
        return [_("A machine has no people who could leave scopes out.")]
    if known_scopes.OPENID in optional_scopes:
        # OpenID Connect Core §3.1.2.1: without it the request would be another one.
        return [_("openid cannot be optional.")]
    allowed = set(wanted.get("scopes", ()))
    known = known_scopes.registered()
    if all(scope in allowed or (EVERY in allowed and scope in known) for scope in optional_scopes):
        return []
    return [_("Optional scopes must be among the allowed scopes.")]


def _purposes(purposes: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del rules
    allowed = set(wanted.get("scopes", ()))
    known = known_scopes.registered()
    strangers = [scope for scope in purposes if scope not in allowed and not (EVERY in allowed and scope in known)]
    sentences: Sentences = []
    if strangers:
        sentences.append(_("A purpose belongs to an allowed scope; these are none: %s.") % ", ".join(strangers)[:500])
    return [*sentences, *(one for said in purposes.values() for one in _sentences_of(check_purpose, said))]


def _resources(resources: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    undeclared = [uri for uri in resources if uri not in known_resources.registered() and uri != conf.ISSUER]
    return [_("These resources are not declared in RESOURCES: %s.") % ", ".join(undeclared)] if undeclared else []


def _auth_method(auth_method: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted
    return [] if auth_method in rules.auth_methods else [_("This profile does not authenticate in that way.")]


def _grant_types(grant_types: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted
    foreign = [grant for grant in grant_types if grant not in rules.grant_types]
    if foreign or not grant_types:
        return [_("This profile has these grant types, or some of them: %s.") % ", ".join(rules.grant_types)]
    return []


def _response_types(types: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted
    legacy = [name for name in types if name != ResponseType.CODE]
    if legacy and not rules.may_use_legacy_response_types:
        return [_("Only the profile legacy may have other response types than code.")]
    unserved = [name for name in legacy if name not in response_types.served()]
    if unserved:
        return [_("LEGACY_RESPONSE_TYPES does not have these: %s.") % ", ".join(map(str, unserved))[:200]]
    return []


def _subject_type(subject_type: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    return [] if subject_type in SubjectType.values else [_("Choose one of: %s.") % ", ".join(sectors.CHOICES)]


def _require_pkce(require_pkce: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted
    # RFC 9700 §2.1.1.
    return [] if require_pkce or rules.may_go_without_pkce else [_("PKCE is always on for this profile.")]


def _token_format(token_format: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    return [] if token_format in TokenFormat.values else [_("The format is jwt or opaque.")]


def _contacts(contacts: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    if len(contacts) > MOST_CONTACTS:
        return [ngettext_lazy("At most %d contact.", "At most %d contacts.", MOST_CONTACTS) % MOST_CONTACTS]
    validate = EmailValidator(message=_("Contacts are mail addresses."))
    return [sentence for contact in contacts for sentence in _sentences_of(validate, contact)][:1]


def _allowed_users(allowed_users: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    if allowed_users not in AllowedUsers.values:
        return [_("Choose one of: %s.") % ", ".join(AllowedUsers.values)]
    if allowed_users != AllowedUsers.EVERYONE and not rules.has_people:
        return [_("A machine has no people to choose from.")]
    if allowed_users == AllowedUsers.GROUPS and not wanted.get("allowed_groups"):
        return [_("Choose at least one group.")]
    if allowed_users == AllowedUsers.PERMISSION and not wanted.get("allowed_permission"):
        return [_("Name the permission.")]
    if allowed_users == AllowedUsers.FUNCTION and not wanted.get("allowed_function"):
        return [_("Choose the function.")]
    return []


def _allowed_groups(groups: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    return [] if all(isinstance(group, Group) for group in groups) else [_("These are not groups.")]


def _allowed_permission(permission: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    if not permission:
        return []
    app, _dot, codename = str(permission).partition(".")
    if Permission.objects.filter(content_type__app_label=app, codename=codename).exists():
        return []
    return [_("There is no permission “%s”; write it as app_label.codename.") % str(permission)[:200]]


def _allowed_function(name: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    if not name or name in conf.ALLOWED_USERS_FUNCTIONS:
        return []
    return [_("ALLOWED_USERS_FUNCTIONS has no “%s”.") % str(name)[:64]]


def _lifetime(name: str, seconds: Any) -> Sentences:
    if seconds is None:
        return []
    shortest, longest = LIFETIMES[name]
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not shortest <= seconds <= longest:
        return [_("Whole seconds from %(shortest)d to %(longest)d.") % {"shortest": shortest, "longest": longest}]
    return []


def _told_groups(names: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    if len(names) > MOST_LINES:
        return [_("At most %d groups; “*” stands for all.") % MOST_LINES]
    asked = {name for name in names if name != EVERY}
    known = set(Group.objects.filter(name__in=asked).values_list("name", flat=True)) if asked else set()
    unknown = sorted(asked - known)
    return [_("These groups do not exist: %s.") % ", ".join(unknown)[:500]] if unknown else []


def _switch(value: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    return [] if isinstance(value, bool) else [_("True or false.")]


def _algorithm(alg: Any, wanted: Mapping[str, Any], rules: Rules) -> Sentences:
    del wanted, rules
    if alg == "" or alg in ALGORITHMS:
        return []
    return [_("Choose one of: %s.") % ", ".join(ALGORITHMS)]


_CHECKS: Mapping[str, Callable[[Any, Mapping[str, Any], Rules], Sentences]] = {
    "name": _name,
    "origins": _origins,
    "scopes": _scopes,
    "default_scopes": _default_scopes,
    "optional_scopes": _optional_scopes,
    "purposes": _purposes,
    "resources": _resources,
    "auth_method": _auth_method,
    "grant_types": _grant_types,
    "response_types": _response_types,
    "subject_type": _subject_type,
    "require_pkce": _require_pkce,
    "token_format": _token_format,
    "told_groups": _told_groups,
    **dict.fromkeys(ALGORITHM_FIELDS, _algorithm),
    **dict.fromkeys(SWITCHES, _switch),
    **{name: _of_sign_in_and_out(name) for name in sign_in_and_out.NAMES if name != sign_in_and_out.POST_LOGOUT},
    "contacts": _contacts,
    "allowed_users": _allowed_users,
    "allowed_groups": _allowed_groups,
    "allowed_permission": _allowed_permission,
    "allowed_function": _allowed_function,
}
# Those of which an imported client keeps what it has.
_ADDRESSES: Mapping[str, Callable[[Iterable[str], Rules, frozenset[str]], Sentences]] = {
    "redirect_uris": _redirect_uris,
    sign_in_and_out.POST_LOGOUT: _post_logout_redirect_uris,
}


def as_is(client: Client) -> dict[str, Any]:
    """The arguments a client stands for now, to be checked together with what is to change."""
    return {
        "name": client.name,
        "redirect_uris": client.redirect_uris,
        # It must be where one of them is.
        "frontchannel_logout_uri": client.frontchannel_logout_uri,
        "scopes": tuple(client.allowed_scopes),
        "default_scopes": tuple(client.default_scopes),
        "optional_scopes": tuple(client.optional_scopes),
        "purposes": dict(client.purposes),
        "auth_method": client.auth_method,
        "subject_type": client.subject_type,
        "sector_identifier_uri": client.sector_identifier_uri,
        "allowed_users": client.allowed_users,
        "allowed_groups": list(client.allowed_groups.all()) if client.allowed_users == AllowedUsers.GROUPS else [],
        "allowed_permission": client.allowed_permission,
        "allowed_function": client.allowed_function,
    }

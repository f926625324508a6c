"""Profiles explained: what one implies, where a client deviates, and what moving to another would break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider.clients import known, profiles, redirect_uris, response_types, sign_in_and_out, validation
from oauth_provider.clients.profiles import PROFILES, Rules
from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent
from oauth_provider.values import AuthMethod, Event, GrantType, Profile, Source, TokenFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.models import Client


@dataclass(frozen=True, slots=True)
class Implied:
    """One thing a profile decides: its name, what it is for a client, and what the profile has."""

    name: str
    title: str
    value: str
    profile_value: str

    @property
    def deviates(self) -> bool:
        """Whether the client has another value than its profile."""
        return self.value != self.profile_value


@dataclass(frozen=True, slots=True)
class Breaks:
    """What stops working when a client moves to a profile, in a sentence."""

    sentence: str


def explain(profile: str) -> list[Implied]:
    """What a profile implies for a new client."""
    return [
        Implied(name, title, value, value) for name, title, value in _implied(PROFILES[Profile(profile)], client=None)
    ]


def compare(client: Client) -> list[Implied]:
    """What the profile of a client implies, beside what the client has."""
    rules = profiles.rules_of(client)
    own, of_profile = _implied(rules, client=client), _implied(rules, client=None)
    return [
        # Whether consent is remembered follows from the redirect URIs too: it is told, never a deviation.
        Implied(name, title, value, value if name == "consent" else profile_value)
        for (name, title, value), (_name, _title, profile_value) in zip(own, of_profile, strict=True)
    ]


def deviations(client: Client) -> list[str]:
    """Where a client is not what a modern profile would make it, one sentence each."""
    found = [
        _("%(what)s: %(value)s instead of %(profile)s")
        % {"what": implied.title, "value": implied.value, "profile": implied.profile_value}
        for implied in compare(client)
        if implied.deviates
    ]
    if client.profile in {Profile.IMPORTED, Profile.LEGACY}:
        found.extend(_weak_points(client))
    return found


def _weak_points(client: Client) -> Iterator[str]:
    if not client.require_pkce and not client.is_public:
        yield _("Codes are given without PKCE (RFC 9700 §2.1.1).")
    if "*" in client.allowed_scopes:
        yield _("It may ask for every scope there is.")
    for uri in client.redirect_uris:
        if uri.startswith("http://") and not redirect_uris.is_loopback(uri):
            yield _("%s is not https (RFC 9700 §2.6).") % uri


def target_profiles(client: Client) -> list[str]:
    """The modern profiles a client can move to: its grant types have something in common."""
    own = set(client.grant_types)
    return [
        profile
        for profile, rules in PROFILES.items()
        if profile not in {Profile.IMPORTED, Profile.LEGACY, client.profile}
        and own & set(rules.grant_types)
        and client.auth_method in rules.auth_methods
    ]


def what_breaks(client: Client, profile: str) -> list[Breaks]:
    """What a move to this profile would take from the client; empty: nothing anybody would notice."""
    return list(_breaks(client, PROFILES[Profile(profile)]))


def _breaks(client: Client, rules: Rules) -> Iterator[Breaks]:
    for grant_type in client.grant_types:
        if grant_type not in rules.grant_types:
            yield Breaks(_("It loses the grant type %s.") % grant_type)
    for uri in client.redirect_uris:
        try:
            redirect_uris.validate(uri, rules=rules)
        except ValidationError as refusal:
            yield Breaks(" ".join(refusal.messages))
    yield from (Breaks(sentence) for sentence, _empty in _of_sign_in_and_out(client, rules))
    if rules.needs_redirect_uri and not client.redirect_uris:
        yield Breaks(_("It needs a redirect URI and has none."))
    if not client.require_pkce and not client.is_public and not rules.may_go_without_pkce:
        yield Breaks(_("Each authorization request must bring a PKCE challenge (S256)."))
    shorter = rules.access_token_lifetime()
    if client.access_token_lifetime is None and shorter < profiles.access_token_lifetime(client):
        yield Breaks(ngettext("Access tokens live %d second.", "Access tokens live %d seconds.", shorter) % shorter)
    ends = rules.refresh_token_absolute_lifetime()
    if client.refresh_token_absolute_lifetime is None and ends < profiles.refresh_token_absolute_lifetime(client):
        days = max(1, ends // 86400)
        yield Breaks(
            ngettext("People must allow it again after %d day.", "People must allow it again after %d days.", days)
            % days
        )


def move(client: Client, profile: str, *, actor: str = "", source: Source = Source()) -> list[Breaks]:  # noqa: B008
    """Move a client to another profile, keeping what that allows; what broke is returned and stands in the event.

    Raises ValidationError when nothing would be left to do: no grant type in common, or another way to authenticate.
    """
    rules = PROFILES[Profile(profile)]
    if profile not in target_profiles(client):
        raise ValidationError({"profile": [_("A client of this kind cannot become %s.") % profile]})
    broken = what_breaks(client, profile)
    kept = [uri for uri in client.redirect_uris if _fits(uri, rules)]
    if rules.needs_redirect_uri and not kept:
        raise ValidationError({"redirect_uris": [_("None of its redirect URIs is allowed for this profile.")]})
    before = client.profile
    grant_types = [grant for grant in client.grant_types if grant in rules.grant_types]
    emptied = dict(empty for _sentence, empty in _of_sign_in_and_out(client, rules))
    with transaction.atomic():
        if sign_in_and_out.POST_LOGOUT in emptied:
            emptied.pop(sign_in_and_out.POST_LOGOUT)
            client.set_post_logout_redirect_uris(_post_logout(client, rules))
        client.change(
            **emptied,
            profile=profile,
            grant_types=grant_types,
            response_types=response_types.kept((), grant_types),
            require_pkce=client.require_pkce or not rules.may_go_without_pkce,
            first_party=rules.first_party,
        )
        if kept != list(client.redirect_uris):
            client.set_redirect_uris(kept)
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(
            Event.CLIENT_CHANGED, client=client, actor=actor, source=source,
            detail={"fields": ["profile"], "from": before, "to": profile,
                    "lost": [breaks.sentence for breaks in broken]},
        )  # fmt: skip
    return broken


def _of_sign_in_and_out(client: Client, rules: Rules) -> Iterator[tuple[str, tuple[str, Any]]]:
    """What it says of signing in and out and a profile does not allow: a sentence, and the argument emptied."""
    said = {name: getattr(client, name) for name in sign_in_and_out.NAMES}
    kept = [uri for uri in client.redirect_uris if _fits(uri, rules)]
    try:
        validation.check({"redirect_uris": kept, **said}, rules=rules)
    except ValidationError as refusal:
        for name, empty in sign_in_and_out.empty().items():
            for sentence in refusal.message_dict.get(name, ()):
                yield sentence, (name, empty)


def _post_logout(client: Client, rules: Rules) -> list[str]:
    return [uri for uri in client.post_logout_redirect_uris if rules.has_people and _fits(uri, rules)]


def _fits(uri: str, rules: Rules) -> bool:
    try:
        redirect_uris.validate(uri, rules=rules)
    except ValidationError:
        return False
    return True


def _implied(rules: Rules, *, client: Client | None) -> list[tuple[str, str, str]]:
    """Name, title and value of everything a profile decides, for a client or for a new one."""
    grant_types = rules.grant_types if client is None else client.grant_types
    method = rules.auth_methods[0] if client is None else client.auth_method
    pkce = True if client is None else client.require_pkce or not rules.may_go_without_pkce
    access = rules.access_token_lifetime() if client is None else profiles.access_token_lifetime(client)
    idle = conf.REFRESH_TOKEN_IDLE_LIFETIME if client is None else profiles.refresh_token_idle_lifetime(client)
    absolute = (
        rules.refresh_token_absolute_lifetime() if client is None else profiles.refresh_token_absolute_lifetime(client)
    )
    leeway = conf.REFRESH_TOKEN_LEEWAY if client is None else profiles.refresh_token_leeway(client)
    token_format = TokenFormat.JWT.value if client is None else client.token_format
    has_code = GrantType.AUTHORIZATION_CODE in grant_types
    if client is None:
        remembered = _("if every redirect URI is https") if rules.is_public else _("yes")
    else:
        remembered = _yes(profiles.is_assured(client))
    refreshes = GrantType.REFRESH_TOKEN in grant_types
    rows = [
        ("grant_types", _("Grant types"), ", ".join(grant_types)),
        ("response_types", _("Response types"), "code" if has_code else "–"),
        ("auth_method", _("Client authentication"), str(AuthMethod(method).label)),
        ("redirect_uri", _("Needs a redirect URI"), _yes(rules.needs_redirect_uri)),
        ("http_loopback", _("May redirect to http on one’s own machine"), _yes(rules.allows_http_loopback)),
        ("private_scheme", _("May redirect to a private-use scheme"), _yes(rules.allows_private_scheme)),
        ("require_pkce", _("PKCE (S256) required"), _yes(pkce) if has_code else "–"),
        ("first_party", _("Belongs to this site: people are not asked"), _yes(rules.first_party)),
        ("consent", _("Consent is remembered"), remembered if rules.has_people else "–"),
        ("token_format", _("Access token format"), str(TokenFormat(token_format).label)),
        ("access_token_lifetime", _("Access token lifetime (seconds)"), str(access)),
        ("refresh_tokens", _("Refresh tokens"), _yes(refreshes)),
        ("refresh_rotation", _("Refresh tokens rotate, reuse ends the grant"), _yes(refreshes)),
        ("refresh_idle", _("Refresh token idle lifetime (seconds)"), str(idle) if refreshes else "–"),
        ("refresh_absolute", _("Grant ends after (seconds)"), str(absolute) if refreshes else "–"),
        ("refresh_leeway", _("Leeway for a lost answer (seconds)"), str(leeway) if refreshes else "–"),
    ]
    return rows  # noqa: RET504  # a table reads better with a name


def _yes(value: bool) -> str:  # noqa: FBT001  # the one thing it says
    return _("yes") if value else _("no")

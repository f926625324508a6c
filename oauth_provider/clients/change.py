"""Changing a client: the one way, whoever asks: admin, `clients.toml`, management API or registration (RFC 7592)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from oauth_provider.clients import known, notices, owners, response_types, sectors, sign_in_and_out, validation
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.models import AuditEvent, Client, ClientOrigin
from oauth_provider.values import AuthMethod, Event, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

# Arguments that are columns of the same meaning; the name of the column where it is another.
COLUMNS: Mapping[str, str] = {
    "scopes": "allowed_scopes",
    **{
        name: name
        for name in (
            *(
                "default_scopes",
                "optional_scopes",
                "purposes",
                "resources",
                "resource_server_for",
                "auth_method",
                "grant_types",
                "response_types",
                "require_pkce",
            ),
            *("token_format", *validation.LIFETIMES, *validation.PAGES, "contacts", "software_id", "software_version"),
            *validation.ALGORITHM_FIELDS,
            *validation.SWITCHES,
            *(sectors.TYPE, sectors.URI),
            "told_groups",
            *(sign_in_and_out.ACR_VALUES, *sign_in_and_out.URIS),
            *("allowed_users", "allowed_permission", "allowed_function", "service_account", "is_agent"),
        )
    },
}
# Arguments that are kept elsewhere: how each is read, and how it is written.
_ELSEWHERE: Mapping[str, tuple[Callable[[Client], Any], Callable[[Client, Any], object]]] = {
    "name": (lambda client: client.name, lambda client, value: client.rename(value)),
    "redirect_uris": (lambda client: client.redirect_uris, lambda client, value: client.set_redirect_uris(value)),
    sign_in_and_out.POST_LOGOUT: (
        lambda client: client.post_logout_redirect_uris,
        lambda client, value: client.set_post_logout_redirect_uris(value),
    ),
    "origins": (ClientOrigin.objects.of, ClientOrigin.objects.replace),
    "allowed_groups": (
        lambda client: list(client.allowed_groups.all()),
        lambda client, value: client.allow_groups(value),
    ),
    "owners": (owners.of, owners.replace),
}
# Compared as sets: another order is no change.
_UNORDERED = frozenset(
    {
        *("scopes", "default_scopes", "optional_scopes", "resources", "resource_server_for", "origins", "grant_types"),
        "response_types",
        "told_groups",
    }
)
# Events name those that came and went.
_SENT_TO = ("redirect_uris", sign_in_and_out.POST_LOGOUT)
_LISTS = frozenset({*_UNORDERED, *_SENT_TO, "contacts", sign_in_and_out.ACR_VALUES, "allowed_groups", "owners"})
NAMES = frozenset({*COLUMNS, *_ELSEWHERE})


def change(
    client: Client,
    *,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
    is_told: bool = True,
    orphaned_accounts: int | None = None,
    **wanted: Any,
) -> list[str]:
    """Set these arguments of `registration.register` and return the names of those that were different before.

    Raises ValidationError keyed by argument name; nothing is written then. One event tells of all, with no values
    but the addresses people are sent to that came and went. Owners of a live client are told of a new redirect URI by
    mail. Without `is_told` there is neither: nobody vouches for the client yet. `orphaned_accounts`: how many people
    may become strangers to the client (see `sectors.check_orphans`).
    """
    check(client, **wanted)
    if {sectors.URI, "redirect_uris"} & set(differences(client, **wanted)):
        addresses = wanted.get("redirect_uris", client.redirect_uris)
        sectors.verify(wanted.get(sectors.URI, client.sector_identifier_uri), redirect_uris=addresses)
    with transaction.atomic():
        orphans = sectors.check_orphans(client, wanted, orphaned_accounts=orphaned_accounts)
        found = differences(client, **wanted)
        changed = sorted(found)
        if not changed:
            return []
        _write(client, {name: wanted[name] for name in changed})
        transaction.on_commit(known.forget)
        if not is_told:
            return changed
        detail: dict[str, object] = {"fields": changed, **({"orphaned_accounts": orphans} if orphans else {})}
        for name in _SENT_TO:
            if name in changed:
                added, removed = _difference(*found[name])
                detail |= {f"{name}_added": added, f"{name}_removed": removed}
                if name == "redirect_uris" and added and client.is_approved:
                    notices.redirect_uris_added(client, added=added, actor=actor)
        AuditEvent.objects.record(Event.CLIENT_CHANGED, client=client, actor=actor, source=source, detail=detail)
    return changed


def current(client: Client) -> dict[str, Any]:
    """Every argument with what the client has for it now."""
    return {name: _read(client, name) for name in sorted(NAMES)}


def within(client: Client, scopes: Collection[str]) -> dict[str, Any]:
    """The arguments that speak of scopes, without those the client is to lose."""
    return {
        "default_scopes": [scope for scope in client.default_scopes if scope in scopes],
        "optional_scopes": [scope for scope in client.optional_scopes if scope in scopes],
        "purposes": {scope: said for scope, said in client.purposes.items() if scope in scopes},
    }


def differences(client: Client, **wanted: Any) -> dict[str, tuple[Any, Any]]:
    """Those of the arguments that the client has otherwise: what it has, and what is wanted. Only reads."""
    pairs = {name: (_read(client, name), value) for name, value in wanted.items()}
    return {name: pair for name, pair in pairs.items() if not _is_same(name, *pair)}


def check(client: Client, **wanted: Any) -> None:
    """Raise ValidationError when the client may not be changed in this way."""
    _check(client, wanted, profile=client.profile)


def check_after_move(client: Client, profile: str, **wanted: Any) -> None:
    """Raise ValidationError when the client may not be changed in this way once it has moved to the profile."""
    _check(client, {sign_in_and_out.POST_LOGOUT: client.post_logout_redirect_uris, **wanted}, profile=profile)


def _check(client: Client, wanted: Mapping[str, Any], *, profile: str) -> None:
    unknown = sorted(set(wanted) - NAMES)
    if unknown:
        msg = f"not arguments of a client: {', '.join(unknown)}"
        raise TypeError(msg)
    if ("auth_method" in wanted) and (wanted["auth_method"] == AuthMethod.NONE) != client.is_public:
        # RFC 6749 §2.1, RFC 8252 §8.5: what was confidential stays so; its secrets would be left behind (AS25).
        raise ValidationError({"auth_method": [_("A public client cannot become confidential, nor the other way.")]})
    kept = validation.kept_by(client, profile)
    validation.check({**validation.as_is(client), **wanted}, rules=PROFILES[profile], kept=kept)


def _read(client: Client, name: str) -> Any:
    return _ELSEWHERE[name][0](client) if name in _ELSEWHERE else getattr(client, COLUMNS[name])


def _is_same(name: str, before: Any, wanted: Any) -> bool:
    if name in _UNORDERED or name in {"allowed_groups", "owners"}:
        return set(before) == set(wanted)
    # What stands there twice stands there.
    return [*dict.fromkeys(before)] == [*dict.fromkeys(wanted)] if name in _LISTS else bool(before == wanted)


def _write(client: Client, wanted: Mapping[str, Any]) -> None:
    columns = {COLUMNS[name]: list(value) if name in _LISTS else value
               for name, value in wanted.items() if name in COLUMNS}  # fmt: skip
    if "grant_types" in columns:
        columns.setdefault("response_types", client.response_types)
    if "response_types" in columns:
        # RFC 7591 §2.1: the two go together.
        grant_types = columns.get("grant_types", client.grant_types)
        columns["response_types"] = response_types.kept(columns["response_types"], grant_types)
    if columns:
        client.change(**columns)
    for name in sorted(set(wanted) & set(_ELSEWHERE)):
        _ELSEWHERE[name][1](client, wanted[name])


def _difference(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    old, new = list(before), list(after)
    return [uri for uri in new if uri not in old], [uri for uri in old if uri not in new]

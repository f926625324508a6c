"""Which claims there are, which scope gives each, and which function knows it (OpenID Connect Core §5.1, §5.4).

Functions come from `claims.py` modules of the installed apps, found at start; they win over what is read from the
user model (`standard.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

from oauth_provider.claims import groups, standard

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from oauth_provider.claims.requested import Wish
    from oauth_provider.models import Client

Reader = Callable[[Any], object]
R = TypeVar("R", bound=Reader)

# What the protocol says of itself; no function may.
PROTOCOL = frozenset(
    {
        *("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "acr", "amr", "azp", "sid"),
        *("at_hash", "c_hash", "s_hash", "cnf", "act", "events", "client_id", "scope", "typ"),
        *("_claim_names", "_claim_sources", "sub_jwk", "sub_id"),
    }
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: the scope that gives it, the function of the user that knows it, and what people read of it."""

    name: str
    scope: str
    read: Reader
    label: str | _StrPromise = ""


_FOUND: dict[str, Claim] = {}


def claim(name: str, *, scope: str = "", label: str | _StrPromise = "") -> Callable[[R], R]:
    """Make a function of the user the source of a claim; what it returns empty is not told.

    `scope` gives the claim; a standard one's own when left out. `label` is what people read on the consent page,
    where the standard ones have their words already. Raises ImproperlyConfigured for a name of the
    protocol, and for another claim without scope.
    """
    belongs_to = scope or standard.SCOPES.get(name, "")
    if name in PROTOCOL:
        msg = f"@claim({name!r}): this claim belongs to the protocol"
        raise ImproperlyConfigured(msg)
    if not belongs_to:
        msg = f"@claim({name!r}): say which scope gives it, @claim({name!r}, scope=…)"
        raise ImproperlyConfigured(msg)

    def register(read: R) -> R:
        _FOUND[name] = Claim(name, belongs_to, read, label)
        return read

    return register


def autodiscover() -> None:
    """Import `claims.py` of every installed app; importing registers what is in it."""
    for config in apps.get_app_configs():
        if (
            config.name != "oauth_provider"
            and config.module is not None
            and module_has_submodule(config.module, "claims")
        ):
            import_module(f"{config.name}.claims")


def registered() -> Mapping[str, Claim]:
    """Every claim there is, by name: those of the user model, then those of functions."""
    own = {name: Claim(name, standard.SCOPES[name], read) for name, read in standard.sources().items()}
    if groups.exist():
        own[groups.NAME] = Claim(groups.NAME, groups.SCOPE, groups.read)
    return {**own, **_FOUND}


def scopes() -> dict[str, str]:
    """Claim → the scope that gives it."""
    return {name: one.scope for name, one in registered().items()}


def of(user: Any, *, client: Client, scopes: Iterable[str], asked: Mapping[str, Wish]) -> dict[str, Any]:
    """What these scopes and this list of claims tell a client of a user.

    Nothing empty, nothing a list of values rules out, no group the client may not know of.
    """
    given, told = frozenset(scopes), {}
    for name, one in registered().items():
        wish = asked.get(name)
        if wish is None and one.scope not in given:
            continue
        if name == groups.NAME and not client.told_groups:
            continue
        value = _plain(name, one.read(user))
        if name == groups.NAME:
            value = groups.known_to(client, value) or None
        if value is not None and (wish is None or wish.allows(value)):
            told[name] = value
    return told


def _plain(name: str, value: object) -> Any:
    """The value as JSON has it, or None for an empty one (OpenID Connect Core §5.3.2: no null, no empty string)."""
    if isinstance(value, Mapping):
        members = {str(key): _plain("", one) for key, one in value.items()}
        return {key: one for key, one in members.items() if one is not None} or None
    if isinstance(value, list | tuple | set | frozenset):
        return [one for one in (_plain("", item) for item in value) if one is not None] or None
    if isinstance(value, datetime):
        # OpenID Connect Core §5.1: `updated_at` is a number.
        return int(value.timestamp()) if name == "updated_at" else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    # A lazy text, a phone number, a time zone: what it is as text.
    return (value if isinstance(value, str) else str(value)) or None if not isinstance(value, Promise) else str(value)

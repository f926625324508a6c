"""Reading the `claims` parameter (OpenID Connect Core §5.5): JSON that a stranger wrote, bounded (C21).

Claims that nobody here knows are no error, nor are members this version of OpenID Connect has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from oauth_provider.claims import registry
from oauth_provider.claims.requested import ID_TOKEN, USERINFO, Requested, Wish
from oauth_provider.clients import json_object
from oauth_provider.errors import InvalidClientMetadata, InvalidRequest
from oauth_provider.scopes import OPENID
from oauth_provider.scopes import registered as registered_scopes

if TYPE_CHECKING:
    from oauth_provider.authorization.parameters import Asked
    from oauth_provider.models import Client

PARAMETER = "claims"
_MOST_CLAIMS, _MOST_VALUES = 100, 20


def of(asked: Asked, scopes: tuple[str, ...]) -> Requested:
    """What a request for these scopes asks for; raises InvalidRequest for what is not of the form.

    Without `openid` the parameter means nothing (OpenID Connect Core §5.5).
    """
    raw = asked.get(PARAMETER)
    return Requested() if raw is None or OPENID not in scopes else _read(raw)


def _read(raw: str) -> Requested:
    try:
        members = json_object.read(raw.encode("utf-8", "surrogatepass"))
    except InvalidClientMetadata as error:
        _refuse(error.description, detail=error.detail)
    return Requested(_wishes(members.get(USERINFO)), _wishes(members.get(ID_TOKEN)))


def allowed(claims: Requested, client: Client) -> Requested:
    """Those that can be answered here and that the client may have: the scopes that give them are among its own."""
    if claims.is_empty:
        return claims
    known = registered_scopes()
    names = (
        name
        for name, claim in registry.registered().items()
        if claim.scope in known and client.allows_scopes([claim.scope])
    )
    return claims.only(frozenset(names))


def extra_scopes(claims: Requested, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Scopes a person is asked about besides: a claim asked for by itself is a part of what its scope gives."""
    if claims.is_empty:
        return ()
    registered = registry.registered()
    asked = [registered[name].scope for name in (*claims.userinfo, *claims.id_token) if name in registered]
    return tuple(scope for scope in dict.fromkeys(asked) if scope not in scopes)


def granted(claims: Requested, scopes: tuple[str, ...]) -> Requested:
    """Those whose scopes the person allowed."""
    if claims.is_empty:
        return claims
    names = (name for name, claim in registry.registered().items() if claim.scope in scopes)
    return claims.only(frozenset(names))


def _wishes(members: Any) -> dict[str, Wish]:
    if members is None:
        return {}
    if not isinstance(members, dict):
        _refuse("its members userinfo and id_token are objects.")
    if len(members) > _MOST_CLAIMS:
        _refuse(f"it asks for more than {_MOST_CLAIMS} claims.")
    return {name: _wish(name, how) for name, how in members.items()}


def _wish(name: str, how: Any) -> Wish:
    if how is None:
        return Wish()
    if not isinstance(how, dict):
        _refuse("a claim is asked for with null or an object.", detail=name[:100])
    essential, values = how.get("essential", False), how.get("values", [])
    if not isinstance(essential, bool) or not isinstance(values, list) or len(values) > _MOST_VALUES:
        _refuse("essential is true or false, values a short list.", detail=name[:100])
    wanted = (*([how["value"]] if "value" in how else []), *values)
    if any(isinstance(value, dict | list) for value in wanted):
        _refuse("the values of a claim are texts, numbers, true or false.", detail=name[:100])
    return Wish(essential, wanted)


def _refuse(why: str, *, detail: str = "") -> NoReturn:
    raise InvalidRequest(f"claims cannot be read: {why}", detail=f"{why} {detail}", rule="claims_malformed")

"""Keycloak: realm roles in `realm_access`, client roles in `resource_access`, the app in `azp`."""

from __future__ import annotations

from urllib.parse import urlsplit

from oauth_provider.resource_server.issuers.claims import Claims, at, members, names, text
from oauth_provider.resource_server.issuers.presets.preset import ID_TOKEN, Preset, looks_like_id_token

# Of the claim `typ`, which Keycloak has besides the header's: `ID`, `Refresh`, `Offline`, `Logout` are the others.
_ACCESS_TOKENS = {"bearer", "dpop"}
_SERVICE_ACCOUNT = "service-account-"


def _roles(claims: Claims) -> tuple[str, ...]:
    """Realm roles as they are called, client roles as `client:role`."""
    of_realm = names(at(claims, ("realm_access", "roles")))
    of_clients = members(claims, "resource_access") or {}
    return of_realm + tuple(
        f"{client}:{role}" for client in of_clients for role in names(at(of_clients, (client, "roles")))
    )


def _client_id(claims: Claims) -> str:
    return text(claims, "azp", "client_id")


def _is_machine(claims: Claims) -> bool:
    """The user behind client credentials is made by Keycloak and named after the client; it has no session."""
    named_after = f"{_SERVICE_ACCOUNT}{_client_id(claims)}".lower()
    if text(claims, "preferred_username").lower() == named_after:
        return True
    return "client_id" in claims and "sid" not in claims and "session_state" not in claims


def _object_to(claims: Claims, typ: str) -> str:
    kind = text(claims, "typ").lower()
    if kind == "id":
        return ID_TOKEN
    if kind and kind not in _ACCESS_TOKENS:
        return f"its claim typ is {kind!r}: only access tokens open an API"
    return looks_like_id_token(claims, typ) if not kind else ""


def _object_to_issuer(issuer: str) -> str:
    return "" if "/realms/" in urlsplit(issuer).path else "Keycloak's issuers end with /realms/<name of the realm>"


KEYCLOAK = Preset(
    name="keycloak",
    # "Use at+jwt as access token header type" is a switch of each client there.
    typ=("jwt", "at+jwt"),
    client_id=_client_id,
    roles=_roles,
    is_machine=_is_machine,
    object_to=_object_to,
    object_to_issuer=_object_to_issuer,
    no_audience="Keycloak writes no aud of yours by itself: add an audience mapper to a client scope of the app",
    wrong_audience=(
        "Keycloak puts `account` into aud until an audience mapper is set: add one to a client scope of the app"
    ),
)

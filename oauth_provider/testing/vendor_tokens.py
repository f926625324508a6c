"""The form of each vendor's access tokens, by its documentation; every value in them is made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_Audience = str | list[str] | None


def _keycloak(*, sub: str, scope: str, aud: _Audience, client_id: str, machine: bool) -> dict[str, Any]:
    """Keycloak, server administration guide: audience support, service accounts, roles in tokens."""
    who = (
        {"preferred_username": f"service-account-{client_id}", "client_id": client_id, "clientHost": "192.0.2.7"}
        if machine
        else {"preferred_username": "ada", "sid": "7b0e", "session_state": "7b0e"}
    )
    return {
        "sub": "c0ffee00-0000-4000-8000-000000000001" if machine else sub,
        "typ": "Bearer",
        "azp": client_id,
        "aud": ["account", aud] if isinstance(aud, str) else aud,
        "acr": "1",
        "allowed-origins": ["https://app.example"],
        "realm_access": {"roles": ["offline_access", "editor"]},
        "resource_access": {"billing": {"roles": ["clerk"]}, "account": {"roles": ["view-profile"]}},
        "scope": f"{scope} email profile".strip(),
        **who,
    }


def _auth0(*, sub: str, scope: str, aud: _Audience, client_id: str, machine: bool) -> dict[str, Any]:
    """Auth0, access token profiles: the default one."""
    who = (
        {"sub": f"{client_id}@clients", "gty": "client-credentials", "aud": aud}
        if machine
        else {"sub": sub, "aud": [aud, "https://you.eu.auth0.com/userinfo"] if isinstance(aud, str) else aud}
    )
    return {"azp": client_id, "scope": scope, "permissions": [], **who}


def _okta(*, sub: str, scope: str, aud: _Audience, client_id: str, machine: bool) -> dict[str, Any]:
    """Okta, access token payload of a custom authorization server."""
    who = {} if machine else {"uid": "00uid4BxXw6I6TV4m0g3", "auth_time": 1_700_000_000}
    return {"ver": 1, "sub": sub, "aud": aud, "cid": client_id, "scp": scope.split(), **who}


def _cognito(*, sub: str, scope: str, aud: _Audience, client_id: str, machine: bool) -> dict[str, Any]:
    """Amazon Cognito, understanding the access token. It has no `aud` unless the app named a resource."""
    who = (
        {}
        if machine
        else {
            "username": "ada",
            "cognito:groups": ["editors"],
            "origin_jti": "0b1e",
            "event_id": "e1d0",
            "auth_time": 1_700_000_000,
        }
    )
    return {"sub": sub, "token_use": "access", "version": 2, "client_id": client_id, "scope": scope, "aud": aud, **who}


def _openid(*, sub: str, scope: str, aud: _Audience, client_id: str, machine: bool) -> dict[str, Any]:
    """RFC 9068 §2.2."""
    who = {} if machine else {"auth_time": 1_700_000_000, "acr": "urn:example:gold", "amr": ["pwd", "otp"]}
    return {"sub": sub, "aud": aud, "client_id": client_id, "scope": scope, **who}


CLAIMS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "keycloak": _keycloak,
    "auth0": _auth0,
    "okta": _okta,
    "cognito": _cognito,
    "openid": _openid,
}
TYP: Mapping[str, str | None] = {"keycloak": "JWT", "auth0": "JWT", "okta": None, "cognito": None, "openid": "at+jwt"}
OF_ID_TOKENS: Mapping[str, dict[str, Any]] = {
    "keycloak": {"typ": "ID", "azp": "fake-app", "sid": "7b0e"},
    "auth0": {"sid": "7b0e"},
    "okta": {"ver": 1, "amr": ["pwd"], "idp": "00o1", "preferred_username": "ada"},
    "cognito": {"token_use": "id", "cognito:username": "ada", "event_id": "e1d0"},
    "openid": {"azp": "fake-app"},
}

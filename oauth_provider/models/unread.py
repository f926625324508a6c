"""Columns that the statements of every request leave unread, for `defer`.

Each costs PostgreSQL and us at each request of an app. One that is looked at after all is read then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.models.application import application_model

if TYPE_CHECKING:
    from collections.abc import Iterable

# Columns that only the page where people decide looks at.
WHERE_PEOPLE_DECIDE = ("optional_scopes", "purposes", "logo_digest")
# Columns that only pages, registration and the management of clients look at.
OF_ITS_PAGE = (
    "client_uri",
    "logo_uri",
    "contacts",
    "software_id",
    "software_version",
    "requested_scopes",
    "needs_approval",
    "registration_token_digest",
)
# Columns that only authorization, ID tokens and userinfo look at.
_OF_OPENID = (
    *("id_token_signed_response_alg", "userinfo_signed_response_alg", "claims_in_id_token", "told_groups"),
    *("default_max_age", "require_auth_time", "default_acr_values", "initiate_login_uri", "sector_identifier_uri"),
    *("backchannel_logout_uri", "backchannel_logout_session_required"),
    *("frontchannel_logout_uri", "frontchannel_logout_session_required"),
)
# Columns of a grant that no check of a token looks at.
_OF_GRANT = (
    *("nonce", "grant_type", "resources", "created_at", "user_agent", "last_used_address"),
    # Userinfo alone looks at them.
    "claims",
    # A logout alone looks at it.
    "ends_with_session",
)
# What userinfo looks at besides, of the grant and of its client.
_ASKED_BY_USERINFO = frozenset({"claims", "userinfo_signed_response_alg", "told_groups"})


def of_client(prefix: str = "", *, but: Iterable[str] = ()) -> list[str]:
    """The columns of a client and its Application that no check of a token looks at; `but` are read."""
    own = [
        "grant_types",
        "response_types",
        "default_scopes",
        "resources",
        "require_pkce",
        "token_format",
        "access_token_lifetime",
        "refresh_token_idle_lifetime",
        "refresh_token_absolute_lifetime",
        "refresh_token_leeway",
        *_OF_OPENID,
        "policy_uri",
        "tos_uri",
        *WHERE_PEOPLE_DECIDE,
        *OF_ITS_PAGE,
        "allowed_users",
        "allowed_permission",
        "allowed_function",
        "unconfirmed_until",
        "document_fresh_until",
        "registration_source",
        "created_at",
        "last_used_at",
    ]
    asked = {"client_id", "name", application_model()._meta.pk.name}
    others = [column.name for column in application_model()._meta.concrete_fields if column.name not in asked]
    return [prefix + name for name in own if name not in set(but)] + [f"{prefix}application__{name}" for name in others]


def of_grant_and_client(*, for_userinfo: bool, grant: str, client: str) -> list[str]:
    """The columns of a grant and its client that a check of a token leaves unread, below these prefixes."""
    but = _ASKED_BY_USERINFO if for_userinfo else frozenset()
    return [
        *(grant + name for name in _OF_GRANT if name not in but),
        *of_client(client, but=but),
    ]

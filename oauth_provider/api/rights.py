"""What each operation asks for: a scope of the token, and permissions of the person behind it. The one table."""

from __future__ import annotations

from dataclasses import dataclass

from oauth_provider.api import scopes
from oauth_provider.scopes import Scope

_APP = "oauth_provider"


@dataclass(frozen=True, slots=True)
class Right:
    """Held by a token that carries the scope, of a person who holds every permission, or of a machine."""

    scope: Scope
    permissions: tuple[str, ...]


def _right(scope: Scope, *codenames: str) -> Right:
    return Right(scope, tuple(f"{_APP}.{codename}" for codename in codenames))


SEE_CLIENTS = _right(scopes.CLIENTS_READ, "view_client")
ADD_CLIENT = _right(scopes.CLIENTS_WRITE, "add_client")
CHANGE_CLIENT = _right(scopes.CLIENTS_WRITE, "change_client")
DELETE_CLIENT = _right(scopes.CLIENTS_WRITE, "delete_client")
SUSPEND_CLIENT = _right(scopes.CLIENTS_WRITE, "suspend_client")
APPROVE_CLIENT = _right(scopes.CLIENTS_WRITE, "approve_client")
# A draft that is archived, restored and reactivated is an approved client.
RESTORE_CLIENT = _right(scopes.CLIENTS_WRITE, "suspend_client", "approve_client")
ROTATE_SECRET = _right(scopes.SECRETS_WRITE, "rotate_secret")
SEE_GRANTS = _right(scopes.GRANTS_READ, "view_grant")
SEE_CONSENTS = _right(scopes.GRANTS_READ, "view_consent")
REVOKE_GRANT = _right(scopes.GRANTS_WRITE, "revoke_grant")
SEE_EVENTS = _right(scopes.EVENTS_READ, "view_event")
SEE_STATISTICS = _right(scopes.STATS_READ, "view_client", "view_event")

RIGHTS = (
    SEE_CLIENTS,
    ADD_CLIENT,
    CHANGE_CLIENT,
    DELETE_CLIENT,
    SUSPEND_CLIENT,
    APPROVE_CLIENT,
    RESTORE_CLIENT,
    ROTATE_SECRET,
    SEE_GRANTS,
    SEE_CONSENTS,
    REVOKE_GRANT,
    SEE_EVENTS,
    SEE_STATISTICS,
)


def permissions_within(scope: str) -> frozenset[str]:
    """Every permission that some operation of this scope asks for: who holds them all holds the scope wholly."""
    return frozenset(permission for right in RIGHTS if right.scope.name == scope for permission in right.permissions)

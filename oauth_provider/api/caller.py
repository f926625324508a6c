"""Caller: who calls the management API, and what they may do and give. A token never gives more than it is."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from oauth_provider import scopes as known_scopes
from oauth_provider.api.problems import Forbidden
from oauth_provider.api.rights import Right, permissions_within
from oauth_provider.api.scopes import PREFIX
from oauth_provider.endpoints.base import source_of
from oauth_provider.resource_server.access import Access
from oauth_provider.values import Profile, Source

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

    from oauth_provider.models import Client

logger = logging.getLogger("oauth_provider.api")

_EVERY = "*"
_ACTOR_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified token, and the request it came with."""

    access: Access
    request: HttpRequest

    @property
    def actor(self) -> str:
        """How the audit names them: the person, or the machine's client."""
        name = f"client:{self.access.client.client_id}" if self.person is None else str(self.person)
        return name[:_ACTOR_LENGTH]

    @property
    def person(self) -> AbstractBaseUser | None:
        """The person behind the token; None for a machine, service account or not."""
        return None if self.access.is_machine else self.access.user

    @property
    def source(self) -> Source:
        """Where the request came from, for the event it leads to."""
        return source_of(self.request)

    @property
    def key(self) -> str:
        """Tells callers apart, for what must be repeatable by the same one only."""
        user = self.access.user
        return f"{self.access.client.client_id}\x00{'' if user is None else user.pk}"

    @property
    def _bounded_by(self) -> Any:
        """Whose permissions count: the person's, the service account's, or nobody's."""
        if self.access.user is None and self.access.is_machine:
            # Where JWT_STATE_CHECK is `never`, a token comes without the account; the client has it.
            return self.access.registered_client.service_account
        return self.access.user

    def why_not(self, right: Right) -> str | None:
        """What is missing to the right beside the scope of the token, in a sentence; None when nothing is."""
        client = self.access.registered_client
        if self.access.is_machine and not client.is_approved:
            return _("The client is not approved.")
        if right.scope.name not in _named(client):
            return _("The client must be given the scope %s by name.") % right.scope.name
        lacking = [permission for permission in right.permissions if not self._has(permission)]
        return _("This needs the permission %s.") % ", ".join(lacking) if lacking else None

    def may(self, right: Right) -> bool:
        """Whether the caller holds the right."""
        return self.access.has_scope(right.scope.name) and self.why_not(right) is None

    def check_may(self, right: Right) -> None:
        """Raise Forbidden unless the caller holds a right that this one request needs besides."""
        if not self.may(right):
            raise Forbidden(self.why_not(right) or _("This needs the scope %s.") % right.scope.name)

    def check_may_give(self, scopes: Iterable[str], *, profile: str) -> None:
        """Raise Forbidden when a client with these scopes could do more here than the caller can."""
        given = _ours(scopes)
        beyond = sorted(scope for scope in given if not self._holds_wholly(scope))
        if beyond:
            logger.warning("%s is refused to give or manage %s, which it does not hold", self.actor, beyond)
            raise Forbidden(_("You can give or manage only what you hold wholly yourself; not %s.") % ", ".join(beyond))
        if given and profile == Profile.FIRST_PARTY:
            # Nobody is asked about a first-party client: it would take the power of whoever is led to it.
            raise Forbidden(_("A first-party client cannot be given scopes of this API here."))

    def check_may_manage(self, client: Client) -> None:
        """Raise Forbidden when the client can do more here than the caller: with a new secret, or another place
        that people are sent back to, its power would be theirs.
        """
        self.check_may_give(_without_wildcard(client.allowed_scopes), profile="")

    def _has(self, permission: str) -> bool:
        user = self._bounded_by
        if user is None:
            return self.access.is_machine
        has_perm = getattr(user, "has_perm", None)
        return has_perm is not None and bool(has_perm(permission))

    def _holds_wholly(self, scope: str) -> bool:
        return (
            self.access.has_scope(scope)
            and scope in _named(self.access.registered_client)
            and all(map(self._has, permissions_within(scope)))
        )


def _named(client: Client) -> frozenset[str]:
    """The scopes a client has by name. `*` is what clients taken over from elsewhere have: it never opens this API."""
    return known_scopes.expand(_without_wildcard(client.allowed_scopes))


def _without_wildcard(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in scopes if scope != _EVERY]


def _ours(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in known_scopes.expand(_without_wildcard(scopes)) if scope.startswith(PREFIX)]

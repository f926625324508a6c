"""Access: what a view may know about the app that calls it, and about the person behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from oauth_provider import acting as who_acts
from oauth_provider import scopes as known_scopes
from oauth_provider import targets as known_targets
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import Model, QuerySet

    from oauth_provider.models import Client


_M = TypeVar("_M", bound="Model")


@dataclass(frozen=True, slots=True)
class ForeignClient:
    """The app of a token that another issuer gave it: what that token says, and no row of ours."""

    client_id: str
    issuer: str
    name: str = ""
    first_party: bool = False
    pk: None = None

    def __str__(self) -> str:
        return self.name or self.client_id


class TokenKind(StrEnum):
    """Which sort of access token was presented."""

    JWT = "jwt"
    OPAQUE = "opaque"
    DOT = "dot"


@dataclass(frozen=True, eq=False, kw_only=True)
class Access:
    """A verified access token, without its value: who calls, for whom, and what was granted.

    `user` is the person behind the token, the service account of a machine, or None. `scopes` are as granted;
    ask `has_scope`, which follows `implies`. `targets` are the chosen objects of the kinds those are about, kind →
    keys as text, `("*",)` for all; ask `limit`. `client_id` costs no statement, also where `client` is read late.
    `acr` and `amr` say how the person signed in, `auth_time` when (RFC 9470). `actor` is the `act` claim of a delegated
    token (RFC 8693 §4.1), `confirmation` the `cnf` of a bound one (RFC 7800), already checked. `roles` and `claims` are
    what another issuer said besides. `token_id` is a digest that names the token, for counters and logs, `dpop_nonce`
    what goes out with the answer.
    """

    client: Client | ForeignClient
    client_id: str
    user: AbstractBaseUser | None
    subject: str
    scopes: frozenset[str]
    audience: tuple[str, ...]
    issued_at: datetime
    expires: datetime
    kind: TokenKind
    issuer: str
    is_machine: bool
    auth_time: datetime | None = None
    acr: str = ""
    amr: tuple[str, ...] = ()
    actor: Mapping[str, Any] | None = None
    confirmation: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    token_id: str = ""
    dpop_nonce: str = field(default="", repr=False)
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # What the `claims` parameter asked for; only where userinfo reads it.
    requested_claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _effective: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_effective", known_scopes.expand(self.scopes))

    @property
    def registered_client(self) -> Client:
        """The client's row; raises PermissionDenied for an app of another issuer, which has none."""
        if isinstance(self.client, ForeignClient):
            raise PermissionDenied("an app of another issuer")
        return self.client

    @property
    def scope(self) -> str:
        """The granted scopes as on the wire (RFC 6749 §3.3); DOT's permissions look for it."""
        return known_scopes.join(sorted(self.scopes))

    @property
    def acting(self) -> tuple[str, ...]:
        """The `sub` of everybody who acts for the person, who does now first (RFC 8693 §4.1); empty: nobody."""
        subjects = (one.get("sub") for one in who_acts.chain_of(self.actor))
        return tuple(subject for subject in subjects if isinstance(subject, str))

    def has_scope(self, name: str) -> bool:
        """Whether the token carries this scope, or one that implies it."""
        return name in self._effective

    def allow_scopes(self, scopes: Iterable[str]) -> bool:
        """Whether the token carries each of these scopes; False for none, which is no requirement."""
        wanted = tuple(scopes)
        return bool(wanted) and all(map(self.has_scope, wanted))

    def limit(self, queryset: QuerySet[_M], through: str | None = None, *, kind: str | None = None) -> QuerySet[_M]:
        """The rows this token may touch: of objects that were chosen **and** that its user has now; no statement.

        For a queryset of a kind's model (see `targets.py`), or of a model with one way to it; where there are several,
        `through` names the way (`"project__org"`) or `kind` what is meant, else ImproperlyConfigured is raised. What
        nobody chose is none.
        """
        return known_targets.limit(queryset, chosen=self.targets, user=self.user, through=through, kind=kind)

    def has_targets(self, kind: str) -> bool:
        """Whether any object of this kind was chosen; raises ImproperlyConfigured for a kind that does not exist."""
        return bool(self.targets.get(known_targets.named(kind).name))

    def is_expired(self) -> bool:
        """Whether the token has ended by now; for a JWT with the allowance for clocks of its check."""
        skew = conf.CLOCK_SKEW if self.kind == TokenKind.JWT else 0
        return timezone.now() >= self.expires + timedelta(seconds=skew)

    def is_valid(self, scopes: Iterable[str]) -> bool:
        """Whether the token has not expired and carries each of these scopes."""
        return not self.is_expired() and self.allow_scopes(scopes)

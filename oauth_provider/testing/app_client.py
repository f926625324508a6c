"""`as_app`: any test client, as an app. Needs no pytest; works in unittest.TestCase."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from oauth_provider import resources
from oauth_provider import scopes as known_scopes
from oauth_provider import targets as known_targets
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.models import Client, Grant
from oauth_provider.models.client import application_model
from oauth_provider.models.subject import new_sub
from oauth_provider.tokens import issue, lifetimes
from oauth_provider.values import Authorized, Profile, TokenFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.contrib.auth.models import AbstractBaseUser

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})


class AppClient:
    """A test client whose every request (`get`, `post`, `put`, …) carries the app's token."""

    def __init__(self, client: Any, *, app: Client, token: str) -> None:
        self.client = client
        self.app = app
        self.token = token

    def __repr__(self) -> str:
        return f"<AppClient: {self.app}>"

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        send = getattr(self.client, name)

        def call(path: str, *args: Any, headers: dict[str, str] | None = None, **kwargs: Any) -> Any:
            return send(path, *args, headers={"Authorization": f"Bearer {self.token}", **(headers or {})}, **kwargs)

        return call


def as_app(
    client: Any,
    *,
    user: AbstractBaseUser | None = None,
    scopes: str | Iterable[str] = "read",
    profile: str = Profile.WEB,
    app: Client | None = None,
    resource: str | None = None,
    targets: Mapping[str, Iterable[Any] | str] | None = None,
) -> AppClient:
    """Return the test client as an app that `user` gave these scopes; without a user as a machine.

    `scopes` is a list or separated by spaces; one the site does not have raises ValueError. `app` is a Client
    to use instead of a new one of this profile, `resource` the audience where the site declares several, `targets`
    the objects the user chose: kind → rows or keys, or `"*"` for all. Without them, none.
    Makes a token in at most three statements.
    """
    names = known_scopes.split(scopes) if isinstance(scopes, str) else tuple(scopes)
    unknown = [name for name in names if name not in known_scopes.registered()]
    if unknown:
        raise ValueError(f"No such scope: {', '.join(unknown)}. There are: {', '.join(known_scopes.registered())}.")
    if user is None and profile == Profile.WEB:
        profile = Profile.MACHINE
    app = app or _make_app(profile, scopes=names)
    audience = (resource,) if resource is not None else resources.default_audience()
    chosen = _chosen(targets or {})
    grant = None if user is None else _make_grant(app, user=user, scopes=names, audience=audience, chosen=chosen)
    authorized = Authorized(
        client=app,
        scopes=names,
        audience=audience,
        grant=grant,
        user=user,
        subject=app.client_id if grant is None else grant.subject,
        targets=known_targets.only(chosen, known_scopes.targets_of(names)),
    )
    if app.token_format == TokenFormat.JWT:
        store.ready_at_once(ACCESS_TOKEN_ALG)
    return AppClient(client, app=app, token=issue.mint_access_token(authorized)[0])


def _chosen(targets: Mapping[str, Iterable[Any] | str]) -> dict[str, known_targets.Keys]:
    for kind in targets:
        if kind not in known_targets.registered():
            raise ValueError(f"No such kind: {kind}. There are: {', '.join(known_targets.registered())}.")
    return {
        kind: known_targets.EVERY if rows == known_targets.ALL else tuple(str(getattr(row, "pk", row)) for row in rows)
        for kind, rows in targets.items()
    }


def _make_app(profile: str, *, scopes: tuple[str, ...]) -> Client:
    """Two rows of the thirty things registration does."""
    rules = PROFILES[Profile(profile)]
    application = application_model().objects.create(
        name="Test app",
        client_type="public" if rules.is_public else "confidential",
        authorization_grant_type="authorization-code",
        # Nobody has it, and it need not be hashed.
        client_secret=secrets.token_urlsafe(32),
        hash_client_secret=False,
    )
    return Client.objects.create(
        application=application,
        profile=profile,
        grant_types=[grant_type.value for grant_type in rules.grant_types],
        auth_method=rules.auth_methods[0],
        allowed_scopes=list(scopes),
        first_party=rules.first_party,
        registration_source="test",
    )


def _make_grant(
    app: Client,
    *,
    user: Any,
    scopes: tuple[str, ...],
    audience: tuple[str, ...],
    chosen: Mapping[str, known_targets.Keys],
) -> Grant:
    return Grant.objects.create(
        client=app,
        user=user,
        subject=new_sub(),
        scopes=list(scopes),
        resources=list(audience),
        targets=known_targets.dump(chosen),
        expires_at=lifetimes.grant_ends(app),
    )

"""`as_app`: any test client, as an app. Needs no pytest; works in unittest.TestCase."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from oauth_provider import resources
from oauth_provider import scopes as known_scopes
from oauth_provider import targets as known_targets
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.keys import signing, store
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.models import Client, Grant
from oauth_provider.models.application import application_model
from oauth_provider.models.subject import new_sub
from oauth_provider.testing.prover import Prover
from oauth_provider.tokens import jwt, lifetimes, opaque
from oauth_provider.tokens.lookup import ACCESS_TOKEN_TYP
from oauth_provider.values import Authorized, Profile, TokenFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
# Longer ago than any allowance for clocks.
_EXPIRED_SECONDS = -3600


class AppClient:
    """A test client whose every request (`get`, `post`, `put`, …) carries the app's token.

    With `prover` each carries a fresh DPoP proof as well; `nonce` is sent in it once a test has set it.
    """

    def __init__(self, client: Any, *, app: Client, token: str, prover: Prover | None = None) -> None:
        self.client = client
        self.app = app
        self.token = token
        self.prover = prover
        self.nonce = ""

    def __repr__(self) -> str:
        return f"<AppClient: {self.app}>"

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        send = getattr(self.client, name)

        def call(path: str, *args: Any, headers: dict[str, str] | None = None, **kwargs: Any) -> Any:
            own = self._headers(name.upper(), path, is_secure=bool(kwargs.get("secure")))
            return send(path, *args, headers={**own, **(headers or {})}, **kwargs)

        return call

    def _headers(self, method: str, path: str, *, is_secure: bool) -> dict[str, str]:
        # In upper case: Django Ninja's client looks names up as they stand.
        if self.prover is None:
            return {"AUTHORIZATION": f"Bearer {self.token}"}
        own: dict[str, str] = {}
        if "://" not in path:
            defaults = getattr(self.client, "defaults", None)
            host = (defaults or {}).get("SERVER_NAME", "testserver")
            path = f"{'https' if is_secure else 'http'}://{host}{path}"
            # Django's clients name the host themselves; Django Ninja's names none, and the proof is for one.
            own = {"HOST": host} if defaults is None else {}
        proof = self.prover.proof(method, path, token=self.token, nonce=self.nonce)
        return {**own, "AUTHORIZATION": f"DPoP {self.token}", "DPOP": proof}


def as_app(
    client: Any,
    *,
    user: AbstractBaseUser | None = None,
    scopes: str | Iterable[str] = "read",
    profile: str = Profile.WEB,
    app: Client | None = None,
    resource: str | None = None,
    targets: Mapping[str, Iterable[Any] | str] | None = None,
    acr: str = "",
    auth_time: datetime | None = None,
    service_account: AbstractBaseUser | None = None,
    agent: bool = False,
    dpop: bool = False,
    expired: bool = False,
) -> AppClient:
    """Return the test client as an app that `user` gave these scopes; without a user as a machine.

    `scopes` is a list or separated by spaces; one the site does not have raises ValueError. `app` is a Client
    to use instead of a new one of this profile, `resource` the audience where the site declares several, `targets`
    the objects the user chose: kind → rows or keys, or `"*"` for all. Without them, none.
    `acr` and `auth_time` (aware) say how and when the user signed in, `service_account` is the user a machine acts
    as, `agent` makes an AI agent of a new app. With `dpop` the token is bound to a key, and each request carries a
    proof; with `expired` it ended an hour ago. Makes a token in at most three statements.
    """
    names = known_scopes.split(scopes) if isinstance(scopes, str) else tuple(scopes)
    unknown = [name for name in names if name not in known_scopes.registered()]
    if unknown:
        raise ValueError(f"No such scope: {', '.join(unknown)}. There are: {', '.join(known_scopes.registered())}.")
    if user is None and profile == Profile.WEB:
        profile = Profile.MACHINE
    if user is not None and service_account is not None:
        raise ValueError("A machine has a service account; an app that acts for a user has none.")
    app = app or _make_app(profile, scopes=names, service_account=service_account, is_agent=agent)
    audience = (resource,) if resource is not None else resources.default_audience()
    chosen = _chosen(targets or {})
    auth_time = auth_time or (timezone.now() if acr else None)
    grant = None
    if user is not None:
        grant = _make_grant(
            app, user=user, scopes=names, audience=audience, chosen=chosen, acr=acr, auth_time=auth_time
        )
    authorized = Authorized(
        client=app,
        scopes=names,
        audience=audience,
        grant=grant,
        user=user,
        subject=app.client_id if grant is None else grant.subject,
        auth_time=auth_time,
        targets=known_targets.only(chosen, known_scopes.targets_of(names)),
    )
    prover = Prover() if dpop else None
    token = _mint(authorized, acr=acr, prover=prover, is_expired=expired)
    return AppClient(client, app=app, token=token, prover=prover)


def _mint(authorized: Authorized, *, acr: str, prover: Prover | None, is_expired: bool) -> str:
    lifetime = _EXPIRED_SECONDS if is_expired else lifetimes.access_token_seconds(authorized.client, authorized.grant)
    if authorized.client.token_format == TokenFormat.OPAQUE:
        if prover is not None:
            raise ValueError("An opaque access token is bound to no key; use an app with the token format jwt.")
        return opaque.mint(authorized, lifetime=lifetime)
    claims = jwt.claims_of(authorized, lifetime=lifetime)
    if acr:
        claims["acr"] = acr
    if prover is not None:
        claims["cnf"] = {"jkt": prover.thumbprint}
    if is_expired:
        claims["iat"] = claims["exp"] - int(timedelta(hours=1).total_seconds())
    store.ready_at_once(ACCESS_TOKEN_ALG)
    return signing.sign(claims, alg=ACCESS_TOKEN_ALG, typ=ACCESS_TOKEN_TYP)


def _chosen(targets: Mapping[str, Iterable[Any] | str]) -> dict[str, known_targets.Keys]:
    for kind in targets:
        if kind not in known_targets.registered():
            raise ValueError(f"No such kind: {kind}. There are: {', '.join(known_targets.registered())}.")
    return {
        kind: known_targets.EVERY if rows == known_targets.ALL else tuple(str(getattr(row, "pk", row)) for row in rows)
        for kind, rows in targets.items()
    }


def _make_app(profile: str, *, scopes: tuple[str, ...], service_account: Any | None, is_agent: bool) -> Client:
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
        is_agent=is_agent,
        service_account=service_account,
        registration_source="test",
    )


def _make_grant(
    app: Client,
    *,
    user: Any,
    scopes: tuple[str, ...],
    audience: tuple[str, ...],
    chosen: Mapping[str, known_targets.Keys],
    acr: str,
    auth_time: datetime | None,
) -> Grant:
    return Grant.objects.create(
        client=app,
        user=user,
        subject=new_sub(),
        scopes=list(scopes),
        resources=list(audience),
        targets=known_targets.dump(chosen),
        auth_time=auth_time,
        acr=acr,
        expires_at=lifetimes.grant_ends(app),
    )

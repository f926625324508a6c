"""Registration: the one way a client is made, whoever asks: code, command or admin."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from oauth_provider import credentials, signals
from oauth_provider.clients import owners as client_owners
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.clients import response_types, sectors, sign_in_and_out, validation
from oauth_provider.clients.profiles import PROFILES, Rules
from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent, Client, ClientOrigin, ClientSecret
from oauth_provider.models.application import application_model
from oauth_provider.values import (
    AuthMethod,
    ClientStatus,
    Event,
    GrantType,
    Profile,
    RegistrationSource,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser, Group
    from oauth2_provider.models import AbstractApplication

# Letters and digits only, so that form encoding and shells leave it alone.
_CLIENT_ID_DIGITS = 24
_DOT_GRANT_TYPE = {
    GrantType.AUTHORIZATION_CODE: "authorization-code",
    GrantType.CLIENT_CREDENTIALS: "client-credentials",
    GrantType.DEVICE_CODE: "urn:ietf:params:oauth:grant-type:device_code",
}


def register(
    *,
    name: str,
    profile: str = Profile.WEB,
    redirect_uris: Iterable[str] = (),
    scopes: Iterable[str] = (),
    default_scopes: Iterable[str] | None = None,
    auth_method: str | None = None,
    origins: Iterable[str] | None = None,
    resources: Iterable[str] = (),
    resource_server_for: Iterable[str] = (),
    owners: Iterable[AbstractBaseUser | Group] = (),
    client_id: str | None = None,
    service_account: Any | None = None,
    is_agent: bool = False,
    status: str = ClientStatus.ACTIVE,
    source: str = RegistrationSource.CODE,
    actor: str = "",
    request_source: Source = Source(),  # noqa: B008  # frozen
    settings: Mapping[str, Any] | None = None,
    with_secret: bool = True,
    secret: str | None = None,
    unconfirmed_until: datetime | None = None,
) -> tuple[Client, str | None]:
    """Register a client and return it with its secret (None for a public client), which is shown this once.

    `settings` holds further arguments of `clients.change` (`token_format`, `access_token_lifetime` in seconds,
    `allowed_users`, `post_logout_redirect_uris`, …) and columns that nobody changes later. `secret`: a machine-made one
    to keep instead of a new one. `is_agent`: it acts by itself, and what it does for a person is recorded so.
    `unconfirmed_until`: nobody vouches for it yet, so no event is written until somebody does. Raises ValidationError
    keyed by argument name; nothing is written then.
    """
    rules = PROFILES[Profile(profile)]
    further = {"is_agent": is_agent, **(settings or {})}
    groups = further.pop("allowed_groups", ())
    post_logout = tuple(dict.fromkeys(further.pop(sign_in_and_out.POST_LOGOUT, ())))
    redirect_uris, scopes = tuple(dict.fromkeys(redirect_uris)), tuple(dict.fromkeys(scopes))
    default = default_scopes_of(scopes) if default_scopes is None else tuple(default_scopes)
    method = rules.auth_methods[0] if auth_method is None else AuthMethod(auth_method)
    wanted = {"name": name, "redirect_uris": redirect_uris, "scopes": scopes, "default_scopes": default,
              "auth_method": method, "resources": tuple(resources), "origins": tuple(origins or ()),
              "allowed_groups": groups, sign_in_and_out.POST_LOGOUT: post_logout, **further}  # fmt: skip
    validation.check(wanted, rules=rules)
    sectors.verify(further.get(sectors.URI, ""), redirect_uris=redirect_uris)
    grant_types = [str(grant) for grant in further.pop("grant_types", rules.grant_types)]
    is_public = method == AuthMethod.NONE
    with transaction.atomic():
        client = Client.objects.create(
            application=_application(
                name,
                client_id=client_id,
                redirect_uris=redirect_uris,
                post_logout=post_logout,
                is_public=is_public,
                rules=rules,
            ),
            profile=profile,
            status=status,
            needs_approval=status in {ClientStatus.DRAFT, ClientStatus.SUBMITTED},
            grant_types=grant_types,
            response_types=response_types.kept(further.pop("response_types", ()), grant_types),
            auth_method=method,
            allowed_scopes=list(scopes),
            default_scopes=list(default),
            resources=list(resources),
            resource_server_for=list(resource_server_for),
            first_party=rules.first_party,
            service_account=service_account,
            registration_source=source,
            unconfirmed_until=unconfirmed_until,
            **further,
        )
        chosen = default_origins(profile, redirect_uris) if origins is None else origins
        ClientOrigin.objects.replace(client, chosen)
        if groups:
            client.allow_groups(groups)
        client_owners.replace(client, owners)
        secret = secret or credentials.make(credentials.Kind.CLIENT_SECRET) if with_secret and not is_public else None
        if secret is not None:
            ClientSecret.objects.keep(client, secret)
        if unconfirmed_until is None:
            AuditEvent.objects.record(
                Event.CLIENT_REGISTERED, client=client, actor=actor, source=request_source, detail=described(client)
            )
        transaction.on_commit(
            lambda: signals.client_registered.send_robust(Client, client=client, user=None, grant=None, request=None)
        )
    return client, secret


def described(client: Client) -> dict[str, object]:
    """What an event says of a client that has come into being."""
    return {"profile": client.profile, "source": client.registration_source, "status": client.status}


def _application(
    name: str,
    *,
    client_id: str | None,
    redirect_uris: tuple[str, ...],
    post_logout: tuple[str, ...],
    is_public: bool,
    rules: Rules,
) -> AbstractApplication:
    return application_model().objects.create(
        client_id=client_id or new_client_id(),
        name=name,
        redirect_uris=" ".join(redirect_uris),
        post_logout_redirect_uris=" ".join(post_logout),
        client_type="public" if is_public else "confidential",
        authorization_grant_type=_DOT_GRANT_TYPE[rules.grant_types[0]],
        # django-oauth-toolkit's own views must never accept a secret of ours; a blank or unhashed value
        # would authenticate there, and hashing one per client would cost a quarter of a second each.
        client_secret=_unusable_secret(),
        hash_client_secret=True,
        # Left empty: in django-oauth-toolkit deleting this user deletes the client and all its tokens.
        user=None,
    )


def new_client_id() -> str:
    """A random identifier of letters and digits; it never starts with `https://` and never equals a `sub`."""
    return client_id_of(secrets.token_hex(_CLIENT_ID_DIGITS // 2))


def client_id_of(digest: str) -> str:
    """The identifier of the same form that a digest determines."""
    return f"c_{digest[:_CLIENT_ID_DIGITS]}"


def default_scopes_of(scopes: Iterable[str]) -> tuple[str, ...]:
    """The default scopes of a client with these scopes that names none."""
    allowed = set(scopes)
    return tuple(scope for scope in conf.DEFAULT_SCOPES if scope in allowed)


def default_origins(profile: str, redirect_uris: Iterable[str]) -> list[str]:
    """A browser app calls the token endpoint from where it is redirected to, unless told otherwise."""
    if profile != Profile.SPA:
        return []
    return list(dict.fromkeys(origin for origin in map(uris.origin_of, redirect_uris) if origin))


@lru_cache(maxsize=1)
def _unusable_secret() -> str:
    """One hash per process of a value that is thrown away."""
    return make_password(secrets.token_urlsafe(48))

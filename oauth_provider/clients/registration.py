"""Registration: the one way a client is made, whoever asks: code, command or admin."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from oauth_provider import resources as known_resources
from oauth_provider import scopes as known_scopes
from oauth_provider import signals
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.clients.profiles import PROFILES, Rules
from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent, Client, ClientOrigin, ClientOwner, ClientSecret
from oauth_provider.models.client import application_model
from oauth_provider.values import AuthMethod, Event, GrantType, Profile, ResponseType, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

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
    source: str = "code",
    actor: str = "",
    request_source: Source = Source(),  # noqa: B008  # frozen
    settings: Mapping[str, object] | None = None,
    unconfirmed_until: datetime | None = None,
) -> tuple[Client, str | None]:
    """Register a client and return it with its secret (None for a public client), which is shown this once.

    `settings` sets further columns of Client (`token_format`, `access_token_lifetime` in seconds, …).
    `unconfirmed_until`: nobody vouches for it yet, so no event is written until somebody does. Raises
    ValidationError keyed by argument name; nothing is written then.
    """
    rules = PROFILES[Profile(profile)]
    redirect_uris, scopes = tuple(dict.fromkeys(redirect_uris)), tuple(dict.fromkeys(scopes))
    chosen_defaults = tuple(conf.DEFAULT_SCOPES if default_scopes is None else default_scopes)
    default = tuple(scope for scope in chosen_defaults if scope in scopes or default_scopes is not None)
    method = rules.auth_methods[0] if auth_method is None else AuthMethod(auth_method)
    check(name=name, rules=rules, redirect_uris=redirect_uris, scopes=scopes, default_scopes=default,
          auth_method=method, resources=tuple(resources))  # fmt: skip
    is_public = method == AuthMethod.NONE
    with transaction.atomic():
        application = application_model().objects.create(
            **({"client_id": client_id} if client_id else {"client_id": new_client_id()}),
            name=name,
            redirect_uris=" ".join(redirect_uris),
            client_type="public" if is_public else "confidential",
            authorization_grant_type=_DOT_GRANT_TYPE[rules.grant_types[0]],
            # django-oauth-toolkit's own views must never accept a secret of ours; a blank or unhashed value
            # would authenticate there, and hashing one per client would cost a quarter of a second each.
            client_secret=_unusable_secret(),
            hash_client_secret=True,
            # Left empty: in django-oauth-toolkit deleting this user deletes the client and all its tokens.
            user=None,
        )
        client = Client.objects.create(
            application=application,
            profile=profile,
            grant_types=[grant.value for grant in rules.grant_types],
            response_types=[ResponseType.CODE.value] if GrantType.AUTHORIZATION_CODE in rules.grant_types else [],
            auth_method=method,
            allowed_scopes=list(scopes),
            default_scopes=list(default),
            resources=list(resources),
            resource_server_for=list(resource_server_for),
            first_party=rules.first_party,
            service_account=service_account,
            registration_source=source,
            unconfirmed_until=unconfirmed_until,
            **(settings or {}),
        )
        ClientOrigin.objects.replace(client, _origins(origins, profile=profile, redirect_uris=redirect_uris))
        for owner in owners:
            ClientOwner.objects.create(client=client, **{"group" if isinstance(owner, Group) else "user": owner})
        secret = None if is_public else ClientSecret.objects.add(client)[1]
        if unconfirmed_until is None:
            AuditEvent.objects.record(
                Event.CLIENT_REGISTERED,
                client=client,
                actor=actor,
                source=request_source,
                detail={"profile": profile},
            )
        transaction.on_commit(
            lambda: signals.client_registered.send_robust(Client, client=client, user=None, grant=None, request=None)
        )
    return client, secret


def check(
    *,
    name: str,
    rules: Rules,
    redirect_uris: tuple[str, ...],
    scopes: tuple[str, ...],
    default_scopes: tuple[str, ...] = (),
    auth_method: str,
    resources: tuple[str, ...] = (),
) -> None:
    """Raise one ValidationError that names every argument a client of this profile may not have."""
    found: dict[str, list[object]] = _check_redirect_uris(redirect_uris, rules=rules)
    if not name.strip() or len(name) > 255 or any(ord(sign) < 32 for sign in name):  # noqa: PLR2004
        found["name"] = [_("Give the client a name of at most 255 characters.")]
    unknown = [scope for scope in scopes if scope not in known_scopes.registered() and scope != "*"]
    if unknown:
        found["scopes"] = [_("These scopes do not exist: %s.") % ", ".join(unknown)]
    if not set(default_scopes) <= set(scopes) and "*" not in scopes:
        found["default_scopes"] = [_("Default scopes must be among the allowed scopes.")]
    if auth_method not in rules.auth_methods:
        found["auth_method"] = [_("This profile does not authenticate in that way.")]
    undeclared = [uri for uri in resources if uri not in known_resources.registered() and uri != conf.ISSUER]
    if undeclared:
        found["resources"] = [_("These resources are not declared in RESOURCES: %s.") % ", ".join(undeclared)]
    if found:
        raise ValidationError(found)


def _check_redirect_uris(redirect_uris: tuple[str, ...], *, rules: Rules) -> dict[str, list[object]]:
    messages: list[object] = []
    for uri in redirect_uris:
        try:
            uris.validate(uri, rules=rules)
        except ValidationError as error:
            messages.extend(error.messages)
    if rules.needs_redirect_uri and not redirect_uris:
        messages.append(_("This profile needs at least one redirect URI."))
    if redirect_uris and GrantType.AUTHORIZATION_CODE not in rules.grant_types:
        messages.append(_("This profile has no redirect; leave the redirect URIs empty."))
    return {"redirect_uris": messages} if messages else {}


def new_client_id() -> str:
    """A random identifier of letters and digits; it never starts with `https://` and never equals a `sub`."""
    return "c_" + secrets.token_hex(_CLIENT_ID_DIGITS // 2)


def _origins(origins: Iterable[str] | None, *, profile: str, redirect_uris: tuple[str, ...]) -> list[str]:
    """A browser app calls the token endpoint from where it is redirected to, unless told otherwise."""
    if origins is not None:
        return list(origins)
    if profile != Profile.SPA:
        return []
    return [origin for origin in map(uris.origin_of, redirect_uris) if origin]


@lru_cache(maxsize=1)
def _unusable_secret() -> str:
    """One hash per process of a value that is thrown away."""
    return make_password(secrets.token_urlsafe(48))

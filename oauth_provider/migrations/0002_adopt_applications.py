"""Every Application that is here already gets a Client, allowed exactly what it could do before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef
from oauth2_provider.settings import oauth2_settings

BATCH = 1000
ORIGIN_MAX_LENGTH = 255

_CODE = ["authorization_code", "refresh_token"]
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
# What django-oauth-toolkit allows for each of its grant types, as far as it is served here. `implicit` is not
# served at all; of `password` the refresh is, so that nobody who signed in that way is signed out.
GRANT_TYPES = {
    "authorization-code": _CODE,
    "openid-hybrid": _CODE,
    _DEVICE: [_DEVICE, "refresh_token"],
    "client-credentials": ["client_credentials"],
    "password": ["refresh_token"],
    "implicit": [],
}


def columns_of(application: Any) -> dict[str, Any]:
    """The columns of the Client of an Application: what django-oauth-toolkit's settings let it do."""
    grant_types = list(GRANT_TYPES.get(application.authorization_grant_type, []))
    is_public = application.client_type == "public"
    return {
        "profile": "imported",
        "grant_types": grant_types,
        "response_types": ["code"] if "authorization_code" in grant_types else [],
        "auth_method": "none" if is_public else "",
        "allowed_scopes": ["*"],
        "default_scopes": _default_scopes(application),
        # Any confidential Application could introspect any token.
        "resource_server_for": [] if is_public else ["*"],
        "require_pkce": _requires_pkce(application.client_id),
        "first_party": application.skip_authorization,
        "token_format": "opaque",
        "subject_type": "dot",
        "access_token_lifetime": _seconds(oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS),
        "refresh_token_idle_lifetime": _seconds(oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS),
        "registration_source": "dot",
    }


def origins_of(application: Any) -> list[str]:
    """The origins an Application named, written as a browser sends them."""
    # A site's own Application may be older than this column.
    given = getattr(application, "allowed_origins", "").split()
    origins = dict.fromkeys(uri.rstrip("/").lower() for uri in given)
    return [origin for origin in origins if len(origin) <= ORIGIN_MAX_LENGTH]


def _default_scopes(application: Any) -> list[str]:
    backend = oauth2_settings.SCOPES_BACKEND_CLASS()
    return list(backend.get_default_scopes(application=application))


def _requires_pkce(client_id: str) -> bool:
    required = oauth2_settings.PKCE_REQUIRED
    return bool(required(client_id) if callable(required) else required)


def _seconds(value: timedelta | float | None) -> int | None:
    if value is None:
        return None
    return int(value.total_seconds()) if isinstance(value, timedelta) else int(value)


def make_clients(get_model: Callable[[str, str], Any], applications: list[Any], *, using: str) -> None:
    """Insert the Clients of these Applications with their origins and owners; four statements or so."""
    Client = get_model("oauth_provider", "Client")
    ClientOrigin = get_model("oauth_provider", "ClientOrigin")
    ClientOwner = get_model("oauth_provider", "ClientOwner")
    # Another process may adopt the same Application at the same moment; the row that is there stays.
    Client.objects.using(using).bulk_create(
        [Client(application_id=application.pk, **columns_of(application)) for application in applications],
        ignore_conflicts=True,
    )
    by_pk = {application.pk: application for application in applications}
    made = list(Client.objects.using(using).filter(application_id__in=list(by_pk)).values_list("pk", "application_id"))
    ClientOrigin.objects.using(using).bulk_create(
        [
            ClientOrigin(client_id=pk, origin=origin)
            for pk, application in made
            for origin in origins_of(by_pk[application])
        ],
        ignore_conflicts=True,
    )
    ClientOwner.objects.using(using).bulk_create(
        [
            ClientOwner(client_id=pk, user_id=by_pk[application].user_id)
            for pk, application in made
            if by_pk[application].user_id is not None
        ],
        ignore_conflicts=True,
    )


def without_client(get_model: Callable[[str, str], Any], *, using: str) -> Iterator[list[Any]]:
    """Batches of the Applications that have no Client, walked by primary key: it may be a number or a UUID."""
    Application = get_model(*oauth2_settings.APPLICATION_MODEL.split("."))
    Client = get_model("oauth_provider", "Client")
    # The base manager: a site's own manager may hide rows, and every row is a client of somebody.
    rows = (
        Application._base_manager.using(using)
        .filter(~Exists(Client.objects.filter(application_id=OuterRef("pk"))))
        .order_by("pk")
    )
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def adopt(apps: Any, schema_editor: Any) -> None:
    using = schema_editor.connection.alias
    for batch in without_client(apps.get_model, using=using):
        make_clients(apps.get_model, batch, using=using)


class Migration(migrations.Migration):
    dependencies = [
        ("oauth_provider", "0001_initial"),
    ]

    operations = [
        # Going back needs nothing: the tables of 0001 go, django-oauth-toolkit's rows were only read.
        migrations.RunPython(adopt, migrations.RunPython.noop, elidable=False),
    ]

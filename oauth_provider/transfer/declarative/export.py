"""What there is, as a file in which `plan` finds no difference; it holds no secret, and nothing that was derived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import tomli_w
from django.contrib.auth.models import Group

from oauth_provider.clients import change
from oauth_provider.models import Client
from oauth_provider.transfer.declarative import entry as meaning
from oauth_provider.transfer.declarative import fields
from oauth_provider.transfer.declarative.problems import TABLE
from oauth_provider.values import ClientStatus, RegistrationSource

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = f"""\
# Clients of this site: manage.py oauth_clients plan|apply. No secret stands here.
# What a table leaves out is what a new client of its profile has.

[{TABLE}]
"""
_SECRETS = '# secrets = [{ env = "NAME_OF_A_VARIABLE" }]  # what stands here replaces the secrets it has\n'
# They came by themselves and go by themselves; they belong into a file when somebody names them.
_BY_THEMSELVES = (RegistrationSource.DYNAMIC, RegistrationSource.DOCUMENT)


def export(client_ids: Iterable[str] = ()) -> Iterator[str]:
    """The file, table by table: the named clients, or every client that did not register itself."""
    wanted = list(client_ids)
    rows = Client.objects.select_related("application", "service_account").order_by("application__client_id")
    rows = (
        rows.filter(application__client_id__in=wanted)
        if wanted
        else rows.exclude(registration_source__in=_BY_THEMSELVES)
    )
    yield _HEAD
    for client in rows.iterator(chunk_size=500):
        yield "\n" + _table(client)


def _table(client: Client) -> str:
    table = {"profile": client.profile, **_as_file(client)}
    if client.status != ClientStatus.ACTIVE:
        table[fields.STATUS] = ClientStatus.DRAFT.value if client.status == ClientStatus.SUBMITTED else client.status
    ordered = {name: table[name] for name in fields.FIELDS if name in table}
    head, end, lines = tomli_w.dumps({TABLE: {client.client_id: ordered}}).partition("\n")
    # Directly under the head: at the end it could stand in a table of the client's own.
    return head + end + ("" if client.is_public else _SECRETS) + lines


def _as_file(client: Client) -> dict[str, Any]:
    """What differs from the defaults that `entry` fills in; these follow from the redirect URIs and scopes written."""
    now = change.current(client)
    written = {name: _plain(value) for name, value in now.items() if name not in {fields.OWNERS, fields.ALLOWED_GROUPS}}
    standard = meaning.defaults(client.client_id, client.profile, written)
    different = {name: value for name, value in written.items() if not _is_default(name, value, standard)}
    owners = now[fields.OWNERS]
    return different | {
        name: names
        for name, names in (
            (fields.OWNERS, [owner.get_username() for owner in owners if not isinstance(owner, Group)]),
            (fields.OWNER_GROUPS, [owner.name for owner in owners if isinstance(owner, Group)]),
            (fields.ALLOWED_GROUPS, [group.name for group in now[fields.ALLOWED_GROUPS]]),
        )
        if names
    }


def _is_default(name: str, value: Any, standard: Mapping[str, Any]) -> bool:
    if name == "name":
        return False  # it is what people look for in the file
    return bool(value == standard[name]) or value is None


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return list(value)
    return value.get_username() if hasattr(value, "get_username") else value

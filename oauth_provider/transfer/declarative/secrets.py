"""Secrets by reference: the file names an environment variable or another file, never a value.

A value is read, kept as a digest and forgotten; what is shown of it are its last four signs, as everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.clients import secrets as room
from oauth_provider.models import Client, ClientSecret
from oauth_provider.models.client_secret import STORED_HASH_HINT
from oauth_provider.transfer.declarative import fields

# Far more than a secret, far less than what costs memory.
_MOST_BYTES = 4096
# What every database can hold, whatever the offset.
_YEARS = (2000, 9000)


class Missing(Exception):
    """The value that a reference names is not here; the sentence says where it was looked for."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret stands, and when it ends; None: the file does not say."""

    place: str
    env: str = ""
    file: Path = field(default_factory=Path)
    expires_at: datetime | None = None

    def read(self) -> str:
        """The value; raises Missing. Line ends at its end are an editor's, not the secret's."""
        if self.env:
            value = os.environ.get(self.env, "")
            if not value:
                raise Missing(f"{self.place} is not set")
            return value
        try:
            with self.file.open("rb") as stream:
                return stream.read(_MOST_BYTES).decode("utf-8").rstrip("\r\n")
        except OSError as error:
            raise Missing(f"{self.place}: {error.strerror or 'it cannot be read'}") from None
        except UnicodeDecodeError:
            raise Missing(f"{self.place}: it is not text") from None


@dataclass(frozen=True, slots=True)
class Added:
    """A secret that is to be kept; the value stands in no repr, because local variables end up in error reports."""

    reference: Reference
    hint: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Moved:
    """A secret whose end is another one in the file."""

    row: ClientSecret
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is to happen to the secrets of one client."""

    added: tuple[Added, ...] = ()
    moved: tuple[Moved, ...] = ()
    retired: tuple[ClientSecret, ...] = ()
    # The hash that django-oauth-toolkit keeps counts, has no row, and is not in the file.
    retires_stored_hash: bool = False
    # References whose value is not here: then nobody can tell which secrets come and go.
    missing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.moved or self.retired or self.retires_stored_hash)

    @property
    def retired_hints(self) -> tuple[str, ...]:
        """The hints of those that are to end."""
        return (*(row.hint for row in self.retired), *((STORED_HASH_HINT,) if self.retires_stored_hash else ()))


def reference(table: Mapping[str, Any], *, folder: Path) -> Reference:
    """One item of `secrets`; raises ValidationError."""
    for name, value in table.items():
        form = fields.REFERENCE_FIELDS.get(name)
        if form is None:
            # Above all `value`: a secret in the file itself. It is not repeated.
            close = get_close_matches(name, list(fields.REFERENCE_FIELDS), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ": a secret never stands in the file itself"
            raise ValidationError(f"there is no key {name[:40]!r} in a reference{hint}")
        if (sentence := form(value)) is not None:
            raise ValidationError(f"{name}: {sentence}")
    if ("env" in table) == ("file" in table) or not (table.get("env") or table.get("file")):
        raise ValidationError('a reference has either env or file, like { env = "BILLING_SECRET" }')
    expires_at = _moment(table["expires"]) if "expires" in table else None
    if "env" in table:
        return Reference(f"env {table['env']}", env=table["env"], expires_at=expires_at)
    return Reference(f"file {table['file']}", file=folder / table["file"], expires_at=expires_at)


def plan(client: Client | None, references: tuple[Reference, ...] | None) -> Secrets:
    """What is to happen to the secrets of a client, or of one that is to be made; only reads.

    Raises ValidationError for a value that cannot be kept, and where no live secret would be left.
    """
    if references is None:
        return Secrets()
    rows = [] if client is None else list(ClientSecret.objects.filter(client=client).select_related("client"))
    by_digest = {row.digest: row for row in rows}
    added, moved, named, missing = [], [], set(), []
    for one in references:
        try:
            value = one.read()
        except Missing as error:
            missing.append(str(error))
            continue
        digest = _digest(one, value)
        if digest in named:
            raise ValidationError(f"{one.place}: the same secret is named before")
        named.add(digest)
        row = by_digest.get(digest)
        if row is None:
            _check_end(one)
            added.append(Added(one, value[-4:], value))
        else:
            room.check_not_revoked(row)
            if one.expires_at is not None and row.expires_at != one.expires_at:
                moved.append(Moved(row, one.expires_at))
    if missing:
        return Secrets(tuple(added), tuple(moved), missing=tuple(missing))
    now = timezone.now()
    live = [row for row in rows if row.revoked_at is None and (row.expires_at is None or row.expires_at > now)]
    retired = [row for row in live if row.digest not in named]
    has_hash = client is not None and ClientSecret.objects.has_hidden_hash(client)
    ended = {one.row.pk for one in moved if one.expires_at <= now}
    stay = {row.pk for row in live if row.digest in named} | {one.row.pk for one in moved}
    if (retired or has_hash or ended) and not added and not stay - ended:
        raise ValidationError(
            "no live secret would be left, and the client would be refused: name one that lives, or leave `secrets` out"
        )
    return Secrets(tuple(added), tuple(moved), tuple(retired), has_hash)


def apply(client: Client, wanted: Secrets, *, actor: str) -> None:
    """Let it happen: new ones first, so that there is never none. Raises ValidationError."""
    for new in wanted.added:
        room.keep(client, new.value, expires_at=new.reference.expires_at, actor=actor)
    for one in wanted.moved:
        room.set_expiry(one.row, one.expires_at, actor=actor)
    standing = room.named(client, STORED_HASH_HINT) if wanted.retires_stored_hash else []
    for row in (*wanted.retired, *standing):
        room.retire(row, actor=actor)


def _digest(one: Reference, value: str) -> str:
    try:
        room.check_value(value)
    except ValidationError as refusal:
        raise ValidationError(f"{one.place}: {' '.join(refusal.messages)}") from None
    return credentials.digest(value)


def _check_end(one: Reference) -> None:
    if one.expires_at is not None and one.expires_at <= timezone.now():
        raise ValidationError(f"{one.place}: it is new and has expired already")


def _moment(given: date) -> datetime:
    """A time with its offset; a date is its beginning in UTC. Raises ValidationError."""
    if not _YEARS[0] <= given.year <= _YEARS[1]:
        raise ValidationError(f"expires: a year from {_YEARS[0]} to {_YEARS[1]}")
    if not isinstance(given, datetime):
        return datetime.combine(given, time.min, tzinfo=UTC)
    if given.tzinfo is None:
        raise ValidationError("expires: a time needs its offset, like 2030-01-31T12:00:00Z")
    return given.astimezone(UTC)

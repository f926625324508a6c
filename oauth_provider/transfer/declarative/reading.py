"""Reading `clients.toml`: everything that can be wrong with a file before anybody looks at a database."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from oauth_provider.transfer.declarative import fields, secrets
from oauth_provider.transfer.declarative.problems import TABLE, Problem, Refused, of_refusal
from oauth_provider.transfer.declarative.secrets import Reference

# What form encoding in an Authorization header leaves alone (RFC 6749 §2.3.1), in the length of the column.
_CLIENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}", re.ASCII)
_SUBJECT_PREFIX = "u_"


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of the file, its values of the right form and not looked at further."""

    key: str
    client_id: str
    profile: str
    # None: the file leaves it as it is.
    status: str | None
    given: Mapping[str, Any]
    secrets: tuple[Reference, ...] | None


def read(path: Path) -> list[Entry]:
    """The entries of a file; raises Refused with every problem it has."""
    try:
        found = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise Refused(Problem("", "", f"{path}: {error.strerror or error}")) from None
    except UnicodeDecodeError:
        raise Refused(Problem("", "", f"{path} is not UTF-8")) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(Problem("", "", f"{path} is not TOML: {error}")) from None
    problems: list[Problem] = [Problem("", name, _unknown(name, [TABLE])) for name in found if name != TABLE]
    tables = found.get(TABLE, {})
    if not isinstance(tables, dict):
        tables, problems = {}, [*problems, Problem("", TABLE, f"it must be tables: [{TABLE}.NAME]")]
    entries = [entry for key, table in tables.items() if (entry := _entry(key, table, problems, folder=path.parent))]
    problems.extend(_named_twice(entries))
    if problems:
        raise Refused(*problems)
    return entries


def check_new_client_id(client_id: str) -> str | None:
    """What is wrong with an identifier that somebody chose; one that is registered already may be anything.

    A machine's `sub` is its client_id (RFC 9068 §2.2), so it must not read like a person's (RFC 9068 §5; AS17).
    """
    if not _CLIENT_ID.fullmatch(client_id):
        return "a client_id starts with a letter and has letters, digits and _ . - only, at most 100"
    if client_id.startswith(_SUBJECT_PREFIX) or _is_uuid(client_id):
        return "a client_id must not look like the identifier of a person"
    return None


def _entry(key: str, table: Any, problems: list[Problem], *, folder: Path) -> Entry | None:
    if not isinstance(table, dict):
        problems.append(Problem(key, "", f"it must be a table: [{TABLE}.{key}]"))
        return None
    found = list(_problems(key, table))
    references: tuple[Reference, ...] | None = None
    if fields.SECRETS in table and not any(problem.field == fields.SECRETS for problem in found):
        try:
            references = tuple(secrets.reference(one, folder=folder) for one in table[fields.SECRETS])
        except ValidationError as refusal:
            found.extend(of_refusal(key, refusal, field=fields.SECRETS))
    problems.extend(found)
    if found:
        return None
    special = {fields.CLIENT_ID, fields.PROFILE, fields.STATUS, fields.SECRETS}
    return Entry(
        key=key,
        client_id=table.get(fields.CLIENT_ID, key),
        profile=table[fields.PROFILE],
        status=table.get(fields.STATUS),
        given={name: value for name, value in table.items() if name not in special},
        secrets=references,
    )


def _problems(key: str, table: Mapping[str, Any]) -> Iterator[Problem]:
    if fields.text(key, longest=fields.LONGEST_NAME) or not key:
        yield Problem(key[:40].replace("\x00", ""), "", "the name of a table has 1 to 255 characters, and no NUL")
    if fields.PROFILE not in table:
        yield Problem(key, fields.PROFILE, "it is missing; a profile says what kind of application this is")
    for name, value in table.items():
        form = fields.FIELDS.get(name)
        sentence = _unknown(name, fields.FIELDS) if form is None else form(value)
        if sentence is not None:
            yield Problem(key, name, sentence)


def _unknown(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"there is no such key; did you mean {close[0]!r}?" if close else "there is no such key"


def _named_twice(entries: Iterable[Entry]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for entry in entries:
        other = first.setdefault(entry.client_id, entry.key)
        if other != entry.key:
            yield Problem(entry.key, fields.CLIENT_ID, f"{TABLE}.{other} has the same one")


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True

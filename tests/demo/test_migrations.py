"""A demo that was started before notes belonged to organizations keeps its notes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.demo.process import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.live, pytest.mark.slow]


def migrate(database: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0", *arguments], cwd=ROOT, env=environment(database), check=True
    )


def test_notes_from_before_get_an_organization_of_their_author(tmp_path: Path) -> None:
    database = tmp_path / "demo.sqlite3"
    migrate(database, "auth")
    migrate(database, "notes", "0001")
    with closing(sqlite3.connect(database)) as connection, connection:
        for key, name in ((1, "ada"), (2, "bob")):
            connection.execute(
                "INSERT INTO auth_user (id, username, password, first_name, last_name, email, is_staff, is_active,"
                " is_superuser, date_joined) VALUES (?, ?, '', '', '', '', 0, 1, 0, '2026-01-01')", (key, name),
            )  # fmt: skip
        connection.executemany(
            "INSERT INTO notes_note (text, created_at, owner_id) VALUES (?, '2026-01-01', ?)",
            [("Buy oat milk", 1), ("Call the plumber", 1), ("Feed the cat", 2)],
        )
    migrate(database, "notes")
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(
            "SELECT note.text, note.author_id, member.user_id FROM notes_note note"
            " JOIN notes_membership member ON member.organization_id = note.organization_id ORDER BY note.id"
        ).fetchall()
    assert found == [("Buy oat milk", 1, 1), ("Call the plumber", 1, 1), ("Feed the cat", 2, 2)]

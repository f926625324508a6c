from __future__ import annotations

import pytest

from tests.commands.clients_file import FIRST, run


@pytest.fixture
def clients(tmp_path, monkeypatch):
    """Runs an action of `oauth_clients` on a file with this text: what it printed, and its exit code."""

    def act(action, text, *options):
        file = tmp_path / "clients.toml"
        file.write_text(text, encoding="utf-8")
        return run(action, file, *options)

    monkeypatch.setenv("BILLING_SECRET", FIRST)
    return act

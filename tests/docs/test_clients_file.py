"""Every `clients.toml` on a page is applied, one after the other, and leaves nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oauth_provider.models import Client, ClientSecret
from tests.commands.clients_file import run
from tests.docs.markdown import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("page", "expected"), [("clients-as-code.md", 2), ("secrets.md", 1)])
def test_files_on_the_page_are_applied(page, expected, tmp_path: Path, monkeypatch, django_user_model):
    django_user_model.objects.create_user("ada")
    monkeypatch.setenv("BILLING_SECRET", "made-in-a-vault-and-quite-long")
    monkeypatch.setenv("BILLING_SECRET_NEXT", "made-in-a-vault-a-year-later")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "billing-next").write_text("made-in-a-vault-and-kept-in-a-file\n", encoding="utf-8")
    files = [block for block in blocks(ROOT / "docs" / page) if block.language == "toml"]
    assert len(files) == 2
    file = tmp_path / "clients.toml"
    for block in files:
        file.write_text(block.code, encoding="utf-8")
        assert run("plan", file)[1] == 2, str(block)
        assert run("apply", file)[1] == 0, str(block)
        said, _code = run("plan", file)
        assert "to create" not in said or "0 to create, 0 to change" in said, said
    assert Client.objects.count() == expected
    assert ClientSecret.objects.filter(revoked_at=None).exists()

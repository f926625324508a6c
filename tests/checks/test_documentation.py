from __future__ import annotations

import re
from pathlib import Path

from oauth_provider.checks.messages import MESSAGES

DOCS = Path(__file__).resolve().parents[2] / "docs" / "checks.md"
PACKAGE = Path(__file__).resolve().parents[2] / "oauth_provider" / "checks"


def test_every_id_has_an_anchor_in_the_documentation():
    anchors = re.findall(r'<a id="([ewi]\d{3})"></a>', DOCS.read_text())
    assert sorted(anchors) == sorted(id_.lower() for id_ in MESSAGES)


def test_every_id_is_used_by_a_check():
    source = "".join(path.read_text() for path in PACKAGE.glob("*.py") if path.name != "messages.py")
    assert [id_ for id_ in MESSAGES if f'"{id_}"' not in source] == []


def test_every_id_has_a_test():
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [id_ for id_ in MESSAGES if id_ not in tests] == []

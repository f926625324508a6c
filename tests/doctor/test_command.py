"""`oauth_doctor`: what it prints and how it exits."""

from __future__ import annotations

import json

import pytest

from oauth_provider.keys import rotation
from tests.doctor.told import run

pytestmark = pytest.mark.django_db


def test_each_group_is_printed_with_state_and_fix(settings):
    settings.SECRET_KEY = "hidden-" + "k" * 50
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    status, said = run()
    assert status == 1
    lines = said.splitlines()
    for group in ("settings", "pieces", "database", "keys", "cache", "chores", "checks"):
        assert group in lines
    at = next(number for number, line in enumerate(lines) if "DummyCache" in line)
    assert lines[at].startswith("  problem   ")
    assert lines[at + 1].startswith("            → ")
    assert lines[-1].endswith(" problem")
    assert "hidden-" not in said


def test_a_warning_fails_only_when_strict():
    rotation.ensure()
    status, said = run()
    assert status == 0, said
    assert run("--strict")[0] == 1


def test_json_is_one_list():
    _, said = run("--format", "json")
    found = json.loads(said)
    assert {"name", "state", "sentence", "fix", "group"} == set(found[0])
    assert {one["state"] for one in found} <= {"ok", "warning", "problem"}
    assert all(one["fix"] for one in found if one["state"] != "ok")

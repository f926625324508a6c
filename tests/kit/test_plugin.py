"""The pytest plug-in: with Django, and in the run of a project that has no settings at all."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import oauth_provider

ROOT = Path(oauth_provider.__file__).parents[1]
PLUGIN = "oauth_provider.testing.plugin"


def run(folder: Path, test: str, *options: str, settings: str = "") -> str:
    """A pytest of its own over one file."""
    (folder / "test_it.py").write_text(test)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_", "COV_"))}
    environment = {**own, "PYTHONPATH": str(ROOT)} | ({"DJANGO_SETTINGS_MODULE": settings} if settings else {})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN, *options, "test_it.py"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_project_without_django_settings_notices_nothing(tmp_path: Path) -> None:
    run(
        tmp_path,
        "import sys\n"
        "def test_nothing_is_imported():\n"
        "    assert 'oauth_provider.testing.plugin' in sys.modules\n"
        "    assert not [name for name in sys.modules if name.startswith(('oauth_provider.models', 'django'))]\n",
        *("-p", "no:django", "-p", "no:randomly", "-p", "no:xdist"),
    )


def test_fixtures_work_in_a_project_with_settings(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        "def test_client(oauth_client):\n"
        "    client, secret = oauth_client(profile='machine', scopes=['read'])\n"
        "    assert client.profile == 'machine' and secret.startswith('op_cs_')\n"
        "    assert oauth_client(name='Mine')[0].redirect_uris == ('https://app.example/callback',)\n"
        "def test_as_app(oauth_as_app, django_user_model):\n"
        "    ada = django_user_model.objects.create_user('ada')\n"
        "    assert oauth_as_app(user=ada, scopes='openid').get('/userinfo').status_code == 200\n",
        settings="tests.settings",
    )
    assert "2 passed" in said


def test_plugin_is_registered_under_its_own_name() -> None:
    """As the module: then `-p` and `pytest_plugins`, of a project that names it too, find the same one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {PLUGIN: PLUGIN}


def test_all_its_names_begin_with_oauth(tmp_path: Path) -> None:
    said = run(tmp_path, "def test_it(): pass\n", "--fixtures", settings="tests.settings")
    ours = said.partition(f"fixtures defined from {PLUGIN}")[2].partition("fixtures defined from")[0]
    names = {line.split()[0] for line in ours.splitlines() if " -- " in line and not line.startswith(" ")}
    assert names == {"oauth_client", "oauth_as_app", "oauth_fake_issuer"}


def test_fixture_of_the_fake_issuer_runs_what_the_kit_has(monkeypatch: Any) -> None:
    pytest.importorskip("oauth_provider.testing.fake_issuer", reason="comes with the presets of other issuers")
    from oauth_provider.testing import plugin

    issuers = plugin.oauth_fake_issuer.__wrapped__()
    assert next(issuers).issuer.startswith("http://127.0.0.1:")
    with pytest.raises(StopIteration):
        next(issuers)

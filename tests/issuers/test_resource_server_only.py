"""A site with TRUSTED_ISSUERS and no ISSUER: no table, no statement, nothing loaded of what issues."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oauth_provider.testing import FakeIssuer

ROOT = Path(__file__).resolve().parents[2]
ISSUING = ("endpoints", "server", "grants", "authorization", "consent", "sessions", "client_auth")


@pytest.fixture(scope="module", params=["keycloak", "cognito", "openid"])
def site(request) -> dict:
    with FakeIssuer(preset=request.param) as issuer:
        given = {
            # With DEBUG a site that issues has an issuer without saying so.
            "debug": request.param == "openid",
            "settings": {
                "TRUSTED_ISSUERS": issuer.settings(introspection=issuer.introspection()),
                "SCOPES": {"read": "Read"},
                **({"RESOURCES": {issuer.audience: "Notes"}} if request.param == "cognito" else {}),
            },
            "jwt": issuer.token(),
            "opaque": issuer.opaque(),
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.issuers.resource_server_site"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) | {"issuer": issuer.issuer}


def test_token_enters_without_tables_and_without_a_statement(site):
    assert site["notes"][:2] == [200, {"app": "fake-app", "user": "AnonymousUser"}]
    assert site["plain"][:2] == [200, {"app": "fake-app"}]
    assert site["opaque"][0] == 200


def test_nothing_that_issues_is_loaded(site):
    loaded = {name.split(".")[1] for name in site["loaded"]}
    assert loaded.isdisjoint(ISSUING), loaded & set(ISSUING)
    assert not [name for name in site["loaded"] if name.startswith("oauth_provider.admin.")]


def test_token_that_could_be_ours_is_refused_without_looking_for_it(site):
    assert (site["ours"][0], site["unknown"][0]) == (401, 401)


def test_metadata_names_the_issuer_and_every_challenge_names_the_metadata(site):
    status, document, _ = site["metadata"]
    assert (status, document["authorization_servers"]) == (200, [site["issuer"]])
    assert document["resource"] == "https://api.example"
    assert site["none"][0] == 401
    assert 'resource_metadata="https://api.example/.well-known/oauth-protected-resource"' in site["none"][2]


def test_checks_find_nothing_to_say(site):
    assert [id_ for id_ in site["checks"] if id_.startswith("oauth_provider.")] == []

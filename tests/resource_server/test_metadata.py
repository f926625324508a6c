"""RFC 9728: the metadata of a protected resource, and the way to it in every challenge."""

from __future__ import annotations

import pytest

from oauth_provider.testing import as_app

pytestmark = pytest.mark.django_db
WELL_KNOWN = "/.well-known/oauth-protected-resource"


def declare(settings, **resources):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": resources}


def test_site_without_resources_is_one_itself_and_costs_no_statement(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(WELL_KNOWN)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response.json()["resource"] == "https://provider.example"
    assert response.json()["authorization_servers"] == ["https://provider.example"]
    assert response.json()["bearer_methods_supported"] == ["header"]
    assert "read" in response.json()["scopes_supported"]
    assert not {"openid", "offline_access", "profile"} & set(response.json()["scopes_supported"])


def test_each_declared_resource_has_its_document_at_its_path(client, settings):
    declare(settings, **{"https://provider.example/notes": "Notes", "https://provider.example/bills/": "Bills"})
    for path, name in (("/notes", "Notes"), ("/notes/", "Notes"), ("/bills", "Bills")):
        assert client.get(WELL_KNOWN + path).json()["resource_name"] == name, path
    assert client.get(WELL_KNOWN + "/bills").json()["resource"] == "https://provider.example/bills/"
    assert client.get(WELL_KNOWN + "/mail").status_code == 404
    assert client.get(WELL_KNOWN).status_code == 404


def test_only_resource_is_told_at_the_root_too(client, settings):
    declare(settings, **{"https://provider.example/notes": "Notes"})
    assert client.get(WELL_KNOWN).json()["resource"] == "https://provider.example/notes"


def test_of_two_hosts_the_one_that_was_asked_is_told_and_the_host_never_made_up(client, settings):
    declare(settings, **{"https://localhost/api": "Here", "https://provider.example/api": "There"})
    asked = {host: client.get(WELL_KNOWN + "/api", HTTP_HOST=host).json()["resource"] for host in
             ("provider.example", "localhost", "testserver")}  # fmt: skip
    assert asked == {
        "provider.example": "https://provider.example/api",
        "localhost": "https://localhost/api",
        "testserver": "https://localhost/api",
    }


@pytest.mark.parametrize("path", ["/%00", "/..%2f..%2fetc", "/" + "a" * 3000, "/ünï"])
def test_C63_odd_paths_are_not_found(client, path):
    assert client.get(WELL_KNOWN + path).status_code == 404


def test_any_origin_may_read_it(client):
    response = client.get(WELL_KNOWN, HTTP_ORIGIN="https://elsewhere.example")
    assert response["Access-Control-Allow-Origin"] == "https://elsewhere.example"


@pytest.mark.urls("tests.resource_server.urls_with_metadata")
@pytest.mark.parametrize("address", ["/notes", "/plain"])
def test_RS5_every_challenge_leads_to_it(client, settings, address):
    told = f'resource_metadata="https://provider.example{WELL_KNOWN}'
    assert told + '"' in client.get(address)["WWW-Authenticate"]
    assert told + '"' in client.get(address, HTTP_AUTHORIZATION="Bearer nonsense")["WWW-Authenticate"]
    lacking = as_app(client, scopes="write").get(address)
    assert lacking.status_code == 403
    assert told + '"' in lacking["WWW-Authenticate"]


@pytest.mark.urls("tests.resource_server.api")
def test_challenge_tells_no_address_that_nobody_serves(client):
    assert "resource_metadata" not in client.get("/notes")["WWW-Authenticate"]

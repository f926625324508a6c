from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import path

from oauth_provider.scopes import Scope
from tests.checks.sites import AT_ROOT, UNDER_PREFIX, found

RESOURCE = "https://provider.example/mcp"
SITE = {
    "ISSUER": "https://provider.example",
    "SCOPES": {
        "read": "Read",
        "pay": Scope("pay", "Pay", sensitive=True),
        "all": Scope("all", "All", implies=("pay",)),
    },
}
ALL = {"E075", "E076", "W077", "W075", "W076", "W078"}


def ours(mcp, *, deploy=False, urls=AT_ROOT, debug=False, **more):
    with override_settings(ROOT_URLCONF=urls, DEBUG=debug, OAUTH_PROVIDER={**SITE, "MCP": mcp, **more}):
        messages = found(deploy=deploy)
    return {id_: said for id_, said in messages.items() if id_ in {*ALL, "E002", "W120", "W121", "W122"}}


@pytest.mark.parametrize(
    "mcp",
    [{}, {"resource": RESOURCE}, {"resource": RESOURCE, "scopes": ["read"], "client_hosts": [], "registration": "off"}],
)
def test_setting_that_is_right(mcp):
    assert ours(mcp) == {}


@pytest.mark.parametrize(
    ("mcp", "said"),
    [
        ("https://provider.example/mcp", "it must be a dict"),
        ({"scopes": ["read"]}, "'resource' must be the http(s) address"),
        ({"resource": "provider.example/mcp"}, "'resource' must be the http(s) address"),
        ({"resource": "https://[/mcp"}, "'resource' must be the http(s) address"),
        ({"resource": 3}, "'resource' must be the http(s) address"),
        ({"resource": RESOURCE + "/"}, "must not end with a slash"),
        ({"resource": RESOURCE + "?a=b"}, "must not have a query"),
        ({"resource": RESOURCE + "#a"}, "must not have a query, a fragment"),
        ({"resource": "https://me@provider.example/mcp"}, "must not have a user name"),
        ({"resource": "https://Provider.example/mcp"}, "host in lower case"),
        ({"resource": RESOURCE, "hosts": []}, "it has no key 'hosts'"),
        ({"resource": RESOURCE, "scopes": ["reed"]}, "these scopes do not exist: reed"),
        ({"resource": RESOURCE, "scopes": "read"}, "'scopes': it must be a list"),
        (
            {"resource": RESOURCE, "client_hosts": ["https://app.example"]},
            "'client_hosts': 'https://app.example' is not",
        ),
        *(
            ({"resource": RESOURCE, "redirect_uris": uris}, "'redirect_uris': ")
            for uris in ("agent://cb", ["https://a.example"], ["agent:"], ["javascript:alert(1)"], ["agent://*"], [3])
        ),
        ({"resource": RESOURCE, "registration": "token"}, "'registration': it must be 'open' or 'off'"),
    ],
)
def test_E002_setting_that_is_wrong(mcp, said):
    messages = ours(mcp, deploy=True)
    assert set(messages) == {"E002"}
    assert said in messages["E002"]


def test_E075_resource_that_is_not_https():
    assert "E075" in ours({"resource": "http://provider.example/mcp"})
    assert "E075" not in ours({"resource": "http://provider.example/mcp"}, debug=True)


def test_E076_resource_that_is_another_audience_too():
    assert "is the issuer too" in ours({"resource": "https://provider.example"})["E076"]
    assert "is in RESOURCES too" in ours({"resource": RESOURCE}, RESOURCES={RESOURCE: "Notes"})["E076"]
    assert "E076" not in ours({"resource": RESOURCE}, RESOURCES={"https://provider.example/api": "Notes"})


def test_W077_metadata_that_is_not_where_clients_look():
    served = ours({"resource": RESOURCE}, urls=UNDER_PREFIX, ISSUER="https://provider.example/o")
    assert "/.well-known/oauth-protected-resource/mcp" in served["W077"]
    # A site that has not included our URLs yet.
    assert "W077" not in ours({"resource": RESOURCE}, urls=(path("front", lambda _: None),))


@pytest.mark.parametrize(
    ("more", "ways"),
    [
        ({}, "documents of every host are read and anybody may register."),
        ({"client_hosts": ["app.example"]}, "here: anybody may register."),
        ({"registration": "off"}, "here: documents of every host are read."),
    ],
)
def test_W075_anybody_may_come_and_no_other_check_says_it_again(more, ways):
    messages = ours({"resource": RESOURCE, "scopes": ["read"], **more}, deploy=True)
    assert set(messages) == {"W075"}
    assert ways in messages["W075"]


def test_W075_is_silent_where_only_known_hosts_come():
    quiet = {"client_hosts": ["app.example"], "registration": "off", "scopes": ["read"]}
    assert ours({"resource": RESOURCE, **quiet}, deploy=True) == {}


def test_W076_sensitive_permissions():
    assert "server: pay, all." in ours({"resource": RESOURCE}, deploy=True)["W076"]
    assert "W076" not in ours({"resource": RESOURCE, "client_hosts": [], "registration": "off"}, deploy=True)


def test_W078_addresses_that_any_program_can_take():
    given = {"resource": RESOURCE, "redirect_uris": ["agent://maker.agent/callback"]}
    assert "redirected to agent://maker.agent/callback:" in ours(given, deploy=True)["W078"]
    assert "W078" not in ours(given)

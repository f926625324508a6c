"""The setting MCP beside the others that let clients in: which of them decides what a client may have."""

from __future__ import annotations

import pytest

from oauth_provider.clients import mcp
from oauth_provider.models import Client
from tests.documents.published import Ask, Published, make_stale
from tests.flow import Registered, claims_of, machine_token, query_of, refresh
from tests.register import client_of, post, put, registered

pytestmark = pytest.mark.django_db

RESOURCE = "https://provider.example/mcp"
AGENT = {"client_name": "Agent", "redirect_uris": ["https://agent.example/cb"], "token_endpoint_auth_method": "none",
         "grant_types": ["authorization_code", "refresh_token"]}  # fmt: skip


@pytest.fixture(autouse=True)
def change(settings):
    def set_(**values):
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **values}

    set_(
        MCP={"resource": RESOURCE, "scopes": ["write"]},
        REGISTRATION_SCOPES=["openid", "read"],
        REGISTRATIONS_PER_HOUR=10_000,
        DEFAULT_SCOPES=["read"],
    )
    return set_


def limits_of(answer):
    row = client_of(answer).row
    return row.profile, sorted(row.allowed_scopes), mcp.is_held(row)


HELD = ("mcp", ["write"], True)


def test_off_registers_for_mcp_alone_and_takes_no_token(initial_access_token):
    assert limits_of(registered(AGENT)) == HELD
    assert post(AGENT, initial_access_token).status_code == 401


def test_token_registers_as_before_and_without_one_for_mcp_alone(change, initial_access_token):
    change(DYNAMIC_REGISTRATION="token")
    assert limits_of(registered(AGENT)) == HELD
    assert limits_of(registered(AGENT, initial_access_token)) == ("mcp", ["openid", "read"], False)


def test_open_registers_as_before_unless_more_is_asked_for_than_everybody_may_have(change, flow):
    change(DYNAMIC_REGISTRATION="open")
    assert limits_of(registered({**AGENT, "scope": "write"})) == HELD
    assert post({**AGENT, "scope": "write read"}).status_code == 400
    for more in ({}, {"scope": "read"}, {"scope": 7}):
        response = post({**AGENT, **more})
        assert response.status_code == (400 if more == {"scope": 7} else 201)
    client = client_of(registered(AGENT))
    assert limits_of(registered(AGENT)) == ("mcp", ["openid", "read"], False)
    # For the site as before; for MCP when it asks.
    assert audience_of(flow.tokens(client)) == "https://provider.example"
    assert audience_of(flow.tokens(client, resource=RESOURCE)) == RESOURCE
    assert audience_of(flow.tokens(client, resource="https://provider.example")) == "https://provider.example"


def test_declared_resources_stay_what_a_client_of_dynamic_registration_may_ask_for(change, flow):
    notes = "https://notes.example"
    change(DYNAMIC_REGISTRATION="open", RESOURCES={notes: "Notes"})
    client = client_of(registered(AGENT))
    assert audience_of(flow.tokens(client)) == notes
    assert audience_of(flow.tokens(client, resource=RESOURCE)) == RESOURCE
    held = client_of(registered({**AGENT, "scope": "write"}))
    assert audience_of(flow.tokens(held, scope="write")) == RESOURCE
    assert error_of(flow.authorize(held, scope="write", resource=notes)) == "invalid_target"


def test_off_in_mcp_leaves_dynamic_registration_alone(change, initial_access_token):
    change(MCP={"resource": RESOURCE, "registration": "off"}, DYNAMIC_REGISTRATION="token")
    assert post(AGENT).status_code == 401
    assert limits_of(registered(AGENT, initial_access_token))[2] is False


def test_registration_can_be_changed_but_not_into_more(change):
    answer = registered({**AGENT, "application_type": "web"})
    again = put(answer, client_name="Agent 2", redirect_uris=["http://127.0.0.1/cb"], application_type="native")
    assert again.status_code == 200, again.content
    assert limits_of(answer) == HELD
    more = put({**answer, **again.json()}, scope="write read")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_client_metadata")


def test_client_with_a_secret_is_held_too(flow):
    client = client_of(registered({**AGENT, "token_endpoint_auth_method": "client_secret_post"}))
    assert mcp.is_held(client.row)
    assert error_of(flow.authorize(client, scope="write", resource="https://provider.example")) == "invalid_target"


def test_scope_that_the_setting_no_longer_has_is_given_to_nobody(change, flow):
    client = client_of(registered(AGENT))
    change(MCP={"resource": RESOURCE, "scopes": ["read"]})
    assert error_of(flow.authorize(client, scope="write")) == "invalid_scope"


@pytest.mark.parametrize("setting", [{}, {"resource": "https://provider.example/other"}])
def test_client_stays_held_when_the_setting_changes_or_goes(change, flow, setting):
    client = client_of(registered(AGENT))
    code = flow.code(client, scope="write")
    tokens = flow.redeem(client, code).json()
    change(MCP=setting)
    assert mcp.is_held(client.row)
    for resource in ("https://provider.example", RESOURCE):
        assert error_of(flow.authorize(client, scope="write", resource=resource)) in {"invalid_target", "invalid_scope"}
    if not setting:
        assert refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_target"
        assert error_of(flow.authorize(client, scope="write", resource=RESOURCE)) in {"invalid_target", "invalid_scope"}
    else:
        assert audience_of(refresh(client, tokens["refresh_token"]).json()) == setting["resource"]


def test_client_registered_by_hand_for_this_resource_alone_is_held_and_others_are_not(change):
    only, both = (
        Registered(*Client.objects.register(name="Agent", profile="machine", scopes=["read", "write"], resources=uris))
        for uris in ([RESOURCE], ["https://provider.example", RESOURCE])
    )
    assert audience_of(machine_token(only, scope="write").json()) == RESOURCE
    assert machine_token(only, scope="write", resource="https://provider.example").json()["error"] == "invalid_target"
    assert machine_token(only, scope="read").json()["error"] == "invalid_scope"
    assert audience_of(machine_token(both, scope="read").json()) == "https://provider.example"
    assert audience_of(machine_token(both, scope="read", resource=RESOURCE).json()) == RESOURCE


def test_switching_mcp_on_changes_nobody_s_tokens(change, flow, conf_client, machine_client):
    for client, tokens in (
        (conf_client, flow.tokens(conf_client)),
        (machine_client, machine_token(machine_client).json()),
    ):
        assert audience_of(tokens) == "https://provider.example", client


@pytest.fixture
def document(internet) -> Published:
    published = Published("https://app.example/client.json")
    published.listener = internet.site("app.example", published.answer)
    return published


def test_document_of_a_named_host_has_what_it_had_and_may_ask_for_mcp(change, document, flow):
    change(CLIENT_ID_METADATA_HOSTS=["app.example"])
    flow.authorize(Ask())
    assert document.row.allowed_scopes == ["openid", "read"]
    assert audience_of(flow.tokens(document.registered)) == "https://provider.example"
    assert audience_of(flow.tokens(document.registered, resource=RESOURCE)) == RESOURCE


def test_document_whose_host_is_no_longer_named_is_held_from_then_on(change, document, flow):
    change(CLIENT_ID_METADATA_HOSTS=["app.example"])
    flow.authorize(Ask())
    assert audience_of(flow.tokens(document.registered)) == "https://provider.example"
    change(CLIENT_ID_METADATA_HOSTS=[])
    assert error_of(flow.authorize(document.registered, scope="read")) == "invalid_scope"
    change(MCP={"resource": RESOURCE, "scopes": ["read"]})
    assert error_of(flow.authorize(document.registered, resource="https://provider.example")) == "invalid_target"
    assert audience_of(flow.tokens(document.registered, scope="read")) == RESOURCE


def test_client_is_what_its_host_is_when_its_document_is_read_again(change, document, flow):
    flow.authorize(Ask(), scope="write")
    assert (document.row.allowed_scopes, document.row.resources) == (["write"], [RESOURCE])
    change(CLIENT_ID_METADATA_HOSTS=["app.example"])
    make_stale(document.row)
    flow.authorize(Ask(), scope="read")
    assert (document.row.allowed_scopes, document.row.resources) == (["openid", "read"], [])
    change(CLIENT_ID_METADATA_HOSTS=[])
    make_stale(document.row)
    flow.authorize(Ask(), scope="write")
    assert (document.row.allowed_scopes, document.row.resources) == (["write"], [RESOURCE])
    # What an admin took stays taken.
    Client.objects.update(allowed_scopes=[], resources=["https://provider.example"])
    make_stale(document.row)
    flow.authorize(Ask(), scope="write")
    assert (document.row.allowed_scopes, document.row.resources) == ([], ["https://provider.example"])


def test_scope_in_a_document_is_what_it_starts_with_and_no_limit(internet, flow, change):
    change(MCP={"resource": RESOURCE, "scopes": ["read", "write"]})
    published = Published("https://app.example/client.json", {"scope": "read nonsense"})
    published.listener = internet.site("app.example", published.answer)
    assert flow.authorize(Ask(), scope=None).status_code == 200
    assert (published.row.allowed_scopes, published.row.default_scopes) == (["read", "write"], ["read"])


def audience_of(tokens):
    return claims_of(tokens["access_token"])["aud"]


def error_of(response):
    return query_of(response["Location"])["error"]

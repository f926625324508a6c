"""MCP authorization (2026-07-28) and what it builds on: a test a sentence, for a site with the one setting.

Shown elsewhere: S256 and downgrades in `test_rfc7636.py`; documents, what they may say, where they are fetched from,
size, time, redirects, caching and inner addresses in `tests/documents/` and `tests/outbound/`; limits of registration
and what nobody confirms in `tests/registration/`; rotation, reuse and the leeway in `tests/tokens/`; clients
registered by hand in `tests/registration/test_profiles.py`. That both SDKs sign in unchanged: `tests/mcp/`. Not
served yet: `private_key_jwt` in documents, which are refused for it, and the extensions (ID-JAG, DPoP when issuing).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.test import Client as Browser
from django.urls import include, path

from oauth_provider.models import Client
from oauth_provider.resource_server.asgi import protect
from oauth_provider.resource_server.decorators import scope_required
from oauth_provider.scopes import Scope
from oauth_provider.testing import as_app
from tests.asgi import request
from tests.documents.published import Ask, Published
from tests.flow import Registered, claims_of, post_form, query_of, refresh, userinfo
from tests.register import client_of, post, registered

pytestmark = pytest.mark.django_db

ISSUER, RESOURCE = "https://provider.example", "https://provider.example/mcp"
WELL_KNOWN = "/.well-known/oauth-protected-resource"
AGENT = {
    "client_name": "Agent",
    "redirect_uris": ["http://127.0.0.1/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}


@pytest.fixture(autouse=True)
def mcp(settings):
    """Change the setting, or another."""
    plain = {
        **settings.OAUTH_PROVIDER,
        "SCOPES": {
            "notes:read": "Read your notes",
            "notes:write": Scope("notes:write", "Change your notes", implies=("notes:read",)),
            "read": "Read everything",
        },
    }

    def set_(others=None, **more):
        own = {"resource": RESOURCE, "scopes": ["notes:read", "notes:write"], **more}
        settings.OAUTH_PROVIDER = {**plain, "MCP": own, **(others or {})}

    set_()
    return set_


@pytest.fixture
def agent() -> Registered:
    """An agent that registered itself."""
    return client_of(registered(AGENT))


@pytest.fixture
def document(internet) -> Published:
    """An agent known by its document."""
    published = Published("https://app.example/client.json")
    published.listener = internet.site("app.example", published.answer)
    return published


def tokens_of(flow, agent, **changes):
    return flow.tokens(agent, **{"scope": "notes:read", "resource": RESOURCE, **changes})


async def server(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


protected = protect(server, scopes=["notes:read"], resource=RESOURCE)


# Authorization server


@pytest.mark.parametrize("method", ["none", "client_secret_post"])
def test_oauth21_is_there_for_public_and_for_confidential_clients(flow, method):
    client = client_of(registered({**AGENT, "token_endpoint_auth_method": method}))
    assert client.row.profile == "mcp"
    claims = claims_of(tokens_of(flow, client)["access_token"])
    assert (claims["aud"], claims["scope"], claims["client_id"]) == (RESOURCE, "notes:read", client.client_id)


@pytest.mark.parametrize(
    ("issuer", "places"),
    [
        (ISSUER, ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]),
        (
            f"{ISSUER}/id",
            [
                "/.well-known/oauth-authorization-server/id",
                "/.well-known/openid-configuration/id",
                "/id/.well-known/openid-configuration",
            ],
        ),
    ],
)
def test_metadata_stands_wherever_clients_look_and_names_the_issuer_they_asked_for(mcp, settings, issuer, places):
    mcp({"ISSUER": issuer})
    if issuer != ISSUER:
        settings.ROOT_URLCONF = "tests.site.urls_prefix"
    for place in places:
        metadata = Browser().get(place).json()
        assert metadata["issuer"] == issuer, place
        assert metadata["code_challenge_methods_supported"] == ["S256"]
        assert metadata["authorization_response_iss_parameter_supported"] is True
        assert metadata["client_id_metadata_document_supported"] is True
        assert metadata["registration_endpoint"] == f"{issuer}/register"
        endpoints = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
        assert all(value.startswith("https://") for value in endpoints)


def test_metadata_says_only_what_is_switched_on(mcp):
    mcp(client_hosts=[], registration="off")
    metadata = Browser().get("/.well-known/oauth-authorization-server").json()
    assert not {"client_id_metadata_document_supported", "registration_endpoint"} & set(metadata)
    assert post(AGENT).status_code == 404


def test_pkce_is_required_and_a_code_is_worth_nothing_without_its_verifier(flow, agent):
    asked = {"scope": "notes:read", "resource": RESOURCE}
    location = flow.authorize(agent, code_challenge=None, code_challenge_method=None, **asked)["Location"]
    assert query_of(location)["error"] == "invalid_request"
    refused = flow.redeem(agent, flow.code(agent, **asked), code_verifier=None)
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_iss_stands_in_success_and_in_error(flow, agent, decision):
    answer = query_of(flow.location(agent, decision, scope="notes:read", resource=RESOURCE))
    assert ("code" in answer) is (decision == "allow")
    assert (answer["iss"], answer["state"]) == (ISSUER, "xyz123")
    assert set(answer) in ({"code", "iss", "state"}, {"error", "error_description", "iss", "state"})


def test_resource_of_both_requests_becomes_the_audience_also_when_refreshing(flow, agent):
    asked = {"scope": "notes:read", "resource": RESOURCE}
    tokens = flow.redeem(agent, flow.code(agent, **asked), resource=RESOURCE).json()
    assert claims_of(tokens["access_token"])["aud"] == RESOURCE
    renewed = refresh(agent, tokens["refresh_token"], resource=RESOURCE).json()
    assert claims_of(renewed["access_token"])["aud"] == RESOURCE


def test_client_that_names_no_resource_and_no_scope_gets_tokens_for_this_one(flow, agent):
    claims = claims_of(flow.tokens(agent, scope=None)["access_token"])
    assert (claims["aud"], claims["scope"]) == (RESOURCE, "notes:read notes:write")


@pytest.mark.parametrize("resource", ["HTTPS://provider.example/mcp", "https://Provider.EXAMPLE/mcp"])
def test_canonical_uri_is_the_same_in_capitals(flow, agent, resource):
    code = flow.code(agent, scope="notes:read", resource=resource)
    tokens = flow.redeem(agent, code, resource=resource).json()
    assert claims_of(tokens["access_token"])["aud"] == RESOURCE
    assert refresh(agent, tokens["refresh_token"], resource=resource).status_code == 200


@pytest.mark.parametrize(
    "resource",
    [
        f"{RESOURCE}/",
        f"{RESOURCE}#part",
        f"{RESOURCE}?a=b",
        "https://provider.example/MCP",
        "https://other.example/mcp",
        "http://provider.example/mcp",
        ISSUER,
    ],
)
def test_any_other_resource_is_invalid_target(flow, agent, resource):
    location = flow.authorize(agent, scope="notes:read", resource=resource)["Location"]
    assert query_of(location)["error"] == "invalid_target"


def test_root_of_a_host_may_be_written_with_its_slash(mcp, flow):
    mcp({"ISSUER": f"{ISSUER}/id"}, resource="https://mcp.example")
    client = client_of(registered(AGENT))
    for resource in ("https://mcp.example", "https://mcp.example/"):
        code = flow.code(client, scope="notes:read", resource=resource)
        assert claims_of(flow.redeem(client, code).json()["access_token"])["aud"] == "https://mcp.example"


def test_document_of_any_host_is_enough(flow, document):
    page = flow.authorize(Ask(), scope="notes:read", resource=RESOURCE)
    assert page.status_code == 200
    row = document.row
    assert (row.profile, row.resources, row.allowed_scopes) == ("mcp", [RESOURCE], ["notes:read", "notes:write"])
    assert claims_of(tokens_of(flow, document.registered)["access_token"])["aud"] == RESOURCE


def test_trust_is_by_host_where_the_site_names_some(mcp, flow, document):
    mcp(client_hosts=[".agents.example"])
    assert flow.authorize(Ask(), scope="notes:read").status_code == 400
    assert document.listener.connections == 0
    mcp(client_hosts=["app.example"])
    assert flow.authorize(Ask(), scope="notes:read").status_code == 200


def test_ids_we_make_never_look_like_an_address(agent):
    assert agent.client_id.startswith("c_")


@pytest.mark.parametrize(
    ("redirect_uri", "application_type"),
    [
        ("http://127.0.0.1/cb", "native"),
        ("http://localhost:3334/oauth/callback", "native"),
        ("http://[::1]/cb", "native"),
        ("https://agent.example/cb", "web"),
    ],
)
@pytest.mark.parametrize("sent", [None, "native", "web"])
def test_registration_takes_https_and_loopback_whatever_the_client_calls_itself(redirect_uri, application_type, sent):
    more = {} if sent is None else {"application_type": sent}
    answer = registered({**AGENT, "redirect_uris": [redirect_uri], **more})
    assert answer["application_type"] == application_type
    assert client_of(answer).row.profile == "mcp"


@pytest.mark.parametrize(
    "redirect_uri", ["http://agent.example/cb", "com.example.agent:/cb", "cursor://callback", "https://a.example/cb#f"]
)
def test_registration_refuses_any_other_redirect_uri_and_says_so(redirect_uri):
    response = post({**AGENT, "redirect_uris": [redirect_uri]})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")
    assert response.json()["error_description"]


def test_address_that_the_site_names_is_taken_sign_for_sign(mcp, flow):
    named = "cursor://anysphere.cursor-mcp/oauth/callback"
    mcp(redirect_uris=[named])
    client = client_of(registered({**AGENT, "redirect_uris": ["https://agent.example/cb", named]}))
    assert flow.location(client, redirect_uri=named, scope="notes:read").startswith(f"{named}?code=")
    for other in (f"{named}/", "cursor://callback", "com.example:/cb", "http://agent.example/cb"):
        assert post({**AGENT, "redirect_uris": [other]}).status_code == 400, other
    # The profile for desktop apps has its own rule.
    with pytest.raises(ValidationError):
        Client.objects.register(name="Desktop", profile="native", redirect_uris=[named])


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "redirect_uris": []},
        {"scope": "notes:read read"},
        {"scope": "openid"},
    ],
)
def test_registration_gives_nothing_but_the_code_and_the_scopes_of_mcp(changes):
    response = post({**AGENT, **changes})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    assert not Client.objects.exists()


def test_redirect_uris_match_exactly(flow, agent):
    for redirect_uri in ("http://127.0.0.1/callback/", "http://127.0.0.1/callback?a", "https://127.0.0.1/callback"):
        assert flow.authorize(agent, redirect_uri=redirect_uri, scope="notes:read").status_code == 400


def test_page_shows_where_the_person_goes_who_speaks_and_warns_of_loopback(flow, agent, document):
    page = flow.authorize(agent, scope="notes:read").content.decode()
    assert "You will return to an app on this device." in page
    assert "127.0.0.1" in page
    page = flow.authorize(Ask(), scope="notes:read").content.decode()
    assert '<strong><bdi dir="ltr">app.example</bdi></strong>' in page


@pytest.mark.parametrize("method", ["none", "client_secret_post"])
def test_AS23_person_is_asked_each_time_and_told_so(flow, method):
    client = client_of(
        registered({**AGENT, "redirect_uris": ["https://agent.example/cb"], "token_endpoint_auth_method": method})
    )
    tokens_of(flow, client)
    page = flow.authorize(client, scope="notes:read", resource=RESOURCE)
    assert page.status_code == 200
    assert "You will be asked each time" in page.content.decode()
    silent = flow.authorize(client, scope="notes:read", prompt="none")["Location"]
    assert query_of(silent)["error"] == "consent_required"


def test_tokens_are_short_lived_and_refresh_tokens_rotate_with_a_leeway(flow, agent):
    tokens = tokens_of(flow, agent)
    assert tokens["expires_in"] == 600
    first, second = (refresh(agent, tokens["refresh_token"]).json() for _ in range(2))
    # Two of its machines refreshed at once: both go on.
    assert first["refresh_token"] == second["refresh_token"] != tokens["refresh_token"]
    refresh(agent, first["refresh_token"])
    assert refresh(agent, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_offline_access_is_understood_and_given_no_name(flow):
    client = client_of(registered({**AGENT, "scope": "notes:read offline_access"}))
    tokens = tokens_of(flow, client, scope="notes:read offline_access")
    assert (tokens["scope"], "refresh_token" in tokens) == ("notes:read", True)


def test_token_response_is_no_store_and_code_is_for_once(flow, agent):
    code = flow.code(agent, scope="notes:read")
    response = flow.redeem(agent, code)
    assert response["Cache-Control"] == "no-store"
    assert {"access_token", "token_type"} <= set(response.json())
    assert flow.redeem(agent, code).json()["error"] == "invalid_grant"


def test_browser_agents_may_read_metadata_register_and_call_the_token_endpoint_from_their_origin(document, flow):
    def allowed(place, origin):
        answer = Browser().options(place, HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")
        return answer.headers.get("Access-Control-Allow-Origin") == origin

    registered({**AGENT, "redirect_uris": ["https://agent.example/cb"]})
    flow.authorize(Ask(), scope="notes:read")
    for place in (f"{WELL_KNOWN}/mcp", "/.well-known/oauth-authorization-server", "/register"):
        assert allowed(place, "https://anybody.example"), place
    for origin, may in (("https://agent.example", True), ("https://app.example", True), ("https://a.example", False)):
        assert allowed("/token", origin) is may, origin
    assert not allowed("/authorize", "https://agent.example")


# Resource server


def test_metadata_of_the_resource(client):
    document = client.get(f"{WELL_KNOWN}/mcp").json()
    assert document["resource"] == RESOURCE
    assert document["authorization_servers"] == [ISSUER]
    assert document["scopes_supported"] == ["notes:read", "notes:write"]
    assert document["bearer_methods_supported"] == ["header"]


def test_without_scopes_in_the_setting_all_are_supported_but_those_of_staff_and_of_sign_in(mcp, settings, client):
    mcp()
    power = {"power": Scope("power", "Power", staff=True), "more": Scope("more", "More", implies=("power",))}
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "SCOPES": {**settings.OAUTH_PROVIDER["SCOPES"], **power, "email": "Your address", "offline_access": "Stay"},
        "MCP": {"resource": RESOURCE},
    }
    supported = client.get(f"{WELL_KNOWN}/mcp").json()["scopes_supported"]
    assert supported == ["notes:read", "notes:write", "read"]
    assert client_of(registered(AGENT)).row.allowed_scopes == supported


def test_root_belongs_to_the_site_s_own_api_and_to_mcp_only_where_there_is_no_other(mcp, client):
    assert client.get(WELL_KNOWN).json()["resource"] == ISSUER
    mcp({"RESOURCES": {f"{ISSUER}/api": "API"}})
    assert client.get(WELL_KNOWN).json()["resource"] == f"{ISSUER}/api"
    assert client.get(f"{WELL_KNOWN}/mcp").json()["resource"] == RESOURCE
    mcp({"ISSUER": ""})
    assert client.get(WELL_KNOWN).json()["resource"] == RESOURCE
    mcp({"ISSUER": f"{ISSUER}/id"}, resource="https://mcp.example")
    assert client.get(WELL_KNOWN).json()["resource"] == "https://mcp.example"


def test_first_401_leads_to_the_metadata_and_names_the_scope():
    answered = request(protected)
    assert answered.status == 401
    assert answered.challenge.startswith(
        f'Bearer realm="api", scope="notes:read", resource_metadata="{ISSUER}{WELL_KNOWN}/mcp", DPoP '
    )


def test_RS2_token_for_this_server_is_refused_by_the_site_and_the_other_way_round(flow, agent, alice, client, settings):
    settings.ROOT_URLCONF = (
        path("", include("tests.budgets.urls")),
        path("", include("oauth_provider.urls")),
    )
    value = tokens_of(flow, agent)["access_token"]
    assert request(protected, value).status == 200
    for place in ("/rest", "/plain"):
        refused = client.get(place, HTTP_AUTHORIZATION=f"Bearer {value}")
        assert (refused.status_code, refused.json()["reason"]) == (401, "wrong_audience")
    of_site = as_app(client, user=alice, scopes="notes:read notes:write read")
    assert of_site.get("/rest").status_code == 200
    refused = request(protected, of_site.token)
    assert (refused.status, refused.json["reason"]) == (401, "wrong_audience")
    assert userinfo(value).status_code == 403


def test_RS2_view_of_django_belongs_to_the_mcp_server_by_naming_its_resource(flow, agent, settings, client):
    of_mcp = scope_required("notes:read", resource=RESOURCE)(
        lambda request: JsonResponse({"aud": request.access.audience})
    )
    settings.ROOT_URLCONF = (path("tools", of_mcp), path("", include("oauth_provider.urls")))
    value = tokens_of(flow, agent)["access_token"]
    assert client.get("/tools", HTTP_AUTHORIZATION=f"Bearer {value}").json() == {"aud": [RESOURCE]}
    assert f"{WELL_KNOWN}/mcp" in client.get("/tools")["WWW-Authenticate"]


def test_broader_scope_implies_the_narrower(flow, agent):
    value = tokens_of(flow, agent, scope="notes:write")["access_token"]
    assert request(protected, value).status == 200


def test_insufficient_scope_is_403_and_names_every_scope_of_the_operation(flow, agent):
    value = tokens_of(flow, agent)["access_token"]
    answered = request(protect(server, scopes=["notes:read", "notes:write"], resource=RESOURCE), value)
    assert answered.status == 403
    assert 'error="insufficient_scope", scope="notes:read notes:write"' in answered.challenge
    assert f'resource_metadata="{ISSUER}{WELL_KNOWN}/mcp"' in answered.challenge


def test_invalid_token_is_401_and_a_malformed_request_400(flow, agent):
    assert request(protected, "nonsense").status == 401
    value = tokens_of(flow, agent)["access_token"]
    assert request(protected, query=f"access_token={value}".encode()).status == 400
    revoked = post_form(Browser(), "/revoke", {"token": value, "client_id": agent.client_id})
    assert revoked.status_code == 200
    assert request(protected, value).status == 401


def test_addresses_in_challenge_and_metadata_are_one():
    challenge = request(protected).challenge
    address = urlsplit(challenge.partition('resource_metadata="')[2].partition('"')[0])
    assert Browser().get(address.path).json()["resource"] == RESOURCE

"""RFC 8252, OAuth 2.0 for Native Apps: a test a sentence."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from oauth_provider.models import Client
from tests.flow import query_of

pytestmark = pytest.mark.django_db


def _native(uri):
    return Client.objects.register(name="App", profile="native", redirect_uris=[uri], scopes=["read"])


@pytest.mark.parametrize("asked", ["http://127.0.0.1:49152/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1/cb"])
def test_rfc8252_7_3_loopback_port_is_free(flow, public_client, asked):
    assert flow.authorize(public_client, redirect_uri=asked).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "http://127.0.0.1:49152/other",
        "http://127.0.0.2:49152/cb",
        "http://localhost:49152/cb",
        "http://[::1]:49152/cb",
        "https://127.0.0.1:49152/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:1@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
    ],
)
def test_rfc8252_7_3_only_the_port_is_free(flow, public_client, asked):
    assert flow.authorize(public_client, redirect_uri=asked).status_code == 400


def test_rfc8252_7_3_ipv6_loopback(flow):
    from tests.flow import Registered

    client = Registered(*_native("http://[::1]/cb"))
    assert flow.authorize(client, redirect_uri="http://[::1]:5000/cb").status_code == 200


def test_rfc8252_7_3_port_of_other_hosts_is_not_free(flow, public_client):
    assert flow.authorize(public_client, redirect_uri="https://pub.example:8443/cb").status_code == 400


def test_rfc8252_7_1_private_use_scheme(flow, public_client):
    location = flow.location(public_client, redirect_uri="com.example.app:/cb")
    assert location.startswith("com.example.app:/cb?code=")


@pytest.mark.parametrize("uri", ["myapp:/cb", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_rfc8252_8_4_private_use_scheme_is_a_reversed_domain_name(uri):
    with pytest.raises(ValidationError):
        _native(uri)


def test_rfc8252_8_1_public_native_app_must_use_pkce(flow, public_client):
    answer = query_of(flow.authorize(public_client, code_challenge=None, code_challenge_method=None)["Location"])
    assert answer["error"] == "invalid_request"


def test_rfc8252_8_2_implicit_is_not_served(flow, public_client):
    answer = query_of(flow.authorize(public_client, response_type="token")["Location"])
    assert answer["error"] == "unsupported_response_type"


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "com.example.app:/cb"])
def test_rfc8252_8_6_app_that_could_be_impersonated_asks_each_time(flow, public_client, uri):
    for _ in range(2):
        page = flow.authorize(public_client, redirect_uri=uri)
        assert page.status_code == 200
        flow.decide(page)

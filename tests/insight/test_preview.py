"""What a client would get, beside what it gets when it asks: the same, and nothing is written to say it."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from oauth_provider.clients import change
from oauth_provider.insight.preview import EXAMPLES, Preview, Refused, preview
from oauth_provider.models import Client, Consent, SigningKey
from tests.flow import machine_token, userinfo
from tests.insight.conftest import BASE, row_counts, text_of
from tests.insight.scan import everything_kept

pytestmark = pytest.mark.django_db


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _signature = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))


def lasting(claims: Any) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in EXAMPLES}


def address_of(client: Client) -> str:
    return f"{BASE}{client.pk}/preview/"


def show(browser: Browser, client: Client, **asked: Any) -> Any:
    return browser.get(address_of(client), {"preview": "1", **asked})


def box(response: Any, number: int) -> Any:
    """The JSON of one of the boxes on the page."""
    found = re.findall(r"<pre[^>]*>(.*?)</pre>", response.content.decode(), flags=re.DOTALL)
    return json.loads(html.unescape(found[number]))


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
@pytest.mark.parametrize("scope", ["read", "openid read write"])
def test_preview_is_what_the_code_flow_then_issues(flow, conf_client, alice, token_format, scope):
    conf_client.row.change(token_format=token_format, refresh_token_idle_lifetime=1000, access_token_lifetime=77)
    flow.tokens(conf_client, scope="openid read")  # the subject and the keys exist
    before = preview(conf_client.row, user=alice, scope=scope)
    tokens = flow.tokens(conf_client, scope=scope, prompt="consent")
    assert isinstance(before, Preview)
    assert " ".join(before.scopes) == tokens["scope"]
    assert before.lifetime == tokens["expires_in"] == 77
    assert (before.refresh_token is not None) == ("refresh_token" in tokens)
    assert before.refresh_token.idle == 1000
    assert (before.id_token is not None) == ("id_token" in tokens)
    if token_format == "jwt":
        header, claims = parts(tokens["access_token"])
        assert dict(before.header) == header
        assert lasting(before.access_token) == lasting(claims)
        assert set(before.access_token) == set(claims)
        assert before.access_token["exp"] - before.access_token["iat"] == 77
    else:
        assert before.header is before.access_token is None
    if "id_token" in tokens:
        header, claims = parts(tokens["id_token"])
        assert dict(before.id_token_header) == header
        assert lasting(before.id_token) == lasting(claims)
        assert set(before.id_token) == set(claims)
        assert before.userinfo == userinfo(tokens["access_token"]).json()


def test_preview_is_what_a_machine_then_gets(machine_client):
    machine_token(machine_client)
    before = preview(machine_client.row, scope="write")
    header, claims = parts(machine_token(machine_client, scope="write").json()["access_token"])
    assert dict(before.header) == header
    assert lasting(before.access_token) == lasting(claims)
    assert set(before.access_token) == set(claims)
    assert before.page is before.refresh_token is before.id_token is before.userinfo is None


def test_default_scopes_when_none_are_asked(machine_client):
    assert preview(machine_client.row).scopes == ("read",)


def test_resource_becomes_the_audience(conf_client, alice, settings):
    api = "https://api.example"
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {api: "API", "https://b.example": "B"}}
    conf_client.row.change(resources=[api])
    assert preview(conf_client.row, user=alice, scope="read").audience == (api,)
    assert preview(conf_client.row, user=alice, scope="read", resources=(api,)).access_token["aud"] == api
    refused = preview(conf_client.row, user=alice, scope="read", resources=("https://b.example",))
    assert isinstance(refused, Refused)
    assert refused.error == "invalid_target"


def test_consent_page_is_shown_or_not_and_why(flow, conf_client, alice, public_client):
    asked = preview(conf_client.row, user=alice, scope="read")
    assert (asked.is_asked, asked.page.reason) == (True, "never asked before")
    flow.tokens(conf_client)
    remembered = preview(conf_client.row, user=alice, scope="read")
    assert (remembered.is_asked, remembered.page.reason) == (False, "remembered")
    assert preview(conf_client.row, user=alice, scope="read write").is_asked
    assert "not assured" in preview(public_client.row, user=alice, scope="read").page.reason
    conf_client.row.change(first_party=True)
    Consent.objects.all().delete()
    assert not preview(conf_client.row, user=alice, scope="read write").is_asked


def test_device_is_always_asked_and_gets_a_refresh_token(device_client, alice):
    seen = preview(device_client.row, user=alice, scope="openid read")
    assert seen.grant_type == "urn:ietf:params:oauth:grant-type:device_code"
    assert seen.is_asked
    assert seen.refresh_token is not None
    assert seen.id_token is not None


def test_subject_that_does_not_exist_yet_is_said_to_be_new(conf_client, alice, flow):
    new = preview(conf_client.row, user=alice, scope="openid")
    assert new.is_new_subject
    assert new.access_token["sub"] == "a new one, made at the first grant"
    conf_client.row.change(subject_type="dot")
    assert preview(conf_client.row, user=alice, scope="openid").access_token["sub"] == str(alice.pk)


@pytest.mark.parametrize(
    ("change", "asked", "told"),
    [
        ({}, {"scope": "nosuch"}, "invalid_scope: Each scope exists."),
        ({"allowed_scopes": ["write"]}, {}, "invalid_scope: Each scope is allowed for the client."),
        ({"status": "suspended"}, {}, "invalid_request: The client is neither suspended nor archived."),
        ({}, {"resources": ("https://x.example",)}, "invalid_target: The resource is declared here."),
        ({}, {"user": None}, "unauthorized_client: The client is registered for the grant type."),
        ({"grant_types": []}, {}, "unauthorized_client: The client is registered for the grant type."),
        ({"response_types": []}, {}, "unauthorized_client: The client is registered for the response type."),
    ],
)
def test_refusal_says_its_rule(conf_client, alice, change, asked, told):
    conf_client.row.change(**change)
    refused = preview(conf_client.row, **{"user": alice, "scope": "read", **asked})
    assert isinstance(refused, Refused)
    assert f"{refused.error}: {refused.rule.sentence}" == told


def test_person_whose_account_is_not_active_gets_nothing(conf_client, alice):
    alice.is_active = False
    assert preview(conf_client.row, user=alice, scope="read").error == "access_denied"


def test_person_who_may_not_use_the_client_gets_nothing_and_its_owner_does(conf_client, alice, bob):
    change.change(conf_client.row, allowed_users="owners", owners=[alice])
    assert preview(conf_client.row, user=bob, scope="read").error == "access_denied"
    assert isinstance(preview(conf_client.row, user=alice, scope="read"), Preview)


def test_preview_writes_nothing_not_even_a_key(conf_client, machine_client, device_client, alice, admin):
    show(admin, conf_client.row)
    before, rows = row_counts(), everything_kept()
    for client, asked in (
        (conf_client, {"user": "alice", "scope": ["openid", "read"]}),
        (machine_client, {"scope": "read"}),
        (device_client, {"user": "alice", "scope": "openid"}),
        (conf_client, {"scope": "read"}),
        (machine_client, {"user": "alice"}),
    ):
        assert show(admin, client.row, **asked).status_code == 200
    assert row_counts() == before
    assert everything_kept() == rows
    assert not SigningKey.objects.exists()


# The page


def test_page_shows_claims_header_lifetimes_and_whether_the_person_is_asked(admin, flow, conf_client):
    flow.tokens(conf_client)
    response = show(admin, conf_client.row, user="alice", scope=["openid", "read"])
    text = text_of(response)
    assert "For alice" in text
    assert "Consent page shown: more is asked than before, or the answer is too old" in text
    assert "JWT, lives 1 hour" in text
    assert "Refresh token yes; ends after 14 days without use, at the latest after 90 days" in text
    assert box(response, 0)["typ"] == "at+jwt"
    assert box(response, 1)["scope"] == "openid read"
    assert box(response, 2)["alg"] == "RS256"
    assert box(response, 3)["aud"] == conf_client.client_id
    assert box(response, 4) == {"sub": box(response, 1)["sub"]}


def test_page_of_a_machine_and_of_an_opaque_token(admin, machine_client):
    machine_client.row.change(token_format="opaque")
    text = text_of(show(admin, machine_client.row, scope="read"))
    assert "For itself, without a person" in text
    assert "Consent page none: no person takes part" in text
    assert "Access token opaque" in text
    assert "Refresh token no" in text


def test_page_shows_a_refusal_with_both_values_and_the_fix(admin, conf_client):
    conf_client.row.change(allowed_scopes=["read"])
    response = show(admin, conf_client.row, user="alice", scope=["read", "write"])
    text = text_of(response)
    assert "Nobody signs in with this name." in text
    text = text_of(show(admin, conf_client.row, user="root", scope=["read", "write"]))
    assert "It would be refused The client would be told invalid_scope" in text
    assert "Sent read write Allowed read Fix Tick the scope" in text


def test_page_is_empty_until_somebody_asks(admin, conf_client):
    text = text_of(admin.get(address_of(conf_client.row)))
    assert "What would Notes for Web get?" in text
    assert "Consent page" not in text


def test_names_are_shown_as_text(admin, django_user_model, conf_client):
    django_user_model.objects.create_user("<b>eve</b>")
    conf_client.row.rename("<img src=x>")
    page = show(admin, conf_client.row, user="<b>eve</b>", scope="read").content.decode()
    assert "<b>eve" not in page
    assert "<img" not in page


@pytest.mark.parametrize("asked", [{"user": "a\x00b"}, {"scope": "nosuch"}, {"resource": "x"}, {"user": "a" * 300}])
def test_nonsense_is_an_error_on_the_form(admin, conf_client, asked):
    response = show(admin, conf_client.row, **asked)
    assert response.status_code == 200
    assert 'class="errorlist"' in response.content.decode()


def test_page_needs_sight_of_clients_and_nothing_else(staff, conf_client):
    assert staff("view_client", "change_client").get(address_of(conf_client.row)).status_code == 403
    browser = staff(only=("view_client",))
    assert browser.get(address_of(conf_client.row)).status_code == 200
    assert address_of(conf_client.row) in browser.get(f"{BASE}{conf_client.row.pk}/change/").content.decode()
    assert Browser().get(address_of(conf_client.row)).status_code == 302
    assert browser.get(f"{BASE}999999/preview/").status_code == 404


def test_page_costs_seven_statements(admin, flow, conf_client, warm):
    flow.tokens(conf_client, scope="openid read")
    show(admin, conf_client.row, user="alice", scope=["openid", "read"])
    warm()
    with CaptureQueriesContext(connection) as statements:
        show(admin, conf_client.row, user="alice", scope=["openid", "read"])
    # session, person; client; the person asked about, consent, subject
    assert len(statements) == 6, "\n".join(query["sql"] for query in statements.captured_queries)

"""Legacy response types (OpenID Connect Core §3.2, §3.3; Multiple Response Types; A.2), and AS9 while they are off."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from oauth_provider.clients import change
from oauth_provider.clients.response_types import LEGACY
from oauth_provider.models import AuditEvent, AuthorizationCode, Client, Consent, RefreshToken, Session
from oauth_provider.tokens import revoke
from tests.flow import Registered, claims_of, field_of, post_form, query_of, refreshed_to, userinfo

pytestmark = pytest.mark.django_db

NONCE = "n-0S6_WzA2Mj"
TYPES = [*LEGACY]


@pytest.fixture
def on(settings):
    """Every legacy type is switched on."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LEGACY_RESPONSE_TYPES": TYPES}


@pytest.fixture
def app(on) -> Registered:
    client, secret = Client.objects.register(
        name="Reports 2014", profile="legacy", redirect_uris=["https://old.example/cb"],
        scopes=["openid", "email", "read"], settings={"response_types": ["code", *TYPES], "require_pkce": False},
    )  # fmt: skip
    return Registered(client, secret)


def ask(flow, app, response_type, **changes):
    wanted = {"scope": "openid read", "nonce": NONCE, "code_challenge": None, "code_challenge_method": None, **changes}
    return flow.authorize(app, response_type=response_type, **wanted)


def location(flow, app, response_type, decision="allow", **changes) -> str:
    page = ask(flow, app, response_type, **changes)
    return refreshed_to(flow.decide(page, decision)) if page.status_code == 200 else page["Location"]


def fragment_of(address: str) -> dict[str, str]:
    assert not urlsplit(address).query, "nothing in the query"
    return dict(parse_qsl(urlsplit(address).fragment))


def answer(flow, app, response_type, **changes) -> dict[str, str]:
    return fragment_of(location(flow, app, response_type, **changes))


def left_half(value: str) -> str:
    """As §3.1.3.6 has it for SHA-256, and not as we compute it."""
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).decode().rstrip("=")


EXPECTED = {
    "code": {"code"},
    "id_token": {"id_token"},
    "token": {"access_token", "token_type", "expires_in", "scope"},
}


@pytest.mark.parametrize("response_type", TYPES)
def test_answer_is_what_was_asked_for_in_the_fragment_3_2_2_5_3_3_2_5(flow, app, response_type):
    found = answer(flow, app, response_type)
    expected = set().union(*(EXPECTED[word] for word in response_type.split()))
    assert set(found) == expected | {"state", "iss"}
    assert (found["state"], found["iss"]) == ("xyz123", "https://provider.example")
    if "access_token" in found:
        assert (found["token_type"], found["scope"]) == ("Bearer", "openid read")
        assert 0 < int(found["expires_in"]) <= 600
        assert userinfo(found["access_token"]).status_code == 200


@pytest.mark.parametrize("response_type", [name for name in TYPES if "id_token" in name])
def test_id_token_is_bound_to_what_comes_with_it_3_2_2_9_3_3_2_11(flow, app, response_type):
    found = answer(flow, app, response_type)
    claims = claims_of(found["id_token"])
    assert claims["nonce"] == NONCE
    assert claims.get("at_hash") == (left_half(found["access_token"]) if "access_token" in found else None)
    assert claims.get("c_hash") == (left_half(found["code"]) if "code" in found else None)
    if "access_token" in found:
        assert claims["sub"] == userinfo(found["access_token"]).json()["sub"]
    if "code" in found:
        again = flow.redeem(app, found["code"], code_verifier=None).json()
        assert claims_of(again["id_token"])["sub"] == claims["sub"]
        assert claims_of(again["id_token"])["nonce"] == NONCE


def test_id_token_alone_tells_what_the_scopes_tell_and_with_a_token_it_does_not_5_4(flow, app):
    alone = answer(flow, app, "id_token", scope="openid email")
    assert claims_of(alone["id_token"])["email"] == "alice@people.example"
    beside = answer(flow, app, "id_token token", scope="openid email")
    assert "email" not in claims_of(beside["id_token"])


def test_order_of_the_words_means_nothing(flow, app):
    assert "id_token" in answer(flow, app, "token id_token")


@pytest.mark.parametrize("response_type", [name for name in TYPES if "id_token" in name])
def test_nonce_is_required_for_an_id_token_3_2_2_1(flow, app, response_type):
    found = fragment_of(ask(flow, app, response_type, nonce=None)["Location"])
    assert found["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", ["token", "code token"])
def test_nonce_is_not_required_without_one(flow, app, response_type):
    assert "access_token" in answer(flow, app, response_type, nonce=None)


def test_id_token_needs_openid(flow, app):
    assert fragment_of(ask(flow, app, "id_token", scope="read")["Location"])["error"] == "invalid_scope"


@pytest.mark.parametrize("response_type", TYPES)
def test_query_is_refused_and_the_refusal_stands_in_the_fragment(flow, app, response_type):
    found = fragment_of(ask(flow, app, response_type, response_mode="query")["Location"])
    assert found["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", TYPES)
def test_form_post_posts_it_and_puts_nothing_in_the_address(flow, app, response_type):
    page = flow.decide(ask(flow, app, response_type, response_mode="form_post"))
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.content.decode()))
    assert html.unescape(re.search(r'action="([^"]+)"', page.content.decode())[1]) == "https://old.example/cb"
    assert set(fields) >= set().union(*(EXPECTED[word] for word in response_type.split())) | {"state", "iss"}


def test_no_comes_in_the_fragment_too(flow, app):
    found = fragment_of(location(flow, app, "id_token token", decision="deny"))
    assert found["error"] == "access_denied"
    assert "access_token" not in found


def test_who_allowed_it_before_is_answered_silently(flow, app):
    answer(flow, app, "id_token token")
    page = ask(flow, app, "id_token token", prompt="none")
    assert {"access_token", "id_token"} <= set(fragment_of(page["Location"]))


def test_silent_refusal_stands_in_the_fragment(app):
    from tests.flow import Flow

    page = ask(Flow(Browser()), app, "id_token token", prompt="none")
    assert fragment_of(page["Location"])["error"] == "login_required"


# What holds all the same


def test_token_ends_with_the_access_and_with_the_session(flow, app, alice):
    first, second = answer(flow, app, "token"), answer(flow, app, "id_token token", prompt="none")
    revoke.withdraw_consent(Consent.objects.get(), reason="tests")
    assert userinfo(first["access_token"]).status_code == 401
    assert userinfo(second["access_token"]).status_code == 401


def test_client_that_learns_of_the_session_is_noted_for_its_end(flow, app):
    found = answer(flow, app, "id_token")
    assert Session.objects.get().sid == claims_of(found["id_token"])["sid"]


def test_no_code_can_be_redeemed_where_none_was_given(flow, app):
    page = ask(flow, app, "id_token token")
    request_id = field_of(page, "request")
    flow.decide(page)
    assert request_id
    assert AuthorizationCode.objects.get().consumed_at is not None


def test_page_that_is_loaded_again_gets_a_token_of_the_same_grant(flow, app):
    page = ask(flow, app, "token")
    request_id = field_of(page, "request")
    address = post_form(flow.browser, "/authorize/decision", {"request": request_id, "decision": "allow"})["Location"]
    first, second = (claims_of(fragment_of(refreshed_to(flow.browser.get(address)))["access_token"]) for _ in range(2))
    assert first["grant_id"] == second["grant_id"]


def decided(flow, app, response_type) -> str:
    """The address of the page that goes on, before it is opened."""
    request_id = field_of(ask(flow, app, response_type), "request")
    return post_form(flow.browser, "/authorize/decision", {"request": request_id, "decision": "allow"})["Location"]


CHANGES = {
    "withdrawn": (lambda: revoke.withdraw_consent(Consent.objects.get(), reason="tests"), "access_denied"),
    "narrowed": (lambda: Consent.objects.update(scopes=["openid"]), "access_denied"),
    "suspended": (lambda: Client.objects.update(status="suspended"), "unauthorized_client"),
    "moved": (lambda: Client.objects.update(profile="web", response_types=["code"]), "unauthorized_client"),
}


@pytest.mark.parametrize(("change_it", "error"), CHANGES.values(), ids=CHANGES)
def test_what_changed_before_the_page_goes_on_counts_r14(flow, app, change_it, error):
    address = decided(flow, app, "id_token token")
    change_it()
    found = fragment_of(refreshed_to(flow.browser.get(address)))
    assert found["error"] == error
    assert "access_token" not in found


def test_type_that_was_switched_off_before_the_page_goes_on_gives_nothing(flow, app, settings):
    address = decided(flow, app, "code token")
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LEGACY_RESPONSE_TYPES": []}
    assert query_of(refreshed_to(flow.browser.get(address)))["error"] == "unsupported_response_type"


def test_head_leaves_no_token_behind(flow, app):
    assert flow.browser.head(decided(flow, app, "token")).status_code == 405
    assert not AuditEvent.objects.filter(event="token_issued").exists()


def test_silent_answer_whose_consent_is_taken_back_at_the_same_moment_gives_nothing_r14(flow, app, monkeypatch):
    answer(flow, app, "token")
    hold = Consent.objects.hold

    def late(*args):
        monkeypatch.undo()
        revoke.withdraw_consent(Consent.objects.get(), reason="tests")
        return hold(*args)

    monkeypatch.setattr(type(Consent.objects), "hold", lambda _manager, *args: late(*args))
    assert fragment_of(ask(flow, app, "token", prompt="none")["Location"])["error"] == "consent_required"


def test_opaque_token_of_the_front_ends_with_the_code_that_is_replayed(flow, app):
    app.row.change(token_format="opaque")
    found = answer(flow, app, "code id_token token")
    assert userinfo(found["access_token"]).status_code == 200
    assert not RefreshToken.objects.exists()
    assert flow.redeem(app, found["code"], code_verifier=None).status_code == 200
    assert flow.redeem(app, found["code"], code_verifier=None).status_code == 400
    assert userinfo(found["access_token"]).status_code == 401


def test_every_token_has_its_event(flow, app):
    answer(flow, app, "token")
    event = AuditEvent.objects.filter(event="token_issued").get()
    assert event.detail == {"grant_type": "implicit", "scopes": ["openid", "read"]}


def test_page_that_goes_on_tells_no_other_site(flow, app):
    page = flow.decide(ask(flow, app, "token"))
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "no-store"


# By name only: off, of another profile, not registered (AS9)


@pytest.mark.parametrize("response_type", [*TYPES, "password", "token token", "none"])
def test_while_off_each_is_unsupported_and_absent_as9(flow, conf_client, response_type):
    assert query_of(ask(flow, conf_client, response_type)["Location"])["error"] == "unsupported_response_type"
    document = Browser().get("/.well-known/openid-configuration").json()
    assert document["response_types_supported"] == ["code"]
    assert "implicit" not in document["grant_types_supported"]


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("response_type", TYPES)
@pytest.mark.parametrize("profile", ["web", "native", "spa", "first_party", "imported"])
def test_another_profile_is_refused_at_the_request_as9(flow, conf_client, profile, response_type):
    conf_client.row.change(response_types=["code", *TYPES], profile=profile)
    assert fragment_of(ask(flow, conf_client, response_type)["Location"])["error"] == "unauthorized_client"


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("doubled", [("code", "token"), ("token", "code"), ("token", "token")])
def test_two_types_are_refused_as26(flow, app, doubled):
    query = [("client_id", app.client_id), ("scope", "read"), *(("response_type", one) for one in doubled)]
    assert "invalid_request" in flow.browser.get(f"/authorize?{urlencode(query)}")["Location"]


def test_type_that_is_not_registered_is_refused(flow, app):
    app.row.change(response_types=["code", "id_token"])
    assert fragment_of(ask(flow, app, "code token")["Location"])["error"] == "unauthorized_client"


def test_type_that_is_switched_off_again_is_refused(flow, app, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LEGACY_RESPONSE_TYPES": ["id_token"]}
    assert query_of(ask(flow, app, "token")["Location"])["error"] == "unsupported_response_type"
    assert "id_token" in answer(flow, app, "id_token")


@pytest.mark.usefixtures("on")
def test_another_profile_is_refused_where_it_is_saved(conf_client):
    with pytest.raises(ValidationError):
        change.change(conf_client.row, response_types=["code", "token"])


def test_type_that_is_off_is_refused_where_it_is_saved(app, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LEGACY_RESPONSE_TYPES": ["id_token"]}
    with pytest.raises(ValidationError):
        change.change(app.row, response_types=["token"])
    assert change.change(app.row, response_types=["code", "id_token"]) == ["response_types"]


@pytest.mark.usefixtures("on")
def test_client_that_registers_itself_gets_none(open_registration):
    document = {"redirect_uris": ["https://x.example/cb"], "response_types": ["id_token token"]}
    answer = Browser().post("/register", document, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@pytest.mark.usefixtures("on")
def test_metadata_lists_what_is_on():
    document = Browser().get("/.well-known/openid-configuration").json()
    assert document["response_types_supported"] == ["code", *TYPES]
    assert "implicit" in document["grant_types_supported"]


def test_public_client_needs_pkce_for_its_code_only(flow, on):
    client, _ = Client.objects.register(
        name="Old page", profile="legacy", auth_method="none", redirect_uris=["https://old.example/cb"],
        scopes=["openid", "read"], settings={"response_types": ["token", "code token"]},
    )  # fmt: skip
    app = Registered(client, None)
    assert "access_token" in answer(flow, app, "token")
    assert fragment_of(ask(flow, app, "code token")["Location"])["error"] == "invalid_request"

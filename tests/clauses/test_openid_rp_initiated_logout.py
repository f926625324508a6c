"""OpenID Connect RP-Initiated Logout 1.0, and the OpenID Foundation's plan for it (A.4): IS1, AS3, C54 to C56."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.keys import rotation
from oauth_provider.models import Session, StoredRequest
from tests.flow import Flow, field_of, post_form, query_of, refreshed_to, userinfo

pytestmark = pytest.mark.django_db

BACK = "https://c.example/signed-out"
STATE = "s" * 120 + "-._~é&=?"[:8]


@pytest.fixture
def app(conf_client):
    """A client with an address to come back to after signing out."""
    conf_client.row.set_post_logout_redirect_uris([BACK, "https://c.example/bye?from=provider"])
    return conf_client


@pytest.fixture
def tokens(flow, app):
    return flow.tokens(app, scope="openid read")


def end(browser, **parameters):
    return browser.get("/end_session", {name: value for name, value in parameters.items() if value is not None})


def is_signed_in(browser) -> bool:
    return "_auth_user_id" in browser.session


def text_of(page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


# §2: the request


def test_hint_of_this_session_signs_out_at_once_and_goes_back_with_state_and_nothing_else(flow, app, tokens):
    answer = end(flow.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state=STATE)
    assert answer.status_code == 303
    assert answer["Location"].partition("?")[0] == BACK
    assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == {"state": STATE}
    assert not is_signed_in(flow.browser)
    assert userinfo(tokens["access_token"]).status_code == 401


def test_own_query_of_the_address_is_kept(flow, app, tokens):
    uri = app.row.post_logout_redirect_uris[1]
    answer = end(flow.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=uri, state="x")
    assert answer["Location"] == f"{uri}&state=x"


def test_without_state_none_comes_back(flow, app, tokens):
    assert end(flow.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK)["Location"] == BACK


def test_post_is_as_get(flow, app, tokens):
    sent = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK, "state": "x"}
    # An app's own page sends it: no token of ours against forged requests, and no cookie (SameSite=Lax).
    answer = post_form(Browser(enforce_csrf_checks=True), "/end_session/", sent)
    assert answer.status_code == 303
    assert set(query_of(answer["Location"])) == {"request"}
    assert tokens["id_token"] not in str(StoredRequest.objects.values())
    answer = flow.browser.get(answer["Location"])
    assert (answer.status_code, answer["Location"]) == (303, f"{BACK}?state=x")
    assert not is_signed_in(flow.browser)


def test_post_that_names_nobody_asks(flow, tokens):
    answer = post_form(Browser(), "/end_session", {"ui_locales": "en"})
    assert query_of(answer["Location"]) == {"ui_locales": "en"}
    assert asked(flow.browser.get(answer["Location"]))


def test_post_of_another_session_asks_and_then_goes_back(app, tokens, bob):
    browser = Browser()
    browser.force_login(bob)
    sent = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK}
    page = browser.get(post_form(Browser(), "/end_session", sent)["Location"])
    assert asked(page)
    assert refreshed_to(answer(browser, page, "sign_out")) == BACK


def test_kept_request_leads_nowhere_once_the_address_is_taken_back(flow, app, tokens):
    sent = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK}
    address = post_form(Browser(), "/end_session", sent)["Location"]
    app.row.set_post_logout_redirect_uris(["https://c.example/elsewhere"])
    assert flow.browser.get(address).status_code == 200
    assert not is_signed_in(flow.browser)


def test_kept_request_is_no_authorization_request_and_none_is_one_to_sign_out(flow, app, tokens):
    address = post_form(Browser(), "/end_session", {"id_token_hint": tokens["id_token"]})["Location"]
    assert flow.browser.get(address.replace("/end_session", "/authorize")).status_code == 400
    page = flow.authorize(app, prompt="consent")
    assert end(flow.browser, request=field_of(page, "request")).status_code == 400
    assert is_signed_in(flow.browser)


def test_kept_request_ends(flow, app, tokens):
    address = post_form(Browser(), "/end_session", {"id_token_hint": tokens["id_token"]})["Location"]
    StoredRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert flow.browser.get(address).status_code == 400


def test_after_it_a_silent_sign_in_fails(flow, app, tokens):
    end(flow.browser, id_token_hint=tokens["id_token"])
    assert query_of(flow.authorize(app, scope="openid", prompt="none")["Location"])["error"] == "login_required"


def test_client_id_that_agrees_with_the_hint_changes_nothing(flow, app, tokens):
    answer = end(flow.browser, id_token_hint=tokens["id_token"], client_id=app.client_id, post_logout_redirect_uri=BACK)
    assert answer["Location"] == BACK


def test_hint_without_an_address_ends_on_a_page_of_ours(flow, app, tokens):
    page = end(flow.browser, id_token_hint=tokens["id_token"], state="x")
    assert page.status_code == 200
    assert "alice is signed out of provider.example in this browser." in text_of(page)
    assert not is_signed_in(flow.browser)


def test_hint_of_an_expired_id_token_counts(flow, app, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ID_TOKEN_LIFETIME": -3600}
    hint = flow.tokens(app, scope="openid")["id_token"]
    assert end(flow.browser, id_token_hint=hint, post_logout_redirect_uri=BACK)["Location"] == BACK


def test_hint_of_a_retired_key_counts_c56(flow, app, tokens):
    rotation.rotate(now=True)
    answer = end(flow.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK)
    assert answer["Location"] == BACK


# §2, §6: without a hint of this session the person is asked


def asked(page) -> bool:
    return page.status_code == 200 and "Stay signed in" in page.content.decode()


def answer(browser, page, decision: str):
    names = ("csrfmiddlewaretoken", "request", "id_token_hint", "client_id", "post_logout_redirect_uri", "state")
    fields = {name: field_of(page, name) for name in names if f'name="{name}"' in page.content.decode()}
    return post_form(browser, "/end_session/decision", {**fields, "decision": decision})


@pytest.mark.parametrize(
    "parameters", [{}, {"state": "x"}, {"post_logout_redirect_uri": BACK}, {"logout_hint": "alice"}]
)
def test_nothing_that_names_the_session_asks_and_then_signs_out_on_a_page_of_ours(flow, tokens, parameters):
    page = end(flow.browser, **parameters)
    assert asked(page)
    assert "You are signed in as alice" in text_of(page)
    done = answer(flow.browser, page, "sign_out")
    assert done.status_code == 200
    assert "http-equiv" not in done.content.decode()
    assert not is_signed_in(flow.browser)
    assert userinfo(tokens["access_token"]).status_code == 401


def test_whoever_stays_is_still_signed_in(flow, tokens):
    page = answer(flow.browser, end(flow.browser), "stay")
    assert "alice is signed in to provider.example" in text_of(page)
    assert userinfo(tokens["access_token"]).status_code == 200


def test_client_id_alone_names_the_app_and_leads_nowhere(flow, app, tokens):
    page = end(flow.browser, client_id=app.client_id, post_logout_redirect_uri=BACK, state="x")
    assert asked(page)
    assert "Notes for Web asks to sign you out." in text_of(page)
    assert BACK not in answer(flow.browser, page, "sign_out").content.decode()


def test_hint_of_another_session_of_the_same_person_asks_and_then_goes_back(flow, app, tokens, alice):
    elsewhere = Browser()
    elsewhere.force_login(alice)
    page = end(elsewhere, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state="x")
    assert asked(page)
    # A form was sent: browsers hold its hops against form-action, so a page goes on.
    assert refreshed_to(answer(elsewhere, page, "sign_out")) == f"{BACK}?state=x"
    assert userinfo(tokens["access_token"]).status_code == 200
    assert Session.objects.open().count() == 1


def test_hint_of_another_person_asks(flow, app, tokens, bob):
    elsewhere = Flow(Browser())
    elsewhere.browser.force_login(bob)
    page = end(elsewhere.browser, id_token_hint=tokens["id_token"])
    assert asked(page)
    assert "You are signed in as bob" in text_of(page)


def test_forged_answer_signs_nobody_out(flow, tokens):
    flow.browser.handler.enforce_csrf_checks = True
    answer = post_form(flow.browser, "/end_session/decision", {"decision": "sign_out"})
    assert answer.status_code == 303
    assert is_signed_in(flow.browser)


# C54: nobody is signed in


def test_nobody_signed_in_goes_back_and_ends_no_session_c54(app, tokens):
    answer = end(Browser(), id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state="x")
    assert answer["Location"] == f"{BACK}?state=x"
    assert userinfo(tokens["access_token"]).status_code == 200
    assert Session.objects.open().exists()


def test_nobody_signed_in_without_an_address_sees_the_page(tokens):
    page = end(Browser(), id_token_hint=tokens["id_token"])
    assert page.status_code == 200
    assert "Nobody is signed in to provider.example" in text_of(page)


# C55, AS3: whatever is wrong is a page, and ends nothing


WRONG = {
    "unknown client": {"client_id": "c_nobody"},
    "address of nobody": {"post_logout_redirect_uri": "https://evil.example/"},
    "longer": {"post_logout_redirect_uri": f"{BACK}/"},
    "other case": {"post_logout_redirect_uri": BACK.upper()},
    "query added": {"post_logout_redirect_uri": f"{BACK}?x=1"},
    "script": {"post_logout_redirect_uri": "javascript:alert(1)"},
    "callback": {"post_logout_redirect_uri": "https://c.example/cb"},
    "no token": {"id_token_hint": "x.y.z"},
    "long state": {"post_logout_redirect_uri": BACK, "state": "x" * 5000},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_a_page_and_ends_nothing_c55(flow, app, tokens, changes):
    page = end(flow.browser, **{"id_token_hint": tokens["id_token"], **changes})
    assert page.status_code == 400
    assert "Location" not in page.headers
    assert is_signed_in(flow.browser)
    assert userinfo(tokens["access_token"]).status_code == 200


def test_address_of_another_client_is_refused_c55(flow, app, tokens, public_client):
    public_client.row.set_post_logout_redirect_uris(["https://pub.example/bye"])
    page = end(flow.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri="https://pub.example/bye")
    assert page.status_code == 400
    page = end(flow.browser, id_token_hint=tokens["id_token"], client_id=public_client.client_id)
    assert page.status_code == 400


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"])
def test_scheme_that_runs_something_is_never_gone_to_although_it_is_registered(flow, app, tokens, uri):
    app.row.set_post_logout_redirect_uris([uri])
    page = end(flow.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=uri)
    assert (page.status_code, page.get("Location")) == (400, None)


def forged(token: str, header: dict[str, object]) -> str:
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return ".".join([first, token.split(".")[1], "" if header.get("alg") == "none" else token.split(".")[2]])


@pytest.mark.parametrize("header", [{"alg": "none", "typ": "JWT"}, {"alg": "RS256", "typ": "JWT", "kid": "another"}])
def test_hint_that_is_not_ours_is_refused(flow, app, tokens, header):
    page = end(flow.browser, id_token_hint=forged(tokens["id_token"], header), post_logout_redirect_uri=BACK)
    assert page.status_code == 400
    assert is_signed_in(flow.browser)


def test_access_token_is_no_hint(flow, app, tokens):
    assert end(flow.browser, id_token_hint=tokens["access_token"]).status_code == 400


def test_signed_userinfo_is_no_hint_jw2(flow, app, tokens):
    app.row.change(userinfo_signed_response_alg="RS256")
    told = userinfo(tokens["access_token"]).content.decode()
    assert told.count(".") == 2
    assert end(flow.browser, id_token_hint=told, post_logout_redirect_uri=BACK).status_code == 400
    assert is_signed_in(flow.browser)


def test_parameter_sent_twice_is_refused_as26(flow, tokens):
    page = flow.browser.get(f"/end_session?state=a&state=b&id_token_hint={tokens['id_token']}")
    assert page.status_code == 400
    assert is_signed_in(flow.browser)


def test_suspended_client_leads_nowhere_and_its_person_is_signed_out(flow, app, tokens):
    app.row.suspend()
    page = end(flow.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK)
    assert page.status_code == 200
    assert not is_signed_in(flow.browser)


@pytest.mark.parametrize("method", ["put", "delete", "head"])
def test_other_methods_are_refused(flow, method):
    assert getattr(flow.browser, method)("/end_session").status_code == 405


# §2.1: metadata; pages


def test_metadata_names_the_endpoint():
    document = Browser().get("/.well-known/openid-configuration").json()
    assert document["end_session_endpoint"] == "https://provider.example/end_session"


def test_pages_of_it_are_closed_as18_as20(flow, app, tokens):
    for page in (end(flow.browser), end(flow.browser, client_id="c_nobody"), end(Browser())):
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "DENY"
        assert page["Cache-Control"] == "no-store"


def test_page_says_which_apps_are_told_and_which_may_keep_somebody_signed_in(flow, app, tokens, public_client):
    app.row.change(backchannel_logout_uri="https://c.example/backchannel")
    flow.tokens(public_client, scope="openid")
    words = text_of(end(flow.browser, id_token_hint=tokens["id_token"]))
    told, silent = words.index("These apps sign you out too"), words.index("These apps may keep you signed in")
    assert told < words.index("Notes for Web") < silent < words.index("Notes for Desktop")


def test_ui_locales_speaks_to_the_person(flow, tokens):
    assert "Abmelden" in text_of(end(flow.browser, ui_locales="de"))

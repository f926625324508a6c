"""OpenID Connect Front-Channel Logout 1.0: apps that are told of a sign-out by a frame of our page (A.4)."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client as Browser

from tests.flow import claims_of, post_form, refreshed_to

pytestmark = pytest.mark.django_db

BACK = "https://c.example/signed-out"


@pytest.fixture
def app(conf_client):
    conf_client.row.set_post_logout_redirect_uris([BACK])
    conf_client.row.change(frontchannel_logout_uri="https://c.example/front?from=us")
    return conf_client


def frames_of(page) -> list[str]:
    return [html.unescape(src) for src in re.findall(r'<iframe src="([^"]*)"', page.content.decode())]


def sources_of(page) -> dict[str, str]:
    rules = (rule.strip().partition(" ") for rule in page["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in rules}


def test_frame_says_issuer_and_session_beside_its_own_query(flow, app):
    tokens = flow.tokens(app, scope="openid")
    page = flow.browser.get("/end_session", {"id_token_hint": tokens["id_token"]})
    (src,) = frames_of(page)
    assert src.startswith("https://c.example/front?")
    assert dict(parse_qsl(urlsplit(src).query)) == {
        "from": "us",
        "iss": "https://provider.example",
        "sid": claims_of(tokens["id_token"])["sid"],
    }


def test_page_goes_on_to_the_app_once_the_frames_had_time(flow, app):
    hint = flow.tokens(app, scope="openid")["id_token"]
    page = flow.browser.get("/end_session", {"id_token_hint": hint, "post_logout_redirect_uri": BACK, "state": "x"})
    assert page.status_code == 200
    assert re.search(
        r'http-equiv="refresh" content="3;url=https://c.example/signed-out\?state=x"', page.content.decode()
    )
    assert f'href="{BACK}?state=x"' in page.content.decode()


def test_page_may_show_these_frames_and_is_as_closed_as_every_other(flow, app):
    hint = flow.tokens(app, scope="openid")["id_token"]
    rules = sources_of(flow.browser.get("/end_session", {"id_token_hint": hint}))
    assert rules["frame-src"] == "https://c.example"
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert "script-src" not in rules


def test_without_such_an_app_no_frame_is_allowed(flow, conf_client):
    hint = flow.tokens(conf_client, scope="openid")["id_token"]
    page = flow.browser.get("/end_session", {"id_token_hint": hint})
    assert frames_of(page) == []
    assert "frame-src" not in sources_of(page)


def test_every_app_of_the_session_has_a_frame_and_no_other(flow, app, public_client, resource_server):
    public_client.row.change(frontchannel_logout_uri="https://pub.example/front")
    resource_server.row.change(frontchannel_logout_uri="https://rs.example/front")
    flow.tokens(public_client, scope="openid")
    hint = flow.tokens(app, scope="openid")["id_token"]
    page = flow.browser.get("/end_session", {"id_token_hint": hint})
    assert sorted(src.partition("?")[0] for src in frames_of(page)) == [
        "https://c.example/front",
        "https://pub.example/front",
    ]
    assert sources_of(page)["frame-src"] == "https://pub.example https://c.example"


def test_signing_out_on_our_own_page_has_the_frames_too(flow, app):
    flow.tokens(app, scope="openid")
    assert len(frames_of(post_form(flow.browser, "/signed-out", {}))) == 1


def test_after_the_question_too(flow, app):
    flow.tokens(app, scope="openid")
    page = post_form(flow.browser, "/end_session/decision", {"decision": "sign_out"})
    assert len(frames_of(page)) == 1


def test_page_without_frames_goes_on_at_once(flow, conf_client):
    conf_client.row.set_post_logout_redirect_uris([BACK])
    hint = flow.tokens(conf_client, scope="openid")["id_token"]
    page = post_form(
        flow.browser, "/end_session/decision",
        {"decision": "sign_out", "id_token_hint": hint, "post_logout_redirect_uri": BACK},
    )  # fmt: skip
    assert refreshed_to(page) == BACK


def test_metadata_says_so():
    document = Browser().get("/.well-known/openid-configuration").json()
    assert document["frontchannel_logout_supported"] is True
    assert document["frontchannel_logout_session_supported"] is True

"""The device flow under attack: guessed codes, odd spellings, two people, impatient devices."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import DeviceCode, Grant, UserCodeAttempt
from oauth_provider.server.device_pipeline import ALPHABET, LENGTH
from tests.flow import post_form
from tests.hostile.expect import assert_refused, query

pytestmark = pytest.mark.django_db

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def started(device_client):
    response = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id, "scope": "read"})
    assert response.status_code == 200
    return response.json()


def _poll(client, device_code):
    return post_form(
        Browser(), "/token", {"grant_type": GRANT, "device_code": device_code, "client_id": client.client_id}
    )


def _later(seconds: int = 60) -> None:
    """As if the device had waited since its last poll."""
    for row in DeviceCode.objects.exclude(polled_at=None):
        DeviceCode.objects.filter(pk=row.pk).update(polled_at=row.polled_at - timedelta(seconds=seconds))


def _enter(browser, user_code, **more):
    return browser.post("/device", {"user_code": user_code, **more})


def test_C41_parameters_in_the_address_are_refused(device_client):
    response = post_form(Browser(), f"/device_authorization?client_id={device_client.client_id}", {"scope": "read"})
    assert_refused(response, "invalid_request")
    assert DeviceCode.objects.count() == 0


def test_C41_DE5_client_without_the_device_grant_is_refused(public_client):
    response = post_form(Browser(), "/device_authorization", {"client_id": public_client.client_id})
    assert_refused(response, "unauthorized_client")


@pytest.mark.parametrize("scope", ["nonsense", "read write", "read nonsense"])
def test_C41_scope_the_device_may_not_have_is_refused(device_client, scope):
    form = {"client_id": device_client.client_id, "scope": scope}
    assert_refused(post_form(Browser(), "/device_authorization", form), "invalid_scope")
    assert DeviceCode.objects.count() == 0


def test_C42_DE1_guessing_in_one_session_is_locked_after_five(flow, started):
    statuses = [_enter(flow.browser, f"BBBB-BBB{sign}").status_code for sign in ALPHABET * 5]
    assert statuses == [400] * 5 + [429] * 95
    # Locked is locked: the right code helps no guesser.
    assert _enter(flow.browser, started["user_code"]).status_code == 429
    assert DeviceCode.objects.get().user is None


def test_C42_DE1_guessing_from_one_address_is_locked_whoever_signs_in(started, django_user_model):
    statuses = []
    for number in range(50):
        browser = Browser()
        browser.force_login(django_user_model.objects.create_user(f"guesser{number}"))
        statuses.append(_enter(browser, "BBBB-BBBB").status_code)
    assert statuses == [400] * 20 + [429] * 30
    assert UserCodeAttempt.objects.count() == 40


def test_C42_unknown_and_used_codes_are_answered_alike(flow, started, device_client):
    unknown = _enter(flow.browser, "BBBB-BBBB")
    DeviceCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expired = _enter(flow.browser, started["user_code"])
    assert unknown.status_code == expired.status_code == 400
    texts = [
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode()) for page in (unknown, expired)
    ]
    assert texts[0].replace("BBBB-BBBB", "") == texts[1].replace(started["user_code"], "")


def test_DE1_success_of_guessing_is_at_most_one_in_two_to_the_32(started):
    tries = 5
    assert len(ALPHABET) ** LENGTH / tries > 2**32
    assert not set(ALPHABET) & set("AEIOUY01OI")
    assert set(started["user_code"]) <= {*ALPHABET, "-"}


def _fullwidth(code: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isalpha() else sign for sign in code)


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code}  ",
        lambda code: code.replace("-", "–"),
        _fullwidth,
        lambda code: _fullwidth(code).lower(),
    ],
)
def test_C43_plain_spellings_of_the_code_are_understood(flow, started, spell):
    page = _enter(flow.browser, spell(started["user_code"]))
    assert page.status_code == 200
    assert started["user_code"] in page.content.decode()


@pytest.mark.parametrize(
    "spell",
    [
        lambda code: code[:2] + "\u200d" + code[2:],
        lambda code: code[:-1] + "\u0131",
        lambda code: code[:-1] + "\u0130",
        lambda code: code + "X",
        lambda code: code[:-1],
        lambda code: code + "\x00",
        lambda _code: "",
        lambda _code: "B" * 100_000,
        lambda _code: "<script>alert(1)</script>",
    ],
)
def test_C43_odd_spellings_are_refused_cleanly(flow, started, spell):
    page = _enter(flow.browser, spell(started["user_code"]))
    assert page.status_code in {400, 413}
    assert b"<script>" not in page.content
    assert DeviceCode.objects.get().user is None


def test_C44_DE2_device_code_of_another_client_is_refused(started, device_client, db):
    from oauth_provider.models import Client
    from tests.flow import Registered

    other = Registered(*Client.objects.register(name="Other TV", profile="device", scopes=["read"]))
    assert_refused(_poll(other, started["device_code"]), "invalid_grant")
    assert_refused(_poll(device_client, started["device_code"]), "authorization_pending")


def test_C44_DE2_device_code_is_worth_one_answer(flow, started, device_client):
    assert _enter(flow.browser, started["user_code"], decision="allow").status_code == 200
    assert _poll(device_client, started["device_code"]).status_code == 200
    _later()
    assert_refused(_poll(device_client, started["device_code"]), "invalid_grant")


def test_C44_DE2_device_code_runs_out(flow, started, device_client):
    DeviceCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_refused(_poll(device_client, started["device_code"]), "expired_token")
    assert _enter(flow.browser, started["user_code"]).status_code == 400


def test_DE2_codes_are_kept_as_digests(started):
    row = DeviceCode.objects.get()
    assert started["device_code"] not in {row.digest, row.user_code_digest}
    assert started["user_code"].replace("-", "") not in str(vars(row))
    assert len(started["device_code"]) >= 43


def test_C44_DE3_impatient_device_is_slowed_down_more_and_more(started, device_client):
    assert_refused(_poll(device_client, started["device_code"]), "authorization_pending")
    intervals = []
    for _ in range(3):
        assert_refused(_poll(device_client, started["device_code"]), "slow_down")
        intervals.append(DeviceCode.objects.get().interval)
    assert intervals == [10, 15, 20]
    _later(15)
    assert_refused(_poll(device_client, started["device_code"]), "slow_down")
    _later(26)
    assert_refused(_poll(device_client, started["device_code"]), "authorization_pending")


def test_C45_code_belongs_to_the_one_who_entered_it_first(flow, bob, started, device_client, alice):
    bobs = Browser()
    bobs.force_login(bob)
    assert _enter(flow.browser, started["user_code"]).status_code == 200
    assert _enter(bobs, started["user_code"]).status_code == 400
    assert _enter(bobs, started["user_code"], decision="allow").status_code == 400
    assert Grant.objects.count() == 0
    assert _enter(flow.browser, started["user_code"], decision="allow").status_code == 200
    assert Grant.objects.get().user_id == alice.pk
    assert _enter(flow.browser, started["user_code"], decision="allow").status_code == 400
    assert Grant.objects.count() == 1


def test_DE4_page_says_who_asks_from_where_and_for_what(flow, device_client):
    started = post_form(
        Browser(),
        "/device_authorization",
        {"client_id": device_client.client_id, "scope": "read"},
        REMOTE_ADDR="203.0.113.7",
        HTTP_USER_AGENT="Mozilla/5.0 (Linux) Firefox/1 <b>",
    ).json()
    page = _enter(flow.browser, started["user_code"]).content.decode()
    for told in (
        "Notes for TV",
        "203.0.113.7",
        "Read your notes",
        started["user_code"],
        "Did you start this",
        "Firefox",
    ):
        assert told in page
    assert "<b>" not in page


@pytest.mark.parametrize("tail", ["", "&decision=allow"])
def test_DE4_opening_the_complete_address_decides_nothing(flow, started, tail):
    for path in (
        started["verification_uri_complete"].replace("https://provider.example", ""),
        f"/device?user_code={started['user_code']}",
    ):
        assert flow.browser.get(path + tail).status_code == 200
    row = DeviceCode.objects.get()
    assert (row.state, row.user) == ("pending", None)


@pytest.mark.parametrize("decision", ["deny", "", "ALLOW", "allow "])
def test_DE4_anything_but_allow_is_a_no(flow, started, device_client, decision):
    _enter(flow.browser, started["user_code"], decision=decision)
    assert Grant.objects.count() == 0
    assert_refused(_poll(device_client, started["device_code"]), "access_denied")


def test_DE4_AS26_decision_sent_twice_is_a_no(flow, started):
    body = query(("user_code", started["user_code"]), ("decision", "deny"), ("decision", "allow"))
    post_form(flow.browser, "/device", body)
    assert DeviceCode.objects.get().state == "denied"


def test_DE4_form_needs_its_csrf_token(alice, started):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = _enter(browser, started["user_code"], decision="allow")
    assert (answer.status_code, answer["Location"]) == (303, "/device"), "the page is shown again, with a fresh token"
    assert DeviceCode.objects.get().state == "pending"


def test_DE5_codes_live_ten_minutes_at_most(started):
    assert started["expires_in"] <= 600
    row = DeviceCode.objects.get()
    assert row.expires_at - row.created_at <= timedelta(seconds=601)


def test_device_of_a_suspended_client_can_not_be_allowed(flow, started, device_client):
    assert _enter(flow.browser, started["user_code"]).status_code == 200
    device_client.row.suspend()
    assert _enter(flow.browser, started["user_code"], decision="allow").status_code == 400
    assert Grant.objects.count() == 0

"""A new password, somebody deactivated, somebody deleted: what ends by default, and by policy (AS12, C35, R14)."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.test import Client as Browser

from oauth_provider import signals
from oauth_provider.models import AuditEvent, Grant, LogoutDelivery, Session
from tests.flow import Flow
from tests.sessions.policy.conftest import ALIVE, OVER, TOLD

pytestmark = pytest.mark.django_db

OFFLINE = "openid read offline_access"


def new_password(alice) -> None:
    alice.set_password("another-password")
    alice.save()


def deactivate(alice) -> None:
    alice.is_active = False
    alice.save()


def reactivate(alice) -> None:
    # Past save(): nothing but the flag, so that a test sees what is left.
    type(alice).objects.filter(pk=alice.pk).update(is_active=True)


def clear_expired() -> str:
    out = StringIO()
    call_command("oauth_clear_expired", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("word", "expected"),
    [("sessions", (TOLD, TOLD)), ("session_tokens", (OVER, TOLD)), ("all_tokens", (OVER, OVER))],
)
def test_signing_out(flow, sign_in, policy, word, expected):
    policy(signed_out=word)
    alice = get_user_model().objects.get()
    for scope, became in zip(("openid read", OFFLINE), expected, strict=True):
        flow.browser.force_login(alice)
        signed_in = sign_in(scope=scope)
        flow.browser.logout()
        assert signed_in.now == became


@pytest.mark.parametrize("happens", [new_password, deactivate])
@pytest.mark.parametrize(
    "expected",
    [("nothing", ALIVE), ("sessions", TOLD), ("session_tokens", OVER), ("all_tokens", OVER), (None, OVER)],
)
def test_AS12_C35_new_password_or_deactivated(alice, sign_in, policy, happens, expected):
    word, became = expected
    event = "password_changed" if happens is new_password else "deactivated"
    policy(**({event: word} if word else {}))
    signed_in = sign_in()
    happens(alice)
    reactivate(alice)
    assert signed_in.now == became


@pytest.mark.parametrize("happens", [new_password, deactivate])
@pytest.mark.parametrize("expected", [("session_tokens", TOLD), ("all_tokens", OVER)])
def test_what_was_given_for_longer_than_the_session(alice, sign_in, policy, happens, expected):
    word, became = expected
    policy(password_changed=word, deactivated=word)
    signed_in = sign_in(scope=OFFLINE)
    happens(alice)
    reactivate(alice)
    assert signed_in.now == became


def test_new_password_reaches_every_browser_and_no_other_person(alice, bob, told_client, sign_in):
    here = sign_in()
    elsewhere = Flow(Browser())
    elsewhere.browser.force_login(alice)
    elsewhere.tokens(told_client, scope="openid")
    of_bob = Flow(Browser())
    of_bob.browser.force_login(bob)
    of_bob.tokens(told_client, scope="openid")
    new_password(alice)
    assert here.now == OVER
    assert LogoutDelivery.objects.count() == 2
    assert [row.user for row in Session.objects.open()] == [bob]


def test_each_of_them_is_one_event_that_names_the_apps(alice, told_client, sign_in):
    sign_in()
    sign_in()
    new_password(alice)
    event = AuditEvent.objects.get(event="grant_revoked")
    assert event.detail == {"reason": "password_changed", "clients": [told_client.client_id], "grants": 2}
    new_password(alice)
    assert AuditEvent.objects.filter(event="grant_revoked").count() == 1


def test_C35_deactivated_with_update_fields_by_somebody_who_loaded_only_a_part(alice, sign_in):
    signed_in = sign_in()
    part = type(alice).objects.only("username").get(pk=alice.pk)
    part.is_active = False
    part.save(update_fields=["is_active"])
    reactivate(alice)
    assert signed_in.now == OVER


def test_flag_that_is_not_saved_ends_nothing(alice, sign_in):
    signed_in = sign_in()
    alice.is_active = False
    alice.save(update_fields=["first_name"])
    assert signed_in.now == ALIVE
    alice.save()
    reactivate(alice)
    assert signed_in.now == OVER


def test_C35_people_deactivated_past_save_are_found_by_the_sweep(alice, bob, sign_in, told_client):
    signed_in = sign_in()
    of_bob = Flow(Browser())
    of_bob.browser.force_login(bob)
    of_bob.tokens(told_client, scope="openid")
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert "people no longer active: 1" in clear_expired()
    reactivate(alice)
    assert signed_in.now == OVER
    assert Session.objects.open().get().user == bob
    assert "no longer active" not in clear_expired()


@pytest.mark.parametrize(("word", "became"), [("nothing", ALIVE), ("sessions", TOLD)])
def test_sweep_ends_no_more_than_the_policy(alice, sign_in, policy, word, became):
    policy(deactivated=word)
    signed_in = sign_in()
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    clear_expired()
    assert "no longer active" not in clear_expired()
    reactivate(alice)
    assert signed_in.now == became


@pytest.mark.parametrize("how", ["instance", "queryset"])
def test_deleted_person_takes_everything_along_and_the_apps_are_told(alice, sign_in, how):
    signed_in = sign_in()
    if how == "instance":
        alice.delete()
    else:
        type(alice).objects.filter(username="alice").delete()
    assert not Session.objects.exists()
    assert not Grant.objects.exists()
    assert LogoutDelivery.objects.get().sid == signed_in.sid


def test_person_who_may_not_be_deleted_after_all_is_signed_in_still(alice, sign_in):
    signed_in = sign_in()
    with transaction.atomic():
        alice.delete()
        transaction.set_rollback(True)
    assert signed_in.now == ALIVE


def test_what_is_due_is_handed_over_once_it_is_committed(alice, sign_in, django_capture_on_commit_callbacks):
    sign_in()
    handed_over = []

    def take(deliveries, **_):
        handed_over.extend(deliveries)

    signals.logouts_due.connect(take)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            new_password(alice)
            assert handed_over == []
    finally:
        signals.logouts_due.disconnect(take)
    assert handed_over == list(LogoutDelivery.objects.all())


def test_code_that_no_app_has_redeemed_is_refused_whatever_lives_on(alice, flow, told_client, policy):
    policy(password_changed="sessions")
    code = flow.code(told_client, scope="openid read offline_access")
    new_password(alice)
    assert flow.redeem(told_client, code).json()["error"] == "invalid_grant"


def test_sign_in_that_expired_tells_nobody(alice, flow, sign_in):
    """What a browser session does by itself is no sign-out: the app's own session goes on."""
    signed_in = sign_in()
    flow.browser.session.flush()
    assert flow.browser.get("/connected-apps/").status_code == 303
    assert signed_in.now == ALIVE

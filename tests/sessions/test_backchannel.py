"""Delivering logouts (R13): apps that are dead, slow or refuse, workers that die, and nobody waits for long."""

from __future__ import annotations

import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import override_settings

from oauth_provider.models import AuditEvent, LogoutDelivery, Session
from oauth_provider.sessions import backchannel, tasks
from tests.flow import claims_of
from tests.internet import http
from tests.sessions.told import TAKEN, URI, make_due, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(conf_client):
    conf_client.row.change(backchannel_logout_uri=URI)
    return conf_client


@pytest.fixture
def delivery(flow, app) -> LogoutDelivery:
    """Somebody has signed out, and the app has to hear of it."""
    flow.tokens(app, scope="openid")
    flow.browser.logout()
    return LogoutDelivery.objects.get()


def tried(delivery: LogoutDelivery) -> LogoutDelivery:
    backchannel.deliver_due()
    delivery.refresh_from_db()
    return delivery


def wait_of(delivery: LogoutDelivery) -> int:
    """Seconds to the next try, by the database's clock."""
    row = LogoutDelivery.objects.annotate(now=Now()).get(pk=delivery.pk)
    return round((row.next_try_at - row.now).total_seconds())


def test_app_that_takes_it_is_told_once(internet, delivery):
    told = receiver(internet)
    assert tried(delivery).state == "delivered"
    assert delivery.done_at is not None
    make_due()
    backchannel.deliver_due()
    assert len(told.tokens) == 1


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "202 Accepted"])
def test_any_2xx_is_a_yes(internet, delivery, status):
    receiver(internet, http(b"", status=status))
    assert tried(delivery).state == "delivered"


@pytest.mark.parametrize("status", ["500 Oops", "503 Later", "429 Slow", "408 Late", "404 Deploying"])
def test_what_may_pass_is_tried_again_with_another_token_and_growing_waits_r13(internet, delivery, status):
    told = receiver(internet, http(b"", status=status))
    for number, wait in enumerate(backchannel.WAITS, start=1):
        assert tried(delivery).state == "waiting"
        assert delivery.tries == number
        assert abs(wait_of(delivery) - wait) <= 2
        make_due()
    assert status[:3] in tried(delivery).error
    assert delivery.state == "dead"
    assert len(told.tokens) == len(backchannel.WAITS) + 1
    assert len({claims_of(token)["jti"] for token in told.tokens}) == len(told.tokens)
    assert list(backchannel.WAITS) == sorted(backchannel.WAITS)


@pytest.mark.parametrize("status", ["400 No", "401 No", "403 No", "410 Gone", "302 Found"])
def test_what_is_refused_for_good_is_a_dead_letter_at_once_but_a_redirect_may_pass(internet, delivery, status):
    receiver(internet, http(b"", status=status, Location="https://c.example/elsewhere"))
    # Nothing is followed; a redirect may be a page of a moment.
    assert tried(delivery).state == ("waiting" if status.startswith("302") else "dead")


def test_dead_letter_is_told_to_the_operator_without_any_token(internet, delivery, caplog):
    told = receiver(internet, http(b"{}", status="400 Bad Request"))
    tried(delivery)
    event = AuditEvent.objects.get(event="logout_undelivered")
    assert event.detail == {"tries": 1, "error": "it answered 400"}
    assert "it answered 400" in caplog.text
    assert told.tokens[0] not in caplog.text + str(event.detail) + delivery.error


def test_retry_after_is_waited_for(internet, delivery):
    receiver(internet, http(b"", status="503 Later", Retry_After="120"))
    tried(delivery)
    assert abs(wait_of(delivery) - 120) <= 2


def test_host_that_does_not_exist_is_tried_again(internet, delivery):
    internet.name("c.example", [])
    assert tried(delivery).state == "waiting"


def slow(secure: object, asked: bytes) -> None:
    del secure, asked
    time.sleep(1.5)


def test_slow_apps_keep_nobody_waiting_one_after_the_other_r13(internet, flow, app, public_client, monkeypatch):
    monkeypatch.setattr(backchannel, "DEADLINE_SECONDS", 0.6)
    public_client.row.change(backchannel_logout_uri="https://pub.example/out")
    for number, host in enumerate(("c.example", "pub.example")):
        receiver(internet, slow, host=host, address=f"93.184.216.{40 + number}")
    flow.tokens(app, scope="openid")
    flow.tokens(public_client, scope="openid")
    flow.browser.logout()
    began = time.monotonic()
    assert backchannel.deliver_due() == backchannel.Report(put_off=2)
    assert time.monotonic() - began < 1.2


def test_app_that_is_dead_holds_up_no_other(internet, flow, app, public_client):
    public_client.row.change(backchannel_logout_uri="https://pub.example/out")
    told = receiver(internet, host="pub.example")
    internet.name("c.example", [])
    flow.tokens(app, scope="openid")
    flow.tokens(public_client, scope="openid")
    flow.browser.logout()
    assert backchannel.deliver_due() == backchannel.Report(delivered=1, put_off=1)
    assert len(told.tokens) == 1


def test_worker_that_dies_leaves_it_due_again_after_the_lease_r13(internet, delivery):
    told = receiver(internet)
    assert delivery.take(lease=backchannel.LEASE_SECONDS)
    assert backchannel.deliver_due() == backchannel.Report()
    assert abs(wait_of(delivery) - backchannel.LEASE_SECONDS) <= 2
    make_due()
    assert tried(delivery).state == "delivered"
    assert len(told.tokens) == 1


def test_two_that_read_the_same_row_deliver_it_once_r13(delivery):
    twin = LogoutDelivery.objects.get(pk=delivery.pk)
    assert delivery.take(lease=60)
    assert not twin.take(lease=60)


def test_client_that_is_told_no_more_is_a_dead_letter(delivery, app):
    app.row.change(backchannel_logout_uri="")
    assert tried(delivery).state == "dead"


def test_suspended_client_is_told_all_the_same(internet, delivery, app):
    told = receiver(internet)
    app.row.suspend()
    assert tried(delivery).state == "delivered"
    assert len(told.tokens) == 1


def test_nothing_to_sign_with_puts_it_off_and_breaks_no_sign_out(internet, delivery, settings):
    receiver(internet)
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ID_TOKEN_SIGNING_ALGS": ["ES256"]}
    assert tried(delivery).state == "waiting"
    assert "nothing could be signed" in delivery.error


@pytest.mark.parametrize("uri", ["https://127.0.0.1/out", "https://inside.example/out", "http://c.example/out"])
def test_nothing_inside_is_connected_to_c59(internet, flow, conf_client, uri):
    inside = internet.inside()
    internet.name("inside.example", ["127.0.0.1"])
    conf_client.row.change(backchannel_logout_uri=uri)
    flow.tokens(conf_client, scope="openid")
    flow.browser.logout()
    assert backchannel.deliver_due() == backchannel.Report(put_off=1)
    assert inside.connections == 0
    assert internet.connected == []


def test_host_inside_is_told_where_the_operator_names_it(internet, flow, conf_client, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LOGOUT_PRIVATE_HOSTS": ["wiki.lan"]}
    told = receiver(internet, host="wiki.lan", address="10.0.0.7")
    conf_client.row.change(backchannel_logout_uri="https://wiki.lan/out")
    flow.tokens(conf_client, scope="openid")
    flow.browser.logout()
    assert backchannel.deliver_due() == backchannel.Report(delivered=1)
    assert len(told.tokens) == 1


# By a task, or at once


@pytest.mark.django_db(transaction=True)
def test_signing_out_tells_the_app_at_once_where_no_worker_is_set_up(internet, flow, app):
    told = receiver(internet)
    flow.tokens(app, scope="openid")
    flow.browser.logout()
    assert len(told.tokens) == 1
    assert LogoutDelivery.objects.get().state == "delivered"


@pytest.mark.django_db(transaction=True)
def test_broken_queue_keeps_nobody_signed_in_and_loses_nothing(internet, flow, app, monkeypatch):
    class Broken:
        def enqueue(self, ids: list[int]) -> None:
            raise ConnectionRefusedError(ids)

    told = receiver(internet)
    monkeypatch.setattr(tasks, "_task", Broken)
    flow.tokens(app, scope="openid")
    flow.browser.logout()
    assert not Session.objects.open().exists()
    assert LogoutDelivery.objects.due().count() == 1
    monkeypatch.undo()
    assert told.tokens == []


class Queue:
    """What a backend with workers does: keep what is to be run, and when."""

    def __init__(self) -> None:
        self.kept: list[tuple[object, list[int]]] = []
        self._at: object = None

    def get_backend(self):
        return type("Backend", (), {"supports_defer": True})

    def using(self, *, run_after):
        later = Queue()
        later.kept, later._at = self.kept, run_after
        return later

    def enqueue(self, ids: list[int]) -> None:
        self.kept.append((self._at, ids))


def test_worker_tries_again_by_itself(internet, flow, app, monkeypatch):
    queue = Queue()
    monkeypatch.setattr(tasks, "_task", lambda: queue)
    receiver(internet, http(b"", status="503 Later"))
    flow.tokens(app, scope="openid")
    flow.browser.logout()
    delivery = LogoutDelivery.objects.get()
    backchannel.enqueue([delivery])
    assert queue.kept == [(None, [delivery.pk])]
    tasks.deliver_logouts([delivery.pk])
    (_, (at, ids)) = queue.kept
    assert at is not None
    assert ids == [delivery.pk]


# The command, and what is cleared


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("oauth_deliver_logouts", *arguments, stdout=out)
    return out.getvalue()


def test_command_says_what_it_did(internet, delivery):
    receiver(internet)
    assert run("--dry-run") == "1 due\n"
    assert run() == "1 delivered, 0 put off, 0 given up\n"
    assert run() == "0 delivered, 0 put off, 0 given up\n"


def test_command_fails_when_one_was_given_up(internet, delivery):
    receiver(internet, http(b"", status="400 No"))
    with pytest.raises(SystemExit):
        run()


def test_cleaning_up_delivers_what_is_due_and_keeps_dead_letters_for_a_month(internet, delivery):
    receiver(internet, TAKEN)
    out = StringIO()
    call_command("oauth_clear_expired", stdout=out)
    assert "logouts: 1 delivered, 0 put off, 0 given up" in out.getvalue()
    assert LogoutDelivery.objects.count() == 1
    LogoutDelivery.objects.update(created_at=delivery.created_at.replace(year=2020))
    call_command("oauth_clear_expired", stdout=StringIO())
    assert not LogoutDelivery.objects.exists()


@override_settings(DEBUG=True)
def test_this_machine_itself_is_vouched_for_while_debugging(app):
    assert backchannel.is_vouched_for("http://127.0.0.1:8001/out", client=app.row)
    assert not backchannel.is_vouched_for("https://10.0.0.7/out", client=app.row)
    app.row.registration_source = "dynamic"
    assert not backchannel.is_vouched_for("http://127.0.0.1:8001/out", client=app.row)

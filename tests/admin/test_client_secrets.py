from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.models import AuditEvent, Client, ClientSecret
from tests.admin.filled import base
from tests.admin.test_client_registration import everything_stored, secret_in

YES = {"confirmed": "yes"}


def newest(client: Client) -> int:
    return ClientSecret.objects.filter(client=client).order_by("-pk").values_list("pk", flat=True).first() or 0


def test_added_secret_is_shown_in_the_post_and_kept_nowhere(browser: Browser, web: Client) -> None:
    answer = browser.post(base(web) + "secrets/add/", {"newest": newest(web), "lifetime": "90"})
    secret = secret_in(answer.content.decode())
    row = ClientSecret.objects.get(digest=credentials.digest(secret))
    assert "no-store" in answer["Cache-Control"]
    assert row.expires_at is not None
    assert ClientSecret.objects.live(web).count() == 2
    assert secret not in everything_stored()
    assert secret not in browser.get(base(web) + "secrets/").content.decode()
    assert AuditEvent.objects.get(event="secret_added").actor == "root"


def test_R19_add_secret_sent_twice_adds_one(browser: Browser, web: Client) -> None:
    form = {"newest": newest(web)}
    secret = secret_in(browser.post(base(web) + "secrets/add/", form).content.decode())
    again = browser.post(base(web) + "secrets/add/", form)
    assert again.status_code == 409
    assert secret not in again.content.decode()
    assert ClientSecret.objects.count() == 2


def test_add_secret_by_get_without_csrf_or_to_a_public_client_adds_none(
    browser: Browser, web: Client, superuser: Any
) -> None:
    assert browser.get(base(web) + "secrets/add/").status_code == 405
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(superuser)
    assert strict.post(base(web) + "secrets/add/", {"newest": newest(web)}).status_code == 403
    spa, _none = Client.objects.register(name="S", profile="spa", redirect_uris=["https://s.example/"])
    assert browser.post(base(spa) + "secrets/add/", {"newest": 0}).status_code == 302
    assert ClientSecret.objects.count() == 1


def test_revoke_one_of_two_secrets_asks_first(browser: Browser, web: Client) -> None:
    second, _value = ClientSecret.objects.add(web)
    address = base(web) + f"secrets/{second.pk}/revoke/"
    assert "stay live: 1" in browser.get(address).content.decode()
    browser.post(address, {})
    assert ClientSecret.objects.live(web).count() == 2
    assert browser.post(address, YES).status_code == 302
    assert ClientSecret.objects.live(web).count() == 1
    assert AuditEvent.objects.get(event="secret_revoked").detail == {"hint": second.hint}


def test_last_live_secret_is_revoked_only_with_the_name_typed(browser: Browser, web: Client) -> None:
    address = base(web) + f"secrets/{newest(web)}/revoke/"
    for typed in ("", "notes", "Other"):
        assert browser.post(address, {**YES, "typed": typed}).status_code == 400
    assert ClientSecret.objects.live(web).count() == 1
    assert browser.post(address, {**YES, "typed": "Notes"}).status_code == 302
    assert not ClientSecret.objects.live(web).exists()
    assert browser.post(address, {**YES, "typed": "Notes"}).status_code == 302
    assert AuditEvent.objects.filter(event="secret_revoked").count() == 1


def test_secret_of_another_client_is_404(browser: Browser, web: Client) -> None:
    other, _secret = Client.objects.register(name="Other", profile="machine")
    assert browser.post(base(other) + f"secrets/{newest(web)}/revoke/", YES).status_code == 404
    assert browser.get(base(other) + "secrets/999999/revoke/").status_code == 404
    assert browser.post("/admin/oauth_provider/client/999999/suspend/", YES).status_code == 404


def test_rotation_is_led_step_by_step_until_the_old_one_is_quiet(browser: Browser, web: Client) -> None:
    def steps() -> list[bool]:
        rotation = browser.get(base(web) + "secrets/").context["rotation"]
        return [step.is_done for step in rotation.steps]

    assert browser.get(base(web) + "secrets/").context["rotation"] is None
    now, old = timezone.now(), ClientSecret.objects.filter(client=web)
    old.update(last_used_at=now - timedelta(minutes=4), last_used_address="203.0.113.7")
    old_pk = newest(web)
    browser.post(base(web) + "secrets/add/", {"newest": old_pk})
    new_pk = newest(web)
    assert steps() == [True, False, False, False]
    page = browser.get(base(web) + "secrets/").content.decode()
    assert "4\xa0minutes\xa0ago</time> from <bdi>203.0.113.7</bdi>" in page
    assert "has not been used yet" in page
    ClientSecret.objects.filter(pk=new_pk).update(last_used_at=now)
    assert steps() == [True, True, False, False]
    # A job of every night would be missed by whoever calls an hour quiet.
    ClientSecret.objects.filter(pk=old_pk).update(last_used_at=now - timedelta(hours=23))
    assert steps() == [True, True, False, False]
    ClientSecret.objects.filter(pk=old_pk).update(last_used_at=now - timedelta(hours=25))
    assert steps() == [True, True, True, False]
    assert f"secrets/{old_pk}/revoke/" in browser.get(base(web) + "secrets/").content.decode()
    browser.post(base(web) + f"secrets/{old_pk}/revoke/", YES)
    assert browser.get(base(web) + "secrets/").context["rotation"] is None
    assert "203.0.113.7" in browser.get(base(web) + "secrets/").content.decode()


def test_expired_and_retired_secrets_are_told_from_live_ones(browser: Browser, web: Client) -> None:
    expired, _value = ClientSecret.objects.add(web, expires_at=timezone.now() - timedelta(days=3))
    retired, _value = ClientSecret.objects.add(web)
    retired.revoke()
    context = browser.get(base(web) + "secrets/").context
    assert [row.secret.pk for row in context["rows"]] == [ClientSecret.objects.live(web).get().pk]
    assert {row.secret.pk: row.state for row in context["ended"]} == {expired.pk: "expired", retired.pk: "retired"}
    assert context["rotation"] is None


def test_public_client_has_nothing_to_add_or_retire(browser: Browser, db: None) -> None:
    spa, _none = Client.objects.register(name="S", profile="spa", redirect_uris=["https://s.example/"])
    page = browser.get(base(spa) + "secrets/").content.decode()
    assert "public client" in page
    assert "Add a secret" not in page


def test_whoever_may_not_rotate_sees_states_and_no_button(staff: Any, web: Client) -> None:
    page = staff("rotate_secret").get(base(web) + "secrets/").content.decode()
    assert ClientSecret.objects.get().hint in page
    assert "Add a secret" not in page
    assert "/revoke/" not in page


def test_log_of_the_admin_names_the_hint_and_no_value(browser: Browser, web: Client) -> None:
    secret = secret_in(browser.post(base(web) + "secrets/add/", {"newest": newest(web)}).content.decode())
    messages = " ".join(LogEntry.objects.values_list("change_message", flat=True))
    assert secret[-4:] in messages
    assert secret not in messages

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import get_application_model

from oauth_provider.models import AuditEvent, Client, ClientSecret, Consent, Grant
from oauth_provider.values import ClientStatus
from tests.admin.conftest import allow
from tests.admin.filled import LIST, base

YES = {"confirmed": "yes"}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

# From each status, what each word leads to; everything else is refused and changes nothing.
LEADS = {
    ("active", "suspend/"): "suspended",
    ("suspended", "reactivate/"): "active",
    ("active", "archive/"): "archived",
    ("draft", "archive/"): "archived",
    ("submitted", "archive/"): "archived",
    ("suspended", "archive/"): "archived",
    ("archived", "restore/"): "suspended",
    ("archived", "delete/"): None,
}
# Ends tokens, leaves the status.
REVOKES = {("active", "revoke-access/"), ("draft", "revoke-access/"), ("submitted", "revoke-access/"),
           ("suspended", "revoke-access/")}  # fmt: skip


def status(client: Client) -> str | None:
    return Client.objects.filter(pk=client.pk).values_list("status", flat=True).first()


@pytest.mark.parametrize("word", ["suspend/", "reactivate/", "revoke-access/", "archive/", "restore/", "delete/"])
@pytest.mark.parametrize("start", ClientStatus.values)
def test_each_word_leads_where_it_may_and_is_refused_elsewhere(
    browser: Browser, web: Client, people: Any, start: str, word: str
) -> None:
    allow(web, people("ada"))
    Client.objects.filter(pk=web.pk).update(status=start)
    events = AuditEvent.objects.count()
    answer = browser.post(base(web) + word, {**YES, "typed": "Notes"})
    assert answer.status_code == 302
    if (start, word) in LEADS:
        assert status(web) == LEADS[start, word]
    else:
        assert status(web) == start
    if (start, word) in LEADS or (start, word) in REVOKES:
        assert AuditEvent.objects.count() == events + 1
        assert AuditEvent.objects.latest("pk").actor == "root"
        assert LogEntry.objects.count() == 1
    else:
        assert AuditEvent.objects.count() == events
        assert Grant.objects.filter(revoked_at=None).count() == 1
        assert not LogEntry.objects.exists()


def test_only_the_words_that_lead_somewhere_are_offered(browser: Browser, web: Client) -> None:
    def offered() -> list[str]:
        return [word.name for word, _address in browser.get(base(web) + "change/").context["words"]]

    found = {}
    for start in ClientStatus.values:
        Client.objects.filter(pk=web.pk).update(status=start)
        found[start] = offered()
    assert found == {
        "draft": ["revoke_access", "archive"],
        "submitted": ["revoke_access", "archive"],
        "active": ["suspend", "revoke_access", "archive"],
        "suspended": ["reactivate", "revoke_access", "archive"],
        "archived": ["restore", "delete"],
    }


def test_suspend_says_in_numbers_what_stops_and_reactivate_undoes_it(
    browser: Browser, web: Client, people: Any
) -> None:
    ada, bob = people("ada"), people("bob")
    for user in (ada, ada, bob):
        allow(web, user)
    allow(web, bob, expires_at=web.created_at)
    allow(web, bob, grant_type=DEVICE)
    page = browser.get(base(web) + "suspend/").content.decode()
    assert "Stops working: 2 people, 1 device." in page
    assert status(web) == "active"
    assert browser.post(base(web) + "suspend/", {}).status_code == 200
    assert status(web) == "active"
    assert browser.post(base(web) + "suspend/", YES).status_code == 302
    assert status(web) == "suspended"
    assert "This client is suspended" in browser.get(base(web) + "change/").content.decode()
    assert Grant.objects.filter(revoked_at=None).count() == 5
    assert browser.post(base(web) + "reactivate/", YES).status_code == 302
    assert status(web) == "active"
    events = AuditEvent.objects.filter(event__in=["client_suspended", "client_reactivated"]).values_list(
        "event", "actor"
    )
    assert sorted(events) == [("client_reactivated", "root"), ("client_suspended", "root")]


def test_suspend_names_the_nightly_job_and_who_verifies_tokens_on_its_own(
    browser: Browser, db: None, settings: Any
) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {"https://pay.example/api": "Payments"}}
    job, _secret = Client.objects.register(name="Job", profile="machine", resources=["https://pay.example/api"])
    seen = timezone.now().replace(hour=2, minute=10) - timedelta(days=1)
    Client.objects.filter(pk=job.pk).update(last_used_at=seen)
    assert "may accept" not in browser.get(base(job) + "suspend/").content.decode()
    AuditEvent.objects.record("token_issued", client=job)  # type: ignore[arg-type]
    page = browser.get(base(job) + "suspend/").content.decode()
    assert f"1 machine last seen {seen:%Y-%m-%d} 02:10" in page
    assert "Payments (https://pay.example/api) verifies tokens on its own: it may accept" in page
    # Opaque tokens are asked about each time.
    Client.objects.filter(pk=job.pk).update(token_format="opaque")
    assert "may accept" not in browser.get(base(job) + "suspend/").content.decode()


def test_revoke_access_ends_every_grant_and_the_client_stays(browser: Browser, web: Client, people: Any) -> None:
    allow(web, people("ada"))
    assert "Ends for good: 1 person." in browser.get(base(web) + "revoke-access/").content.decode()
    assert Grant.objects.filter(revoked_at=None).count() == 1
    browser.post(base(web) + "revoke-access/", YES)
    assert not Grant.objects.filter(revoked_at=None).exists()
    stored = Client.objects.get(pk=web.pk)
    assert stored.tokens_not_before is not None
    assert stored.status == "active"


def test_archive_ends_tokens_and_restore_brings_the_client_back_suspended(
    browser: Browser, web: Client, people: Any
) -> None:
    allow(web, people("ada"))
    assert "Ends for good: 1 person." in browser.get(base(web) + "archive/").content.decode()
    browser.post(base(web) + "archive/", YES)
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert web not in browser.get(LIST).context["cl"].result_list
    browser.post(base(web) + "restore/", YES)
    assert status(web) == "suspended"
    assert web in browser.get(LIST).context["cl"].result_list


def test_delete_needs_the_name_typed_says_what_goes_and_keeps_the_events(
    browser: Browser, web: Client, people: Any
) -> None:
    allow(web, people("ada"))
    web.archive()
    address = base(web) + "delete/"
    assert "Goes with it: 1 secret, 1 consent, 1 grant." in browser.get(address).content.decode()
    for typed in ("", "notes", "Other"):
        assert browser.post(address, {**YES, "typed": typed}).status_code == 400
    assert Client.objects.count() == 1
    events = AuditEvent.objects.filter(client_id=web.client_id).count()
    answer = browser.post(address, {**YES, "typed": "Notes"})
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    for model in (Client, ClientSecret, Consent, Grant, get_application_model()):
        assert not model.objects.exists()
    assert AuditEvent.objects.filter(client_id=web.client_id).count() == events + 1
    assert LogEntry.objects.get().is_deletion()
    assert browser.get(base(web) + "change/").status_code == 404


def test_no_one_deletes_a_client_the_way_django_does(browser: Browser, web: Client) -> None:
    assert browser.post(base(web) + "delete/", {"post": "yes"}).status_code == 302
    assert browser.post(f"{LIST}_{web.pk}/delete/", {"post": "yes"}).status_code in {302, 403, 404}
    browser.post(LIST, {"action": "delete_selected", "_selected_action": [web.pk], "post": "yes"})
    web.archive()
    assert browser.post(base(web) + "delete/", {"post": "yes"}).status_code == 200
    browser.post(LIST, {"action": "delete_selected", "_selected_action": [web.pk], "post": "yes"})
    assert Client.objects.filter(pk=web.pk).exists()


@pytest.mark.parametrize(
    "button",
    [
        ("suspend_client", "active", "suspend/"),
        ("suspend_client", "suspended", "reactivate/"),
        ("suspend_client", "active", "archive/"),
        ("suspend_client", "archived", "restore/"),
        ("delete_client", "archived", "delete/"),
        ("revoke_grant", "active", "revoke-access/"),
        ("rotate_secret", "active", "secrets/add/"),
        ("rotate_secret", "active", "secrets/{secret}/revoke/"),
        ("revoke_grant", "active", "grants/revoke/"),
        ("approve_client", "submitted", "approve/"),
        ("approve_client", "submitted", "send-back/"),
    ],
)
def test_each_button_needs_its_own_permission_and_no_other(
    staff: Any, web: Client, people: Any, button: tuple[str, str, str]
) -> None:
    permission, start, path = button
    grant = allow(web, people("ada"))
    Client.objects.filter(pk=web.pk).update(status=start, requested_scopes=["read"])
    secret = ClientSecret.objects.get().pk
    address = base(web) + path.format(secret=secret)
    form = {**YES, "typed": "Notes", "newest": secret, "grant": [str(grant.pk)], "wanted": ["read"], "why": "No logo."}

    def stored() -> Any:
        return [list(model.objects.values()) for model in (Client, ClientSecret, Grant)]

    before = stored()
    lacking = staff(permission)
    assert lacking.post(address, form).status_code == 403
    if not path.startswith(("secrets/add", "grants/revoke", "approve", "send-back")):
        assert lacking.get(address).status_code == 403
    assert stored() == before
    # Without sight of the client it is nothing either.
    assert staff(only=(permission,)).post(address, form).status_code == 403
    # The permission alone, with sight of the client, is enough.
    assert staff(only=(permission, "view_client")).post(address, form).status_code in {200, 302}
    assert stored() != before


@pytest.mark.parametrize("start", ["draft", "submitted"])
def test_what_nobody_approved_is_not_led_around_approval_by_the_archive(staff: Any, web: Client, start: str) -> None:
    Client.objects.filter(pk=web.pk).update(status=start)
    clerk = staff("approve_client")
    for word in ("suspend/", "archive/", "restore/", "reactivate/"):
        clerk.post(base(web) + word, YES)
    assert status(web) == start
    assert "Archive…" not in clerk.get(base(web) + "change/").content.decode()


def test_delete_client_of_django_alone_deletes_nothing_that_is_not_archived(staff: Any, web: Client) -> None:
    assert Permission.objects.filter(codename="delete_client").exists()
    clerk = staff(only=("delete_client", "view_client"))
    assert clerk.post(base(web) + "delete/", {**YES, "typed": "Notes"}).status_code == 302
    assert Client.objects.filter(pk=web.pk).exists()


def test_stranger_is_sent_to_sign_in(web: Client) -> None:
    for path in ("change/", "suspend/", "revoke-access/", "secrets/add/", "grants/", "events/"):
        answer = Browser().post(base(web) + path, YES)
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]

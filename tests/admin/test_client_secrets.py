from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from oauth_provider import credentials
from oauth_provider.models import AuditEvent, Client, ClientSecret, Grant
from tests.admin.conftest import allow
from tests.admin.test_client_registration import everything_stored, secret_in

YES = {"confirmed": "yes"}


def base(client: Client) -> str:
    return f"/admin/oauth_provider/client/{client.pk}/"


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
    assert secret not in browser.get(base(web) + "change/").content.decode()
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


def test_suspend_says_in_numbers_what_stops_and_reactivate_undoes_it(
    browser: Browser, web: Client, people: Any
) -> None:
    ada, bob = people("ada"), people("bob")
    for user in (ada, ada, bob):
        allow(web, user)
    allow(web, bob, expires_at=web.created_at)
    page = browser.get(base(web) + "suspend/").content.decode()
    assert "Live grants that stop working: 3. People: 2." in page
    assert Client.objects.get(pk=web.pk).status == "active"
    assert browser.post(base(web) + "suspend/", {}).status_code == 200
    assert Client.objects.get(pk=web.pk).status == "active"
    assert browser.post(base(web) + "suspend/", YES).status_code == 302
    assert Client.objects.get(pk=web.pk).status == "suspended"
    browser.post(base(web) + "suspend/", YES)
    assert "This client is suspended" in browser.get(base(web) + "change/").content.decode()
    assert browser.post(base(web) + "reactivate/", YES).status_code == 302
    assert Client.objects.get(pk=web.pk).status == "active"
    events = AuditEvent.objects.filter(event__in=["client_suspended", "client_reactivated"]).values_list(
        "event", "actor"
    )
    assert sorted(events) == [("client_reactivated", "root"), ("client_suspended", "root")]


def test_end_all_tokens_ends_every_grant(browser: Browser, web: Client, people: Any) -> None:
    allow(web, people("ada"))
    assert "Live grants that end: 1." in browser.get(base(web) + "end-tokens/").content.decode()
    assert Grant.objects.filter(revoked_at=None).count() == 1
    browser.post(base(web) + "end-tokens/", YES)
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert Client.objects.get(pk=web.pk).tokens_not_before is not None


@pytest.mark.parametrize(
    ("permission", "path"),
    [
        ("suspend_client", "suspend/"),
        ("suspend_client", "reactivate/"),
        ("revoke_grant", "end-tokens/"),
        ("rotate_secret", "secrets/add/"),
        ("rotate_secret", "secrets/{secret}/revoke/"),
    ],
)
def test_each_button_needs_its_own_permission(staff: Any, web: Client, people: Any, permission: str, path: str) -> None:
    allow(web, people("ada"))
    if path == "reactivate/":
        web.suspend()
    before = (Client.objects.values().get(), list(ClientSecret.objects.values()), list(Grant.objects.values()))
    address = base(web) + path.format(secret=newest(web))
    form = {**YES, "typed": "Notes", "newest": newest(web)}
    lacking = staff(permission)
    assert lacking.post(address, form).status_code == 403
    if path != "secrets/add/":
        assert lacking.get(address).status_code == 403
    assert before == (Client.objects.values().get(), list(ClientSecret.objects.values()), list(Grant.objects.values()))
    # The permission alone, with sight of the client, is enough.
    assert staff(only=(permission, "view_client")).post(address, form).status_code in {200, 302}
    assert before != (Client.objects.values().get(), list(ClientSecret.objects.values()), list(Grant.objects.values()))


def test_stranger_is_sent_to_sign_in(web: Client) -> None:
    for path in ("change/", "suspend/", "end-tokens/", "secrets/add/"):
        answer = Browser().post(base(web) + path, YES)
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]

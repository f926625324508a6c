"""What a person does with a client, in Django's admin without scripts and in django-unfold's, which needs its own."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import Any

import pytest
import requests
from django.contrib.sessions.serializers import JSONSerializer
from django.core import signing

from tests.settings import SECRET_KEY

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def person(open_browser, sign_in, look) -> Any:
    somebody = open_browser(scripts=look == "unfold")
    sign_in(somebody)
    return somebody


@pytest.fixture
def ask(site) -> Any:
    """`ask("/token", auth=…, data=…)`: as a client does, over its own connection."""
    with requests.Session() as session:
        session.trust_env = False

        def send(path: str, method: str = "POST", url: str = site.url, **options: Any) -> requests.Response:
            return session.request(method, f"{url}{path}", timeout=30, **options)

        yield send


def token_of(ask: Any, client_id: str, secret: str, **options: Any) -> requests.Response:
    wanted = {"grant_type": "client_credentials", "scope": "read"}
    response: requests.Response = ask("/token", auth=(client_id, secret), data=wanted, **options)
    return response


def add_secret(person: Any, secrets_page: str) -> str:
    person.open(secrets_page)
    person.press("Add a secret")
    return str(person.page.locator("#oauth-client-secret").input_value())


def everything_stored(site: Any) -> str:
    """Every row of every table, and what is in each session."""
    found = []
    file = f"file:{site.log.parent / 'site.sqlite3'}?mode=ro"
    with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            found.extend(repr(row) for row in database.execute(f'SELECT * FROM "{table}"'))  # noqa: S608
        for (data,) in database.execute("SELECT session_data FROM django_session"):
            session = signing.loads(
                data, key=SECRET_KEY, salt="django.contrib.sessions.SessionStore", serializer=JSONSerializer
            )
            found.append(repr(session))
    return "\n".join(found)


def test_secret_is_replaced_without_an_outage_and_stands_nowhere(person, page_of, ask, site):
    client, secrets_page = site.clients["machine"], page_of(person, "Nightly report", "secrets/")
    new = add_secret(person, secrets_page)
    assert token_of(ask, client.client_id, client.secret).status_code == 200
    assert token_of(ask, client.client_id, new).status_code == 200
    person.open(secrets_page)
    assert person.page.get_by_role("heading", name="A secret is being replaced").is_visible()
    assert new not in person.page.content()
    # The old one goes by the button of the last step; the new one goes on.
    with person.page.expect_navigation():
        person.page.get_by_role("link", name=f"Retire …{client.secret[-4:]}").first.click()
    person.press("Retire secret")
    assert token_of(ask, client.client_id, new).status_code == 200
    deadline = time.monotonic() + 2
    while token_of(ask, client.client_id, client.secret).status_code == 200:
        assert time.monotonic() < deadline, "the old secret still works"
    stored = everything_stored(site)
    assert "_auth_user_id" in stored
    assert new not in stored
    assert new not in site.log.read_text()


def test_reload_of_the_page_with_the_secret_makes_no_second_one(person, page_of, site):
    secrets_page = page_of(person, "Notes API", "secrets/")
    person.open(secrets_page)
    before = person.page.locator("table.oauth-table").first.locator("tbody tr").count()
    secret = add_secret(person, secrets_page)
    person.page.reload()
    assert secret not in person.page.content()
    assert "cannot be shown again" in person.page.content()
    person.open(secrets_page)
    assert person.page.locator("table.oauth-table").first.locator("tbody tr").count() == before + 1
    assert secret not in everything_stored(site)


def test_last_secret_is_retired_only_with_the_name_typed(person, page_of):
    person.open(page_of(person, "Was suspended", "secrets/"))
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Retire…").click()
    person.press("Retire secret")
    assert person.page.get_by_role("alert").inner_text() == "What you typed is not the same. Nothing was changed."
    person.press("Retire secret")
    assert person.page.locator("[name=typed]").is_visible()


def test_suspended_client_is_refused_within_a_second_also_by_another_process(
    person, page_of, ask, site, second_process
):
    api = site.clients["api"]
    secret = add_secret(person, page_of(person, "Nightly export", "secrets/"))
    person.open(page_of(person, "Nightly export"))
    client_id = person.page.locator("#oauth-client-id").input_value()
    token = token_of(ask, client_id, secret).json()["access_token"]

    def answers(url: str) -> tuple[int, bool, int]:
        notes = ask("/api/notes", "GET", url=url, headers={"Authorization": f"Bearer {token}"})
        introspected = ask("/introspect", url=url, auth=(api.client_id, api.secret), data={"token": token})
        return token_of(ask, client_id, secret, url=url).status_code, introspected.json()["active"], notes.status_code

    # Both processes have met the client just now and may keep it.
    for url in (site.url, second_process):
        assert answers(url) == (200, True, 200)
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Suspend…").click()
    assert "1 machine last seen" in person.page.content() or "1 machine never seen" in person.page.content()
    for url in (site.url, second_process):
        assert answers(url) == (200, True, 200)
    person.press("Suspend")
    time.sleep(1)
    for url in (site.url, second_process):
        assert answers(url) == (401, False, 401)
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Reactivate…").click()
    person.press("Reactivate")
    time.sleep(1)
    for url in (site.url, second_process):
        assert answers(url) == (200, True, 200)


def test_redirect_uri_is_compared_refused_mended_and_saved_with_the_keyboard_alone(person, page_of):
    keyboard = person.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if person.page.locator(":focus").evaluate("(e, s) => e.matches(s)", selector):
                ring = person.page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle")
                assert ring not in {"none", ""}, f"no ring on {selector}"
                return
        raise AssertionError(f"{selector} is not reached")

    person.open(page_of(person, "Notes for Web"))
    tab_to(".oauth-tabs a[href$='redirect-uris/']")
    with person.page.expect_navigation():
        keyboard.press("Enter")
    tab_to("#oauth-uri")
    keyboard.type("https://notes.example/callback/")
    with person.page.expect_navigation():
        keyboard.press("Enter")
    assert "Only one of them ends in a slash." in person.page.content()
    tab_to("[name=redirect_uris]")
    keyboard.press("Control+End")
    keyboard.press("Enter")
    keyboard.type("http://keyboard.example/cb#x")
    tab_to(".oauth-save button")
    with person.page.expect_navigation():
        keyboard.press("Enter")
    assert "it must have no #fragment" in person.page.content()
    assert "http://keyboard.example/cb#x" in person.page.locator("[name=redirect_uris]").input_value()
    tab_to("[name=correct]")
    with person.page.expect_navigation():
        keyboard.press("Enter")
    tab_to(".oauth-save button")
    with person.page.expect_navigation():
        keyboard.press("Enter")
    assert "Saved." in person.page.content()
    assert "https://keyboard.example/cb" in person.page.locator("[name=redirect_uris]").input_value().splitlines()


def test_enter_in_a_field_saves_and_never_ends_anything(person, page_of):
    person.open(page_of(person, "Notes for Desktop"))
    person.page.locator("#id_policy_uri").fill("https://notes.example/privacy")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert "Saved." in person.page.content()
    assert person.page.locator(".oauth-tag").first.inner_text() == "Active"


def test_draft_is_submitted_and_approved_with_fewer_scopes(person, page_of):
    scopes = page_of(person, "A draft", "scopes/")
    person.open(scopes)
    person.page.locator("[name=wanted][value=write]").check()
    person.press("Submit for approval")
    person.page.locator("[name=wanted][value=write]").uncheck()
    person.press("Approve with these scopes")
    assert person.page.locator(".oauth-tag").first.inner_text() == "Active"
    assert person.page.locator("[name=scopes][value=read]").is_checked()
    assert not person.page.locator("[name=scopes][value=write]").is_checked()


def test_only_what_belongs_to_the_choice_of_people_is_shown(person, page_of):
    person.open(page_of(person, "Payroll"))
    groups, function = person.page.locator(".oauth-field-allowed_groups"), person.page.locator("#id_allowed_function")
    assert not groups.is_visible()
    person.page.get_by_label("Members of groups").check()
    assert groups.is_visible()
    person.page.get_by_label("Whom a function of this site allows").check()
    assert function.is_visible()
    assert not groups.is_visible()

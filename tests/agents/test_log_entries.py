"""Django's LogEntry: what an app did for a person says by which app, and the person's name stays."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.models import LogEntry
from django.test import AsyncClient, Client
from django.utils import translation

from oauth_provider import acting
from oauth_provider.models import AuditEvent
from oauth_provider.testing import as_app
from tests.agents.api import plain

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.agents.api")]

DOORS = ["/rest", "/plain", "/class", "/middleware"]


@pytest.fixture(autouse=True)
def _middleware(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"]


@pytest.fixture
def ada(django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("ada", password="ada")


def named(client: Any, name: str, **wanted: Any) -> Any:
    app = as_app(client, scopes="write", **wanted)
    app.app.rename(name)
    return app


@pytest.fixture
def notes(client: Any, ada: Any) -> Any:
    return named(client, "Notes", user=ada)


@pytest.fixture
def agent(client: Any, ada: Any) -> Any:
    return named(client, "Helper", user=ada, agent=True)


def post(app: Any, address: str, **query: Any) -> LogEntry:
    assert app.post(f"{address}?{urlencode(query)}").status_code == 200
    return LogEntry.objects.latest("pk")


@pytest.mark.parametrize("address", DOORS)
def test_plain_message_says_by_which_app(notes: Any, address: str, ada: Any) -> None:
    entry = post(notes, address, message="Title corrected")
    assert entry.change_message == "Title corrected — by the app “Notes”"
    assert entry.user == ada


@pytest.mark.parametrize("address", DOORS)
def test_plain_message_says_by_which_agent(agent: Any, address: str) -> None:
    assert post(agent, address, message="x").change_message == "x — by the agent “Helper”"


@pytest.mark.parametrize(
    ("action", "message", "said"),
    [
        ("add", [{"added": {}}], "Added. Added by the app “Notes”."),
        ("change", [{"changed": {"fields": ["Title"]}}], "Changed Title. Changed by the app “Notes”."),
        ("change", [], "Changed by the app “Notes”."),
        ("delete", "", "Deleted by the app “Notes”."),
        (
            "change",
            [{"added": {"name": "page", "object": "One"}}],
            "Added page “One”. Changed by the app “Notes”.",
        ),
    ],
)
def test_message_of_the_admin_reads_as_one_of_its_own(notes: Any, action: str, message: Any, said: str) -> None:
    text = json.dumps(message) if isinstance(message, list) else message
    assert post(notes, "/rest", action=action, message=text).get_change_message() == said


def test_admin_history_shows_it_to_people(notes: Any, client: Any, ada: Any) -> None:
    entry = post(notes, "/rest", message=json.dumps([{"changed": {"fields": ["Name"]}}]))
    client.force_login(ada)
    page = client.get(f"/admin/auth/group/{entry.object_id}/history/").content.decode()
    assert "Changed Name. Changed by the app “Notes”." in page
    assert "ada" in page


@pytest.mark.parametrize("message", ["x", "", json.dumps([{"changed": {"fields": ["Name"]}}])])
def test_several_rows_by_one_statement_say_it_too_and_each_once(agent: Any, message: str) -> None:
    post(agent, "/rest", rows=3, message=message)
    said = [entry.get_change_message() for entry in LogEntry.objects.all()]
    assert len(said) == 3
    assert all(one.count("by the agent “Helper”") == 1 for one in said)


def test_one_row_says_it_once(agent: Any) -> None:
    assert post(agent, "/rest", message="x").change_message.count("Helper") == 1


def test_brackets_that_are_no_json_are_text(notes: Any) -> None:
    app_entry = LogEntry(change_message="[draft] x", action_flag=2)
    assert app_entry.change_message == "[draft] x"
    assert post(notes, "/rest", message="(draft) x").change_message == "(draft) x — by the app “Notes”"


def test_machine_says_it_too(client: Any, ada: Any) -> None:
    assert post(named(client, "Robot"), "/rest", message="x").change_message == "x — by the app “Robot”"
    agent = named(client, "Robot", agent=True)
    assert post(agent, "/rest", message="x").change_message == "x — by the agent “Robot”"


# ── and nothing else does ───────────────────────────────────────────────────────────────────────────────────


def test_person_without_an_app_leaves_no_word_of_any(notes: Any, client: Any, ada: Any) -> None:
    post(notes, "/rest", message="x")
    client.force_login(ada)
    assert client.post("/rest?message=mine").status_code == 200
    assert LogEntry.objects.latest("pk").change_message == "mine"
    client.post("/admin/auth/group/add/", {"name": "G"})
    assert LogEntry.objects.latest("pk").get_change_message() == "Added."


def test_what_comes_after_the_request_is_not_the_apps(notes: Any, ada: Any) -> None:
    post(notes, "/rest", message="x")
    assert acting.current() is None
    group = LogEntry.objects.log_actions(ada.pk, [ada], 2, "later", single_object=True)
    assert group.change_message == "later"


def test_token_that_no_door_let_in_acts_nowhere(client: Any, ada: Any) -> None:
    assert as_app(client, user=ada, scopes="read").post("/rest?message=x").status_code == 403
    assert not LogEntry.objects.exists()
    assert as_app(client, user=ada, scopes="write").post("/nobody?message=x").status_code == 200
    assert LogEntry.objects.latest("pk").change_message == "x"


def test_rows_that_are_read_stay_as_they_are(notes: Any, ada: Any) -> None:
    LogEntry.objects.log_actions(ada.pk, [ada], 2, "before", single_object=True)
    post(notes, "/rest", message="x")
    assert LogEntry.objects.earliest("pk").change_message == "before"


def test_view_that_is_called_without_a_request_cycle_leaves_no_app_behind(notes: Any, rf: Any, ada: Any) -> None:
    plain(rf.post("/plain?message=x", headers={"Authorization": f"Bearer {notes.token}"}))
    assert acting.current() is not None
    Client().get("/nobody-there")
    assert acting.current() is None


@pytest.mark.django_db(transaction=True)
def test_async_views_at_the_same_time_keep_their_apps_apart(client: Any, ada: Any) -> None:
    apps = [named(client, f"App{number}", user=ada) for number in range(4)]

    async def send(app: Any) -> Any:
        headers = {"Authorization": f"Bearer {app.token}"}
        return await AsyncClient().post(f"/plain-async?rows=0&message={app.app.name}", headers=headers)

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(send(app) for app in apps))

    async def one() -> Any:
        headers = {"Authorization": f"Bearer {apps[0].token}"}
        return await AsyncClient().post("/plain-async?message=x", headers=headers)

    told = [response.json()["by"] for response in async_to_sync(all_at_once)()]
    assert told == ["App0", "App1", "App2", "App3"]
    assert async_to_sync(one)().status_code == 200
    assert LogEntry.objects.latest("pk").change_message == "x — by the app “App0”"


def test_words_are_translated_where_they_are_read(notes: Any) -> None:
    entry = post(notes, "/rest", action="delete")
    with translation.override("de"):
        assert "Notes" in entry.get_change_message()


def test_events_recorded_while_an_agent_acts_say_so(agent: Any, notes: Any) -> None:
    post(agent, "/rest", message="x")
    event = AuditEvent.objects.get(event="client_changed")
    assert event.detail == {"act": {"sub": agent.app.client_id}}
    assert event.actor == "ada"
    AuditEvent.objects.all().delete()
    post(notes, "/rest", rows=0)
    assert AuditEvent.objects.get(event="client_changed").detail == {}


def test_event_of_a_machine_that_is_an_agent_says_so(client: Any, ada: Any) -> None:
    machine = named(client, "Robot", agent=True)
    post(machine, "/rest", message="x")
    assert AuditEvent.objects.get(event="client_changed").detail["act"] == {"sub": machine.app.client_id}


def test_token_that_is_believed_unread_names_its_app_too(notes: Any, settings: Any) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never"}
    assert post(notes, "/rest", message="x").change_message == "x — by the app “Notes”"


def test_app_that_is_gone_is_named_by_its_id_and_spoils_nothing(notes: Any, settings: Any) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never"}
    client_id = notes.app.client_id
    notes.app.suspend()
    assert post(notes, "/rest", message="x").change_message == f"x — by the app “{client_id}”"

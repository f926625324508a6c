"""The demo's API against a client that wants what is out of reach: list, detail, create, change, move, delete."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from demo_project.tour.browser import Browser
from demo_project.tour.console import Console
from demo_project.tour.http import query_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.demo.process import Demo

pytestmark = [pytest.mark.live, pytest.mark.slow]

VERIFIER = "v" * 48
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Caller:
    """An app with a token of somebody."""

    demo: Demo
    session: requests.Session

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        return self.session.request(method, f"{self.demo.provider}/api/{path}", timeout=30, **arguments)

    def texts(self, query: str = "") -> set[str]:
        return {note["text"] for note in self.call("GET", f"notes{query}").json()}


def access_token(demo: Demo, name: str, scope: str, *, chosen: str = "pick.") -> str:
    """The code flow in somebody's name, with the credentials of the demo's web app."""
    [(client_id, client_secret)] = demo.ask_database(
        "SELECT client_id, client_secret FROM demo_project_registration WHERE name = 'web'"
    )
    redirect_uri = f"{demo.apps}/web/callback"
    query = {
        "response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri, "scope": scope,
        "prompt": "consent", "state": "known", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    browser = Browser(Console())
    address = requests.Request("GET", f"{demo.provider}/authorize", params=query).prepare().url
    assert address is not None
    answer = browser.submit(
        browser.follow(browser.get(address)), having="password", values={"username": name, "password": name}
    )
    answer = browser.follow(answer, until=redirect_uri)
    if 'name="decision"' in answer.text:
        answer = browser.follow(
            browser.submit(answer, having="request", button=("decision", "allow"), ticked=chosen), until=redirect_uri
        )
    form = {
        "grant_type": "authorization_code", "code": query_of(answer.url)["code"], "redirect_uri": redirect_uri,
        "code_verifier": VERIFIER,
    }  # fmt: skip
    got = requests.post(f"{demo.provider}/token", data=form, auth=(client_id, client_secret), timeout=30)
    assert got.status_code == 200, got.text
    return str(got.json()["access_token"])


def caller(demo: Demo, name: str, scope: str = "read write", *, chosen: str = "pick.") -> Caller:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {access_token(demo, name, scope, chosen=chosen)}"
    return Caller(demo, session)


@pytest.fixture(scope="module")
def guest(demo: Demo) -> Iterator[Caller]:
    """Somebody who is a member of the choir, not of the allotment society."""
    made = caller(demo, "guest")
    with made.session:
        yield made


@pytest.fixture(scope="module")
def theirs(demo: Demo) -> int:
    """A note that is out of her reach."""
    return demo.ask_database("SELECT id FROM notes_note WHERE text = 'Mend the water tap'")[0][0]


def test_lists_show_what_is_within_reach_and_a_filter_widens_nothing(guest: Caller) -> None:
    assert [each["slug"] for each in guest.call("GET", "organizations").json()] == ["harbour-choir"]
    assert "Order new scores" in guest.texts()
    assert "Mend the water tap" not in guest.texts()
    assert guest.texts("?organization=allotment-society") == set()
    assert "Order new scores" in guest.texts("?organization=harbour-choir")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_note_out_of_reach_is_as_good_as_not_there(guest: Caller, theirs: int, method: str) -> None:
    answer = guest.call(method, f"notes/{theirs}", json={"organization": "harbour-choir", "text": "Mine now"})
    missing = guest.call(method, "notes/99999999", json={"organization": "harbour-choir", "text": "Mine now"})
    assert (answer.status_code, answer.json()) == (404, missing.json())


def test_note_is_neither_created_in_nor_moved_to_an_organization_out_of_reach(guest: Caller, demo: Demo) -> None:
    mine = guest.call("POST", "notes", json={"organization": "harbour-choir", "text": "Bring biscuits"})
    assert (mine.status_code, mine.json()["author"]) == (201, "guest")
    path = f"notes/{mine.json()['id']}"
    for method, where in (("POST", "notes"), ("PUT", path), ("PATCH", path)):
        answer = guest.call(method, where, json={"organization": "allotment-society", "text": "Dug up"})
        unknown = guest.call(method, where, json={"organization": "no-such", "text": "Dug up"})
        assert (answer.status_code, unknown.status_code) == (400, 400)
        # Nothing tells one that exists from one that does not.
        assert answer.text.replace("allotment-society", "no-such") == unknown.text
    assert demo.ask_database("SELECT count(*) FROM notes_note WHERE text = 'Dug up'") == [(0,)]
    assert guest.call("PATCH", path, json={"text": "Bring tea"}).json()["text"] == "Bring tea"
    assert guest.call("DELETE", path).status_code == 204


def test_author_is_who_the_token_says_whatever_the_body_says(guest: Caller) -> None:
    body = {"organization": "harbour-choir", "text": "By whom?", "author": "admin"}
    made = guest.call("POST", "notes", json=body).json()
    assert made["author"] == "guest"
    assert guest.call("PATCH", f"notes/{made['id']}", json={"author": "admin"}).json()["author"] == "guest"


def test_app_given_one_organization_has_nothing_of_the_others_its_person_is_in(demo: Demo, theirs: int) -> None:
    [(choir,)] = demo.ask_database("SELECT id FROM notes_organization WHERE slug = 'harbour-choir'")
    limited = caller(demo, "demo", chosen=f"pick.organization.{choir}")
    with limited.session:
        assert [each["slug"] for each in limited.call("GET", "organizations").json()] == ["harbour-choir"]
        assert "Order new scores" in limited.texts()
        assert "Mend the water tap" not in limited.texts()
        assert limited.texts("?organization=allotment-society") == set()
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            body = {"organization": "harbour-choir", "text": "Dug up"}
            assert limited.call(method, f"notes/{theirs}", json=body).status_code == 404
        body = {"organization": "allotment-society", "text": "Dug up"}
        assert limited.call("POST", "notes", json=body).status_code == 400
    # The person herself lost nothing.
    assert demo.ask_database("SELECT text FROM notes_note WHERE id = ?", theirs) == [("Mend the water tap",)]


def test_reading_permission_changes_nothing(demo: Demo, theirs: int) -> None:
    reader = caller(demo, "demo", scope="read")
    with reader.session:
        assert reader.call("GET", f"notes/{theirs}").status_code == 200
        for method, path in (
            ("POST", "notes"), ("PUT", f"notes/{theirs}"), ("PATCH", f"notes/{theirs}"), ("DELETE", f"notes/{theirs}"),
        ):  # fmt: skip
            answer = reader.call(method, path, json={"organization": "harbour-choir", "text": "Changed"})
            assert (answer.status_code, answer.json()["required"]) == (403, ["write"])


def test_who_leaves_an_organization_reads_its_notes_no_longer_with_the_same_token(demo: Demo) -> None:
    member = caller(demo, "admin")
    row = (
        "FROM notes_membership WHERE user_id = (SELECT id FROM auth_user WHERE username = 'admin')"
        " AND organization_id = (SELECT id FROM notes_organization WHERE slug = 'harbour-choir')"
    )
    [(organization_id, user_id)] = demo.ask_database(f"SELECT organization_id, user_id {row}")
    with member.session:
        assert "Order new scores" in member.texts()
        demo.ask_database(f"DELETE {row}")
        try:
            assert member.texts() == set()
            assert member.call("GET", "organizations").json() == []
        finally:
            demo.ask_database(
                "INSERT INTO notes_membership (organization_id, user_id) VALUES (?, ?)", organization_id, user_id
            )


def test_page_of_another_origin_may_read_the_api_only_from_the_apps(demo: Demo) -> None:
    for origin, allowed in ((demo.apps, demo.apps), ("https://attacker.example", None), (demo.apps + "9", None)):
        answer = requests.get(f"{demo.provider}/api/notes", headers={"Origin": origin}, timeout=30)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Access-Control-Allow-Credentials" not in answer.headers

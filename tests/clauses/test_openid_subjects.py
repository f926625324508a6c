"""Subject identifiers (OpenID Connect Core §8, Registration §5): public and pairwise, sectors, and orphans (C59)."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from oauth_provider.clients import change
from oauth_provider.models import AuditEvent, Client, Subject
from tests.flow import Flow, Registered, claims_of, post_form, query_of, refresh, userinfo
from tests.internet import http
from tests.register import put, registered

pytestmark = pytest.mark.django_db

LIST = "https://sector.example/list.json"


def pairwise(*redirect_uris: str, **settings) -> Registered:
    client, secret = Client.objects.register(
        name="App", profile="web", redirect_uris=list(redirect_uris), scopes=["openid", "read"],
        settings={"subject_type": "pairwise", **settings},
    )  # fmt: skip
    return Registered(client, secret)


@pytest.fixture
def app(db) -> Registered:
    return pairwise("https://one.example/cb")


@pytest.fixture
def listed(internet):
    """The list of a sector."""
    body = json.dumps(["https://one.example/cb", "https://two.example/cb"]).encode()
    return internet.site("sector.example", http(body))


def sub_of(tokens) -> str:
    return str(claims_of(tokens["id_token"])["sub"])


def test_every_place_says_the_same_sub(flow, app):
    tokens = flow.tokens(app, scope="openid read")
    sub = sub_of(tokens)
    assert claims_of(tokens["access_token"])["sub"] == sub == userinfo(tokens["access_token"]).json()["sub"]
    again = refresh(app, tokens["refresh_token"]).json()
    assert sub_of(again) == sub
    about = {"token": tokens["access_token"], "client_id": app.client_id, "client_secret": app.secret}
    assert post_form(Browser(), "/introspect", about).json().get("sub", sub) == sub
    assert sub_of(flow.tokens(app, scope="openid")) == sub


def test_two_sectors_know_a_person_by_two_and_the_public_ones_by_a_third(flow, app, conf_client, public_client):
    other = pairwise("https://other.example/cb")
    found = [sub_of(flow.tokens(client, scope="openid")) for client in (app, other, conf_client, public_client)]
    assert len(set(found)) == 3
    assert found[2] == found[3]
    # Drawn, not derived: nothing leads from one to the other.
    assert all(sub.startswith("u_") and len(sub) == 34 for sub in found)


def test_clients_of_one_host_share_a_sector_8_1(flow, app):
    neighbour = pairwise("https://one.example/elsewhere")
    assert sub_of(flow.tokens(app, scope="openid")) == sub_of(flow.tokens(neighbour, scope="openid"))


def test_clients_of_one_list_share_a_sector_8_1(flow, listed):
    first = pairwise("https://one.example/cb", sector_identifier_uri=LIST)
    second = pairwise("https://two.example/cb", "https://one.example/cb", sector_identifier_uri=LIST)
    assert sub_of(flow.tokens(first, scope="openid")) == sub_of(flow.tokens(second, scope="openid"))
    assert Subject.objects.get().sector == "sector.example"


def test_two_people_have_two(flow, app, bob):
    other = Flow(Browser())
    other.browser.force_login(bob)
    assert sub_of(flow.tokens(app, scope="openid")) != sub_of(other.tokens(app, scope="openid"))


def test_hint_and_claim_name_the_person_by_it(flow, app, conf_client):
    tokens = flow.tokens(app, scope="openid")
    silent = {"scope": "openid", "prompt": "none"}
    assert "code" in query_of(flow.authorize(app, id_token_hint=tokens["id_token"], **silent)["Location"])
    claims = json.dumps({"id_token": {"sub": {"value": sub_of(tokens)}}})
    assert "code" in query_of(flow.authorize(app, claims=claims, **silent)["Location"])
    public = json.dumps({"id_token": {"sub": {"value": sub_of(flow.tokens(conf_client, scope="openid"))}}})
    assert query_of(flow.authorize(app, claims=public, **silent)["Location"])["error"] == "login_required"


def test_metadata_lists_both():
    document = Browser().get("/.well-known/openid-configuration").json()
    assert document["subject_types_supported"] == ["public", "pairwise"]


# What may be registered


@pytest.mark.parametrize(
    "redirect_uris",
    [["https://one.example/cb", "https://two.example/cb"], ["http://127.0.0.1/cb"], ["http://localhost:1/cb"]],
)
def test_without_a_list_all_redirect_uris_are_https_at_one_host_8_1(redirect_uris):
    with pytest.raises(ValidationError) as refusal:
        pairwise(*redirect_uris)
    assert set(refusal.value.message_dict) == {"subject_type"}


def test_list_must_have_every_redirect_uri(listed):
    with pytest.raises(ValidationError) as refusal:
        pairwise("https://three.example/cb", sector_identifier_uri=LIST)
    assert "https://three.example/cb" in refusal.value.message_dict["sector_identifier_uri"][0]
    app = pairwise("https://one.example/cb", sector_identifier_uri=LIST)
    with pytest.raises(ValidationError):
        change.change(app.row, redirect_uris=["https://one.example/cb", "https://three.example/cb"])
    assert change.change(app.row, redirect_uris=["https://two.example/cb"]) == ["redirect_uris"]


@pytest.mark.parametrize(
    "answer", [http(b"{}"), http(b"[1]"), http(b"nonsense"), http(b"[" * 60_000), http(b"", status="404 Not Found")]
)
def test_what_is_no_list_is_refused(internet, answer):
    internet.site("sector.example", answer)
    with pytest.raises(ValidationError):
        pairwise("https://one.example/cb", sector_identifier_uri=LIST)
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    "uri",
    ["http://sector.example/list", "https://127.0.0.1/list", "https://inside.example/list", "https://[::1]/list"],
)
def test_nothing_inside_is_connected_to_c59(internet, uri):
    inside = internet.inside()
    internet.name("inside.example", ["127.0.0.1"])
    with pytest.raises(ValidationError):
        pairwise("https://one.example/cb", sector_identifier_uri=uri)
    assert inside.connections == 0
    assert internet.connected == []


def test_public_client_has_no_sector():
    with pytest.raises(ValidationError):
        Client.objects.register(
            name="App", redirect_uris=["https://one.example/cb"], settings={"sector_identifier_uri": LIST}
        )


# Registration (RFC 7591, 7592)


def document(**changes):
    return {"redirect_uris": ["https://one.example/cb"], "subject_type": "pairwise", **changes}


def test_client_registers_itself_with_a_list(open_registration, listed):
    answer = registered(document(sector_identifier_uri=LIST))
    assert (answer["subject_type"], answer["sector_identifier_uri"]) == ("pairwise", LIST)


def test_registration_whose_list_lacks_an_address_is_refused(open_registration, listed):
    wrong = document(sector_identifier_uri=LIST, redirect_uris=["https://three.example/cb"])
    answer = Browser().post("/register", wrong, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


def test_registered_client_that_has_people_cannot_change_it(flow, open_registration):
    answer = registered(document(scope="openid", token_endpoint_auth_method="client_secret_post"))
    row = Client.objects.get(application__client_id=answer["client_id"])
    flow.tokens(Registered(row, answer["client_secret"]), scope="openid")
    changed = put(answer, document(subject_type="public", token_endpoint_auth_method="client_secret_post"))
    assert (changed.status_code, changed.json()["error"]) == (400, "invalid_client_metadata")


# Nobody becomes a stranger without a word


CHANGES = {
    "type": {"subject_type": "public"},
    "host": {"redirect_uris": ["https://moved.example/cb"]},
}


@pytest.mark.parametrize("wanted", CHANGES.values(), ids=CHANGES)
def test_change_that_orphans_accounts_says_how_many(flow, app, bob, wanted):
    other = Flow(Browser())
    other.browser.force_login(bob)
    before = sub_of(flow.tokens(app, scope="openid"))
    sub_of(other.tokens(app, scope="openid"))
    with pytest.raises(ValidationError) as refusal:
        change.change(app.row, **wanted)
    assert "2 people would be strangers" in str(refusal.value)
    with pytest.raises(ValidationError):
        change.change(app.row, orphaned_accounts=1, **wanted)
    assert change.change(app.row, orphaned_accounts=2, **wanted) == sorted(wanted)
    event = AuditEvent.objects.filter(event="client_changed").latest("pk")
    assert event.detail["orphaned_accounts"] == 2
    row = Registered(Client.objects.get(pk=app.row.pk), app.secret)
    assert sub_of(flow.tokens(row, scope="openid")) != before


def test_grant_that_is_there_keeps_its_sub(flow, app):
    tokens = flow.tokens(app, scope="openid read")
    change.change(app.row, orphaned_accounts=1, subject_type="public")
    assert sub_of(refresh(app, tokens["refresh_token"]).json()) == sub_of(tokens)


def test_change_before_anybody_came_needs_no_word(app):
    assert change.change(app.row, subject_type="public") == ["subject_type"]


def test_another_path_at_the_same_host_makes_nobody_a_stranger(flow, app):
    flow.tokens(app, scope="openid")
    assert change.change(app.row, redirect_uris=["https://one.example/new"]) == ["redirect_uris"]

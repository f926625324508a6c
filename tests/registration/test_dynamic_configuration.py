"""The client configuration endpoint: read, replace, end (RFC 7592)."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client as Browser

from oauth_provider.clients import status
from oauth_provider.models import AuditEvent, Client, ClientOrigin, Grant
from tests.flow import query_of, refresh, userinfo
from tests.register import DEVICE, NATIVE, SERVERS_OWN, WEB, bearer, client_of, delete, get, path_of, put, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]


@pytest.fixture
def answer(initial_access_token):
    """A confirmed client of bob's."""
    return registered(WEB, initial_access_token)


def refused(response, error: str = "invalid_client_metadata", status_code: int = 400) -> None:
    assert (response.status_code, response.json()["error"]) == (status_code, error), response.content


# Who may


def test_without_a_token_it_says_which_scheme(answer):
    for method in ("get", "put", "delete"):
        response = getattr(Browser(), method)(path_of(answer))
        refused(response, "invalid_token", 401)
        assert response["WWW-Authenticate"] == 'Bearer realm="registration"'


@pytest.mark.parametrize("token", ["x", "op_ra_" + "0" * 49, "op_at_" + "0" * 49, "a" * 9000])
def test_unknown_token_and_unknown_client_are_one_answer(answer, token):
    elsewhere = {**answer, "registration_client_uri": "https://provider.example/register/c_unknown"}
    first, second = get(answer, token), get(elsewhere)
    refused(first, "invalid_token", 401)
    assert first["WWW-Authenticate"] == 'Bearer realm="registration", error="invalid_token"'
    refused(second, "invalid_token", 401)


def test_token_in_the_query_or_in_body_and_header_is_refused(answer):
    token = answer["registration_access_token"]
    refused(Browser().get(path_of(answer), {"access_token": token}), "invalid_request")
    refused(Browser().get(path_of(answer), HTTP_AUTHORIZATION=f"Bearer {token}, Bearer {token}"), "invalid_request")
    refused(Browser().get(path_of(answer), HTTP_AUTHORIZATION=f"Basic {token}"), "invalid_token", 401)


def test_client_of_the_admin_has_no_registration_to_manage(conf_client):
    path = f"/register/{conf_client.client_id}"
    for token in ("", "x", "op_ra_" + "0" * 49):
        assert Browser().get(path, **bearer(token)).status_code in {400, 401}


def test_suspended_client_is_told_403_and_may_again_when_it_works_again(answer):
    client = client_of(answer).row
    status.suspend(client)
    for response in (get(answer), put(answer), delete(answer)):
        refused(response, "access_denied", 403)
    status.reactivate(client)
    assert get(answer).status_code == 200


def test_archived_client_is_as_if_it_were_not_there(answer):
    status.archive(client_of(answer).row)
    refused(get(answer), "invalid_token", 401)


@pytest.mark.parametrize("method", ["post", "patch", "options"])
def test_other_methods_are_named(answer, method):
    response = getattr(Browser(), method)(path_of(answer), **bearer(answer["registration_access_token"]))
    assert (response.status_code, response["Allow"]) == (405, "GET, PUT, DELETE")


# Read


def test_read_is_the_answer_without_the_secret(answer):
    response = get(answer)
    assert response["Cache-Control"] == "no-store"
    expected = {n: v for n, v in answer.items() if n not in {"client_secret", "client_secret_expires_at"}}
    assert response.json() == expected


def test_read_tells_what_the_site_made_of_it(answer):
    Client.objects.update(allowed_scopes=["read"])
    assert get(answer).json()["scope"] == "read"


# Replace


def test_change_is_told_with_its_fields_and_the_new_addresses(answer):
    changed = put(answer, client_name="Notes", redirect_uris=["https://c.example/cb2"])
    assert changed.status_code == 200
    event = AuditEvent.objects.get(event="client_changed")
    assert event.actor == "registration access token"
    assert event.detail["fields"] == ["name", "redirect_uris"]
    assert event.detail["redirect_uris_added"] == ["https://c.example/cb2"]


def test_owners_hear_of_a_new_redirect_uri(answer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        put(answer, redirect_uris=["https://c.example/cb", "https://other.example/cb"])
    assert [message.to for message in mail.outbox] == [["bob@people.example"]]


def test_unconfirmed_client_changes_without_event_and_mail(settings, django_capture_on_commit_callbacks):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SECURITY_CONTACT": "security@site.example"}
    answer = registered()
    with django_capture_on_commit_callbacks(execute=True):
        assert put(answer, redirect_uris=["https://other.example/cb"]).status_code == 200
    assert (AuditEvent.objects.count(), len(mail.outbox)) == (0, 0)
    assert Client.objects.get().redirect_uris == ("https://other.example/cb",)


def test_what_is_left_out_is_deleted_but_the_scope(answer):
    full = put(answer, client_uri="https://c.example/", contacts=["ada@people.example"], software_id="notes").json()
    assert full["contacts"] == ["ada@people.example"]
    left = put(full, client_uri=None, contacts=None, software_id=None, client_name=None, scope=None).json()
    assert not {"client_uri", "contacts", "software_id", "client_name"} & set(left)
    assert left["scope"] == "openid read"


@pytest.mark.parametrize("name", sorted(SERVERS_OWN))
def test_what_only_the_server_says_may_not_be_sent(answer, name):
    refused(put(answer, **{name: answer[name]}))


@pytest.mark.parametrize("client_id", [None, "c_other", 1, ["x"]])
def test_client_id_must_be_the_registration_s(answer, client_id):
    refused(put(answer, client_id=client_id))


def test_secret_may_be_named_but_not_chosen(answer):
    assert answer["client_secret"]
    again = put(answer).json()
    refused(put(again, client_secret="my-own-secret"))
    refused(put(again, client_secret=["x"]))
    assert put(again).status_code == 200


def test_refused_change_changes_nothing_and_the_token_stays(answer):
    columns = Client.objects.values().get()
    refused(put(answer, redirect_uris=["http://x.example/cb"], client_name="New"), "invalid_redirect_uri")
    refused(put(answer, contacts=["nobody"], client_name="New"))
    refused(put(answer, "nonsense"))
    assert Client.objects.values().get() == columns
    assert get(answer).json()["client_name"] == "Notes for Web"


def test_scopes_are_given_up_but_not_gained(answer):
    less = put(answer, scope="read").json()
    assert less["scope"] == "read"
    refused(put(less, scope="openid read"))
    refused(put(less, scope="read write"))


def test_client_the_site_gave_everything_keeps_it_until_it_names_less(answer):
    Client.objects.update(allowed_scopes=["*"], default_scopes=["write"])
    same = put(answer, scope=None).json()
    assert Client.objects.values_list("allowed_scopes", "default_scopes").get() == (["*"], ["write"])
    assert put(same, scope="read write").json()["scope"] == "read write"
    assert Client.objects.values_list("allowed_scopes", "default_scopes").get() == (["read", "write"], ["write"])


def test_AS25_public_stays_public_and_confidential_stays_so(answer):
    refused(put(answer, token_endpoint_auth_method="none", client_secret=None))
    public = registered(NATIVE)
    refused(put(public, token_endpoint_auth_method="client_secret_basic"))
    changed = put(answer, token_endpoint_auth_method="client_secret_basic").json()
    assert changed["token_endpoint_auth_method"] == "client_secret_basic"


@pytest.mark.parametrize(
    ("document", "changes"),
    [
        (WEB, {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}),
        (WEB, {"grant_types": DEVICE["grant_types"], "response_types": [], "redirect_uris": []}),
        (DEVICE, {"grant_types": ["authorization_code"], "redirect_uris": ["https://c.example/cb"]}),
        (NATIVE, {"application_type": "web"}),
        ({**NATIVE, "redirect_uris": ["https://a.example/cb"]}, {"application_type": "native"}),
    ],
)
def test_client_does_not_become_one_of_another_kind(document, changes):
    answer = registered(document)
    assert put(answer, **changes).status_code == 400
    assert get(answer).status_code == 200


def test_grant_types_may_be_fewer(answer, flow):
    changed = put(answer, grant_types=["authorization_code"]).json()
    assert changed["grant_types"] == ["authorization_code"]
    assert "refresh_token" not in flow.tokens(client_of(answer))


def test_origins_follow_the_redirect_uris():
    answer = registered({**NATIVE, "redirect_uris": ["http://localhost:1/cb"]})
    changed = put(answer, redirect_uris=["http://localhost:2/cb"]).json()
    assert ClientOrigin.objects.of(client_of(changed).row) == ["http://localhost:2"]


def test_new_redirect_uris_hold_at_the_next_request(answer, flow):
    put(answer, redirect_uris=["https://new.example/cb"])
    client = client_of(answer)
    assert flow.authorize(client, redirect_uri="https://c.example/cb").status_code == 400
    assert "code" in query_of(flow.location(client, redirect_uri="https://new.example/cb"))


# End


def test_ended_registration_of_a_client_people_used_is_archived_and_its_tokens_end(answer, flow):
    client = client_of(answer)
    tokens = flow.tokens(client, scope="openid read")
    response = delete(answer)
    assert (response.status_code, response.content, response["Cache-Control"]) == (204, b"", "no-store")
    client.row.refresh_from_db()
    assert client.row.status == "archived"
    assert client.row.registration_token_digest == ""
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(client, tokens["refresh_token"]).status_code == 401
    assert Grant.objects.get().revoked_at is not None
    event = AuditEvent.objects.get(event="client_archived")
    assert event.actor == "registration access token"
    for again in (get(answer), put(answer), delete(answer)):
        refused(again, "invalid_token", 401)


def test_ended_registration_nobody_used_is_erased_without_a_trace():
    answer = registered()
    assert delete(answer).status_code == 204
    assert (Client.objects.count(), AuditEvent.objects.count()) == (0, 0)
    refused(get(answer), "invalid_token", 401)


def test_restored_client_needs_its_owner_not_its_old_token(answer):
    delete(answer)
    client = client_of(answer).row
    status.restore(client)
    status.reactivate(client)
    refused(get(answer), "invalid_token", 401)

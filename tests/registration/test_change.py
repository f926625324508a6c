"""Changing a client: one way for every door, one event, nothing half done; owners learn of a new redirect URI."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError

from oauth_provider.clients import approval, change, owners, status
from oauth_provider.models import AuditEvent, Client, ClientOwner
from tests.flow import Registered, machine_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(alice) -> Client:
    return Client.objects.register(
        name="Notes", redirect_uris=["https://n.example/cb"], scopes=["read", "write"], owners=[alice]
    )[0]


def fresh(client: Client) -> Client:
    return Client.objects.get(pk=client.pk)


def test_several_things_at_once_are_one_event(web):
    changed = change.change(
        web, actor="root", name="Better", scopes=["read"], access_token_lifetime=60, origins=["https://n.example"]
    )
    assert changed == ["access_token_lifetime", "name", "origins", "scopes"]
    client = fresh(web)
    assert (client.name, client.allowed_scopes, client.access_token_lifetime) == ("Better", ["read"], 60)
    event = AuditEvent.objects.get(event="client_changed")
    assert (event.actor, event.detail["fields"]) == ("root", changed)


def test_the_same_again_changes_nothing_and_writes_no_event(web):
    same = {"name": "Notes", "scopes": ["write", "read"], "redirect_uris": ["https://n.example/cb"]}
    assert change.change(web, **same) == []
    assert not AuditEvent.objects.filter(event="client_changed").exists()


@pytest.mark.parametrize(
    ("wanted", "argument"),
    [
        ({"redirect_uris": ["http://n.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"scopes": ["nonsense"]}, "scopes"),
        ({"default_scopes": ["introspection"]}, "default_scopes"),
        ({"scopes": ["read"], "default_scopes": ["write"]}, "default_scopes"),
        ({"origins": ["http://n.example"]}, "origins"),
        ({"origins": ["https://n.example/path"]}, "origins"),
        ({"policy_uri": "javascript:alert(1)"}, "policy_uri"),
        ({"logo_uri": "http://n.example/logo.png"}, "logo_uri"),
        ({"contacts": ["nobody"]}, "contacts"),
        ({"contacts": [f"a{n}@n.example" for n in range(30)]}, "contacts"),
        ({"require_pkce": False}, "require_pkce"),
        ({"grant_types": ["client_credentials"]}, "grant_types"),
        ({"grant_types": []}, "grant_types"),
        ({"auth_method": "none"}, "auth_method"),
        ({"token_format": "paper"}, "token_format"),
        ({"access_token_lifetime": 0}, "access_token_lifetime"),
        ({"access_token_lifetime": 10**9}, "access_token_lifetime"),
        ({"access_token_lifetime": True}, "access_token_lifetime"),
        ({"refresh_token_leeway": 301}, "refresh_token_leeway"),
        ({"resources": ["https://unknown.example"]}, "resources"),
        ({"allowed_users": "groups"}, "allowed_groups"),
        ({"allowed_users": "permission", "allowed_permission": "no.such"}, "allowed_permission"),
        ({"allowed_users": "function", "allowed_function": "unknown"}, "allowed_function"),
        ({"allowed_users": "nobody"}, "allowed_users"),
        ({"name": "safe \u202eelif"}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "hidden\u200bspace"}, "name"),
        ({"name": ""}, "name"),
    ],
)
def test_AS2_C64_refused_at_every_door_and_nothing_is_written(web, wanted, argument):
    before = list(Client.objects.values())
    with pytest.raises(ValidationError) as refusal:
        change.change(web, actor="root", **{"name": "Other", **wanted} if "name" not in wanted else wanted)
    assert set(refusal.value.message_dict) <= {argument, "allowed_users"}
    assert list(Client.objects.values()) == before
    assert fresh(web).name == "Notes"
    assert not AuditEvent.objects.filter(event="client_changed").exists()


def test_AS25_a_public_client_cannot_become_confidential(web):
    public = Client.objects.register(name="App", profile="device", scopes=["read"])[0]
    with pytest.raises(ValidationError):
        change.change(public, auth_method="client_secret_basic")
    assert change.change(web, auth_method="client_secret_basic") == ["auth_method"]


def test_imported_client_keeps_what_could_not_be_registered_today_but_gets_nothing_like_it(web):
    Client.objects.filter(pk=web.pk).update(profile="imported")
    web = fresh(web)
    web.set_redirect_uris(["http://old.example/cb"])
    assert change.change(web, redirect_uris=["http://old.example/cb", "https://new.example/cb"]) == ["redirect_uris"]
    with pytest.raises(ValidationError):
        change.change(web, redirect_uris=["http://old.example/cb", "http://other.example/cb"])


def test_an_argument_that_does_not_exist_is_a_programming_error(web):
    with pytest.raises(TypeError, match="is_staff"):
        change.change(web, is_staff=True)


def test_new_redirect_uri_of_a_live_client_mails_its_owners(web, bob, django_capture_on_commit_callbacks):
    team = Group.objects.create(name="team")
    bob.groups.add(team)
    ClientOwner.objects.create(client=web, group=team)
    with django_capture_on_commit_callbacks(execute=True):
        change.change(web, actor="root", redirect_uris=["https://n.example/cb", "https://evil.example/cb"])
    assert sorted(message.to for message in mail.outbox) == [["alice@people.example"], ["bob@people.example"]]
    text = mail.outbox[0].body
    assert "https://evil.example/cb" in text
    assert "root" in text
    assert "Notes" in mail.outbox[0].subject
    assert "\n" not in mail.outbox[0].subject


def test_taking_a_redirect_uri_away_or_changing_a_draft_mails_nobody(web, django_capture_on_commit_callbacks):
    change.change(web, redirect_uris=["https://n.example/cb", "https://n.example/2"])
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        change.change(web, redirect_uris=["https://n.example/cb"])
        Client.objects.filter(pk=web.pk).update(status="draft")
        change.change(fresh(web), redirect_uris=["https://n.example/3"])
    assert mail.outbox == []


def test_client_without_owner_mails_the_security_contact(web, settings, django_capture_on_commit_callbacks):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SECURITY_CONTACT": "security@site.example"}
    change.change(web, owners=[])
    with django_capture_on_commit_callbacks(execute=True):
        change.change(web, redirect_uris=["https://n.example/2"])
    assert [message.to for message in mail.outbox] == [["security@site.example"]]


def test_deactivated_owner_gets_no_mail_and_no_contact_is_one_log_line(
    web, alice, caplog, django_capture_on_commit_callbacks
):
    alice.is_active = False
    alice.save()
    with django_capture_on_commit_callbacks(execute=True):
        change.change(web, redirect_uris=["https://n.example/2"])
    assert mail.outbox == []
    assert "SECURITY_CONTACT is empty" in caplog.text


def test_mail_server_that_is_down_undoes_nothing(web, settings, django_capture_on_commit_callbacks, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with django_capture_on_commit_callbacks(execute=True):
        change.change(web, redirect_uris=["https://n.example/2"])
    assert fresh(web).redirect_uris == ("https://n.example/2",)


def test_owners_are_users_and_groups(web, alice, bob):
    team = Group.objects.create(name="team")
    assert change.change(web, owners=[bob, team]) == ["owners"]
    assert owners.of(web) == [bob, team]
    assert not owners.owns(web, alice)
    alice.groups.add(team)
    assert owners.owns(web, alice)


def test_approval_tells_the_owners(web, django_capture_on_commit_callbacks):
    Client.objects.filter(pk=web.pk).update(status="draft")
    client = fresh(web)
    approval.submit(client, ["read"], actor="alice")
    with pytest.raises(ValidationError):
        approval.submit(client, ["read"])
    with django_capture_on_commit_callbacks(execute=True):
        approval.send_back(client, why="Which data do you keep?", actor="root")
    assert "Which data do you keep?" in mail.outbox[0].body
    approval.submit(client, ["read"], actor="alice")
    with django_capture_on_commit_callbacks(execute=True):
        approval.approve(client, ["read"], actor="root")
    assert "approved" in mail.outbox[1].subject
    assert (fresh(web).status, fresh(web).allowed_scopes) == ("active", ["read"])
    with pytest.raises(ValidationError):
        approval.approve(fresh(web), ["read"])
    events = list(AuditEvent.objects.order_by("pk").values_list("event", flat=True))[1:]
    assert events == ["client_submitted", "client_sent_back", "client_submitted", "client_approved"]


def test_archive_ends_tokens_restore_leaves_it_suspended_and_delete_needs_the_archive(machine_client):
    client = machine_client.row
    assert machine_token(machine_client).status_code == 200
    with pytest.raises(ValidationError):
        status.delete(client)
    status.archive(client, actor="root")
    assert machine_token(machine_client).status_code == 401
    status.restore(client, actor="root")
    assert fresh(client).status == "suspended"
    assert machine_token(machine_client).status_code == 401
    status.reactivate(client, actor="root")
    assert machine_token(machine_client).status_code == 200
    status.archive(client, actor="root")
    status.delete(client, actor="root")
    assert not Client.objects.exists()
    assert machine_token(machine_client).status_code == 401
    event = AuditEvent.objects.get(event="client_deleted")
    assert (event.client_id, event.detail["name"]) == (machine_client.client_id, "Nightly report")


def test_tokens_of_an_archived_client_stay_ended_after_it_comes_back(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    status.archive(conf_client.row)
    status.restore(conf_client.row)
    status.reactivate(conf_client.row)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {tokens['access_token']}"}
    assert flow.browser.get("/userinfo", **headers).status_code == 401
    assert flow.tokens(Registered(conf_client.row, conf_client.secret))["access_token"]


def test_draft_that_was_suspended_or_archived_comes_back_as_a_draft(alice):
    """Nobody gets past the approval by putting a client away and taking it back."""
    client = Client.objects.register(
        name="Draft", redirect_uris=["https://d.example/cb"], scopes=["read"], owners=[alice], status="draft"
    )[0]
    status.archive(client)
    status.restore(fresh(client))
    status.reactivate(fresh(client))
    assert fresh(client).status == "draft"
    approval.approve(fresh(client), ["read"])
    status.suspend(fresh(client))
    status.reactivate(fresh(client))
    assert fresh(client).status == "active"

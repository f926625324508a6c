"""R14: each cause that ends tokens × each way a token is used; and what does not end them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import AuditEvent, Consent, Grant
from oauth_provider.tokens import revoke
from oauth_provider.values import Event
from tests.flow import machine_token, post_form, refresh
from tests.tokens.conftest import ALL, NONE

pytestmark = pytest.mark.django_db


def _deactivate(alice, app, tokens):
    alice.is_active = False
    alice.save(update_fields=["is_active"])


def _delete(alice, app, tokens):
    alice.delete()


def _new_password(alice, app, tokens):
    alice.set_password("another-password")
    alice.save()


def _unusable_password(alice, app, tokens):
    alice.set_unusable_password()
    alice.save()


def _password_set_as_a_hash(alice, app, tokens):
    alice.password = make_password("another-password")
    alice.save()


def _suspend(alice, app, tokens):
    app.row.suspend()


def _withdraw(alice, app, tokens):
    revoke.withdraw_consent(Consent.objects.get(), reason="withdrawn_by_user")


def _revoke_everything_of_the_user(alice, app, tokens):
    revoke.revoke_user(alice, reason="revoked_by_admin")


def _revoke_the_grant(alice, app, tokens):
    revoke.revoke_grant(Grant.objects.get(), reason="revoked_by_admin")


def _revoke_by_the_client(alice, app, tokens):
    form = {"token": tokens["refresh_token"]}
    assert post_form(Browser(), "/revoke", form, HTTP_AUTHORIZATION=app.basic).status_code == 200


def _end_tokens_of_the_client(alice, app, tokens):
    app.row.end_tokens()


def _replay(alice, app, tokens):
    after = refresh(app, tokens["refresh_token"]).json()
    refresh(app, after["refresh_token"])
    assert refresh(app, tokens["refresh_token"]).json()["error"] == "invalid_grant"


CAUSES = [
    _deactivate,
    _delete,
    _new_password,
    _unusable_password,
    _password_set_as_a_hash,
    _suspend,
    _withdraw,
    _revoke_everything_of_the_user,
    _revoke_the_grant,
    _revoke_by_the_client,
    _end_tokens_of_the_client,
    _replay,
]


def test_r14_without_a_cause_everything_is_alive(signed_in):
    assert signed_in().alive() == ALL


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__.strip("_"))
def test_r14_ended_at_once_on_each_path(signed_in, app, alice, cause):
    paths = signed_in()
    cause(alice, app, paths.tokens)
    assert paths.alive() == NONE


def test_r14_revoked_access_token_ends_alone(signed_in, app):
    paths = signed_in()
    form = {"token": paths.tokens["access_token"]}
    post_form(Browser(), "/revoke", form, HTTP_AUTHORIZATION=app.basic)
    assert paths.alive() == {"call": False, "introspection": False, "refresh": True}


def test_r14_access_tokens_of_earlier_refreshes_end_with_the_family(signed_in, app):
    first = signed_in()
    refresh(app, first.tokens["refresh_token"])
    revoke.revoke_grant(Grant.objects.get(), reason="revoked_by_admin")
    assert not first.call()
    assert not first.introspect()


def test_r14_other_grants_of_the_person_live_on(signed_in):
    first, second = signed_in(), signed_in()
    revoke.revoke_grant(Grant.objects.order_by("created_at")[0], reason="revoked_by_admin")
    assert first.alive() == NONE
    assert second.alive() == ALL


def test_r14_withdrawn_consent_asks_again(signed_in, flow, app):
    signed_in()
    assert flow.authorize(app).status_code == 303
    revoke.withdraw_consent(Consent.objects.get(), reason="withdrawn_by_user")
    assert flow.authorize(app).status_code == 200


def test_r14_tokens_work_again_when_a_suspended_client_is_reactivated(signed_in, app):
    paths = signed_in()
    status_before = app.row.status
    app.row.suspend()
    app.row.reactivate()
    assert app.row.status == status_before
    assert paths.alive() == ALL


@pytest.mark.parametrize("end", ["suspend", "end_tokens"])
def test_r14_tokens_of_a_machine_end_with_it(machine, resource_server, end):
    value = machine_token(machine).json()["access_token"]
    if end == "end_tokens":
        # Whole seconds are all a JWT says of its time of issue.
        machine.row.tokens_not_before = timezone.now() + timedelta(seconds=1)
        machine.row.save(update_fields=["tokens_not_before"])
    else:
        machine.row.suspend()
    form = {"token": value}
    response = post_form(Browser(), "/introspect", form, HTTP_AUTHORIZATION=resource_server.basic)
    assert response.json() == {"active": False}


def test_tokens_issued_before_the_sites_border_are_refused(signed_in, settings):
    paths = signed_in()
    border = timezone.now() + timedelta(seconds=1)
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "TOKENS_NOT_BEFORE": border}
    assert not paths.call()
    assert not paths.introspect()


# AS12: what looks like a change of the password and is none.


def test_as12_upgraded_password_hash_ends_nothing(signed_in, alice, settings):
    paths = signed_in()
    alice.password = make_password("alice-password", hasher="pbkdf2_sha256")
    type(alice).objects.filter(pk=alice.pk).update(password=alice.password)
    alice.refresh_from_db()
    before = alice.password
    assert alice.check_password("alice-password")
    alice.refresh_from_db()
    assert alice.password != before, "the hash was made again by the preferred hasher"
    assert paths.alive() == ALL


def test_as12_saving_a_person_ends_nothing(signed_in, alice):
    paths = signed_in()
    alice.first_name = "Alice"
    alice.save()
    assert paths.alive() == ALL


def test_as12_changed_password_is_told_in_the_events(signed_in, alice):
    signed_in()
    _new_password(alice, None, None)
    assert AuditEvent.objects.filter(event=Event.GRANT_REVOKED, detail__reason="password_changed").count() == 1


def test_grants_of_another_person_live_on(signed_in, bob):
    paths = signed_in()
    bob.set_password("another")
    bob.save()
    bob.is_active = False
    bob.save()
    assert paths.alive() == ALL

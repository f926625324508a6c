"""The site's function from (issuer, subject, claims) to a user: never for a machine, never with power, never half."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

pytestmark = pytest.mark.django_db

CALLS: list = []


def by_username(issuer, subject, claims):
    CALLS.append((issuer, subject, claims["jti"]))
    return get_user_model().objects.filter(username=subject).first()


def broken(issuer, subject, claims):
    raise LookupError(subject)


@pytest.fixture(autouse=True)
def _no_calls():
    CALLS.clear()


def test_user_the_site_finds_is_the_user(issuer, trust, call, alice):
    trust(issuer, user=f"{__name__}.by_username")
    said = call(issuer.token(sub="alice", jti="j")).json()
    assert (said["user"], said["request_user"]) == ("alice", "alice")
    assert [(issuer.issuer, "alice", "j")] == CALLS
    assert call(issuer.token(sub="alice"), "/person").status_code == 200


def test_user_the_site_does_not_find_is_nobody(issuer, trust, call):
    trust(issuer, user=f"{__name__}.by_username")
    assert call(issuer.token(sub="nobody")).json()["request_user"] == "AnonymousUser"
    assert call(issuer.token(sub="nobody"), "/person").status_code == 403


def test_RS10_machine_is_never_a_user(issuer, trust, call, alice):
    trust(issuer, user=f"{__name__}.by_username")
    said = call(issuer.token(machine=True, client_id="alice")).json()
    assert (said["subject"], said["user"], said["is_machine"]) == ("alice", None, True)
    assert CALLS == []


def test_RS6_user_who_is_not_active_is_refused(issuer, trust, call, alice):
    alice.is_active = False
    alice.save()
    trust(issuer, user=f"{__name__}.by_username")
    for door in ("/notes", "/anything", "/plain", "/person"):
        answer = call(issuer.token(sub="alice"), door)
        assert (answer.status_code, answer.json()["reason"]) == (401, "revoked")


def test_superuser_has_no_power_through_another_issuer(issuer, trust, call, django_user_model):
    django_user_model.objects.create_superuser("boss", password="boss")
    trust(issuer, user=f"{__name__}.by_username")
    said = call(issuer.token(sub="boss")).json()
    assert (said["request_user"], said["is_staff"], said["is_superuser"]) == ("boss", False, False)


@pytest.mark.parametrize("door", ["/notes", "/anything", "/plain"])
def test_function_that_raises_lets_nobody_in_and_tells_the_operator(issuer, trust, call, told, door):
    trust(issuer, user=f"{__name__}.broken")
    assert call(issuer.token(), door).status_code == 503
    assert "broken raised: nobody enters" in told()


@pytest.mark.parametrize("path", ["/admin/", "/admin/auth/user/", "/page"])
def test_superuser_of_a_token_is_anonymous_on_pages(issuer, trust, call, django_user_model, path):
    django_user_model.objects.create_superuser("boss", password="boss")
    trust(issuer, user=f"{__name__}.by_username")
    assert call(issuer.token(sub="boss"), path).status_code == 302

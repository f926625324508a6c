from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from django.utils import timezone
from oauth2_provider.models import Application

from oauth_provider.audit import seal
from oauth_provider.keys import rotation
from oauth_provider.models import AuditEvent, Client, SigningKey
from oauth_provider.transfer import dot
from oauth_provider.values import Event
from tests.checks.sites import by_id, found_in_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys():
    rotation.ensure()


def test_settings_that_are_no_dict_say_nothing_of_the_database(settings):
    settings.OAUTH_PROVIDER = ["SCOPES"]
    assert run_checks(tags=["database"], databases=["default"]) == []


def application(name="Old", **columns):
    return Application.objects.create(
        name=name,
        **{
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "redirect_uris": "https://old.example/cb",
            "client_secret": "pbkdf2_sha256$1$a$b",
            "hash_client_secret": False,
            **columns,
        },
    )


def adopted(name="Old", **columns):
    dot.adopt(application(name, **columns).client_id)


def web_client(**settings):
    return Client.objects.register(name="New", redirect_uris=["https://new.example/cb"], scopes=["read"], **settings)[0]


def test_new_clients_and_keys_are_silent(keys):
    web_client()
    assert found_in_database() == {}


def test_W201_no_active_key():
    missing = [m.msg for m in run_checks(tags=["database"], databases=["default"]) if m.id.endswith("W201")]
    assert [msg.split()[7].rstrip(";") for msg in missing] == ["ES256", "RS256", "PS256", "EdDSA"]


def test_E201_key_sealed_under_a_lost_secret_key(keys):
    with override_settings(SECRET_KEY="another" * 10):
        found = found_in_database()
    assert SigningKey.objects.filter(kid=found["E201"].split()[3]).exists()
    assert "SECRET_KEY_FALLBACKS" in found["E201"]
    with override_settings(SECRET_KEY="another" * 10, SECRET_KEY_FALLBACKS=["only-for-tests-" + "k" * 50]):
        assert set(found_in_database()) == {"W092"}


def test_W202_applications_without_a_client(keys):
    for number in range(5):
        application(f"Old {number}")
    text = found_in_database()["W202"]
    assert "5 of" in text
    assert "Old 0, Old 1, Old 2 and 2 more" in text


def test_W203_imported_clients_are_summed_up_in_one_message(keys):
    with override_settings(OAUTH2_PROVIDER={"PKCE_REQUIRED": False}):
        adopted("Shop")
        adopted("Phone", client_type="public")
    messages = [m for m in run_checks(tags=["database"], databases=["default"]) if m.id.endswith("W203")]
    assert len(messages) == 1
    assert "no PKCE required: 2 (Shop, Phone)" in messages[0].msg
    assert "may introspect every token: 1 (Shop)" in messages[0].msg


def test_W204_redirect_over_http_to_another_machine(keys):
    adopted("Lan", redirect_uris="https://lan.example/cb http://10.0.0.7/cb")
    adopted("Desk", redirect_uris="http://127.0.0.1:9/cb http://localhost/cb http://[::1]/cb")
    text = found_in_database()["W204"]
    assert "Lan" in text
    assert "Desk" not in text


def test_W205_confidential_client_without_a_live_secret(keys):
    client = web_client()
    client.secrets.get().revoke()
    adopted("Blank", client_secret="")
    adopted("Hashed")
    text = found_in_database()["W205"]
    assert "New" in text
    assert "Blank" in text
    assert "Hashed" not in text


def test_W206_scopes_that_do_not_exist(keys):
    with override_settings(OAUTH2_PROVIDER={"SCOPES": {"old:read": "Read"}}):
        adopted()
    assert "old:read" in found_in_database()["W206"]


def test_W207_grants_that_are_not_served(keys):
    adopted("Implicit", authorization_grant_type="implicit")
    adopted("Password", authorization_grant_type="password")
    assert "Implicit, Password" in found_in_database()["W207"]


def test_database_checks_are_a_handful_of_statements(keys, django_assert_max_num_queries):
    for number in range(20):
        adopted(f"Old {number}")
    with django_assert_max_num_queries(30):
        found_in_database()


def test_without_the_database_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        run_checks(tags=["oauth_provider"])
        run_checks()


def test_W205_imported_client_whose_only_secret_of_ours_was_revoked(keys):
    from oauth_provider.models import ClientSecret

    adopted("Hashed")
    ClientSecret.objects.add(Client.objects.get())[0].revoke()
    assert "Hashed" in found_in_database()["W205"]


def test_W208_legacy_client_without_pkce(keys):
    web_client(profile="legacy", settings={"require_pkce": True})
    assert found_in_database() == {}
    Client.objects.update(require_pkce=False)
    assert "New" in found_in_database()["W208"]


@pytest.mark.parametrize("column", ["id_token_signed_response_alg", "userinfo_signed_response_alg"])
def test_W209_client_of_an_algorithm_that_is_offered_no_more(keys, settings, column):
    web_client(settings={column: "PS256"})
    assert found_in_database() == {}
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ID_TOKEN_SIGNING_ALGS": ["RS256", "ES256"]}
    said = found_in_database()["W209"]
    assert "PS256" in said
    assert "New" in said


def test_W220_audit_events_wait_for_their_seal_for_days(keys):
    def deployed():
        return by_id(run_checks(tags=["database"], databases=["default"], include_deployment_checks=True))

    now = timezone.now()
    AuditEvent.objects.create(event=Event.TOKEN_ISSUED, at=now - timedelta(days=1, hours=23))
    assert "W220" not in deployed()
    AuditEvent.objects.update(at=now - timedelta(days=2, hours=1))
    assert "oauth_verify_audit --seal" in deployed()["W220"]
    assert f"{now - timedelta(days=2, hours=1):%Y-%m-%d}" in deployed()["W220"]
    assert "W220" not in found_in_database()
    list(seal.seal_waiting())
    assert "W220" not in deployed()

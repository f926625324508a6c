"""A key-encryption key of the site's own: it seals and opens, can be moved to and from, and may be out of reach."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import reseal, rotation, store
from oauth_provider.models import AuditEvent, SigningKey
from oauth_provider.values import KeyState
from tests.flow import machine_token, refresh
from tests.keys import kek

pytestmark = pytest.mark.django_db


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("oauth_rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def keks() -> set[str]:
    return set(SigningKey.objects.values_list("kek_id", flat=True))


@pytest.fixture
def lose_secret_key(settings, new_process):
    def lose(*, fallback: bool = False) -> str:
        old = settings.SECRET_KEY
        settings.SECRET_KEY_FALLBACKS = [old] if fallback else []
        settings.SECRET_KEY = "changed-" + "c" * 50
        new_process()
        return old

    return lose


def test_keys_sealed_by_the_vault_do_not_know_secret_key(machine_client, vault, configure, lose_secret_key):
    configure(KEY_ENCRYPTION=kek.FIRST)
    assert machine_token(machine_client).status_code == 200
    lose_secret_key()
    assert machine_token(machine_client).status_code == 200


def test_vault_is_asked_once_for_a_key_and_process(machine_client, vault, configure, new_process):
    configure(KEY_ENCRYPTION=kek.FIRST)
    machine_token(machine_client)
    new_process()
    vault.unwrapped = 0
    for _ in range(3):
        machine_token(machine_client)
    assert vault.unwrapped == 1


@pytest.fixture
def sealed_by_vault(vault, configure):
    configure(KEY_ENCRYPTION=kek.FIRST)
    return vault


def test_vault_out_of_reach_is_503_spends_nothing_and_touches_no_process_that_has_the_key(
    flow, conf_client, sealed_by_vault, new_process, caplog
):
    vault = sealed_by_vault
    tokens = flow.tokens(conf_client, scope="openid read")
    vault.is_down = True
    tokens = refresh(conf_client, tokens["refresh_token"]).json()
    new_process()
    response = refresh(conf_client, tokens["refresh_token"])
    assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
    assert "key-encryption key of the site does not answer: ConnectionError" in caplog.text
    assert "s.123456" not in caplog.text
    assert Browser().get("/jwks").status_code == 200
    vault.is_down = False
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_first_key_that_cannot_be_sealed_is_not_made_and_nothing_is_500(machine_client, vault, configure, caplog):
    configure(KEY_ENCRYPTION=kek.FIRST)
    vault.is_down = True
    assert machine_token(machine_client).status_code == 503
    assert Browser().get("/jwks").json() == {"keys": []}
    assert not SigningKey.objects.exists()
    assert "none can be made" in caplog.text
    vault.is_down = False
    assert machine_token(machine_client).status_code == 200


def test_kek_that_cannot_be_made_is_no_500(machine_client, configure):
    configure(KEY_ENCRYPTION="tests.keys.kek.nothing")
    assert machine_token(machine_client).status_code == 503


def test_sealed_key_put_into_another_row_does_not_open(machine_client, vault, configure, new_process):
    configure(KEY_ENCRYPTION=kek.FIRST)
    machine_token(machine_client)
    Browser().get("/jwks")
    one, other = SigningKey.objects.all()[:2]
    SigningKey.objects.filter(pk=one.pk).update(ciphertext=other.ciphertext)
    one.refresh_from_db()
    with pytest.raises(KeyUnavailable):
        store.opened(one)


def test_reseal_moves_to_the_vault_from_one_to_another_and_back(machine_client, vault, configure, new_process):
    command()
    derived = keks()
    for changes in (
        {"KEY_ENCRYPTION": kek.FIRST},
        {"KEY_ENCRYPTION": kek.SECOND, "KEY_ENCRYPTION_FALLBACKS": [kek.FIRST]},
        {"KEY_ENCRYPTION": "", "KEY_ENCRYPTION_FALLBACKS": [kek.SECOND]},
    ):
        configure(**changes)
        new_process()
        before = keks()
        assert machine_token(machine_client).status_code == 200
        assert command("--reseal").count("sealed anew") == 8
        assert not keks() & before
        assert len(keks()) == 1
        configure(KEY_ENCRYPTION_FALLBACKS=[])
        new_process()
        assert machine_token(machine_client).status_code == 200
    assert keks() == derived


def test_reseal_after_a_change_of_secret_key_lets_the_fallback_go(
    machine_client, lose_secret_key, settings, new_process
):
    machine_token(machine_client)
    lose_secret_key(fallback=True)
    assert "sealed anew: ES256" in command("--reseal")
    events = AuditEvent.objects.filter(event="key_resealed")
    assert {event.actor for event in events} == {"oauth_rotate_keys"}
    assert {event.detail["kid"] for event in events} == set(SigningKey.objects.signing().values_list("kid", flat=True))
    settings.SECRET_KEY_FALLBACKS = []
    new_process()
    assert machine_token(machine_client).status_code == 200


def test_reseal_a_second_time_does_nothing(machine_client, lose_secret_key):
    machine_token(machine_client)
    lose_secret_key(fallback=True)
    command("--reseal")
    before = list(SigningKey.objects.values_list("kid", "ciphertext"))
    assert command("--reseal") == "every key that signs or will sign is sealed under the present key already\n"
    assert list(SigningKey.objects.values_list("kid", "ciphertext")) == before


def test_reseal_that_was_interrupted_goes_on_where_it_stopped(vault, configure):
    command()
    configure(KEY_ENCRYPTION=kek.FIRST)
    vault.fails_after = 3
    with pytest.raises(CommandError, match="ConnectionResetError"):
        command("--reseal")
    assert len(keks()) == 2
    vault.fails_after = None
    assert command("--reseal").count("sealed anew") == 5
    assert len(keks()) == 1


def test_reseal_says_what_it_could_not_open_moves_the_rest_and_leaves_it_untouched(
    lose_secret_key, settings, new_process
):
    store.active_key("ES256")
    old = lose_secret_key()
    store.active_key("RS256")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "third-" + "t" * 50
    closed = SigningKey.objects.get(alg="ES256")
    with pytest.raises(CommandError, match=f"ES256 {closed.kid} \\(active\\): .*SECRET_KEY_FALLBACKS"):
        command("--reseal")
    assert bytes(SigningKey.objects.get(alg="ES256").ciphertext) == bytes(closed.ciphertext)
    settings.SECRET_KEY_FALLBACKS = [old]
    new_process()
    assert [key.alg for key in reseal.reseal().moved] == ["ES256"]
    settings.SECRET_KEY_FALLBACKS = []
    assert reseal.reseal().closed == ()


def test_reseal_erases_what_ended_keys_of_older_versions_still_have(machine_client):
    machine_token(machine_client)
    SigningKey.objects.update(state=KeyState.RETIRED)
    assert "erased the private parts of 1 keys" in command("--reseal")
    assert bytes(SigningKey.objects.get().ciphertext) == b""


def test_key_that_was_revoked_meanwhile_is_not_sealed_anew(machine_client, lose_secret_key):
    machine_token(machine_client)
    lose_secret_key(fallback=True)
    row = SigningKey.objects.get()
    rotation.revoke(row.kid)
    assert row.reseal(ciphertext=b"again", kek_id="new") is False
    assert bytes(SigningKey.objects.get(kid=row.kid).ciphertext) == b""

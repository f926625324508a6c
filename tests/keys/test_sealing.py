"""Private keys are sealed in the database; SECRET_KEY opens them, its fallbacks do, nothing else does."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import store
from oauth_provider.keys.encryption import seal, unseal
from oauth_provider.models import SigningKey
from tests.flow import machine_token

pytestmark = pytest.mark.django_db


def test_sealed_bytes_open_again_and_never_look_the_same():
    first, kek = seal(b"private", associated="kid|ES256")
    second, _ = seal(b"private", associated="kid|ES256")
    assert first != second
    assert b"private" not in first
    assert unseal(first, associated="kid|ES256", sealed_with=kek) == b"private"


def test_sealed_key_opens_only_for_its_own_kid_and_algorithm():
    sealed, kek = seal(b"private", associated="kid|ES256")
    with pytest.raises(KeyUnavailable):
        unseal(sealed, associated="other|ES256", sealed_with=kek)


@pytest.mark.parametrize("position", [0, 12, -1])
def test_altered_key_is_an_error_and_never_another_key(position):
    sealed, kek = seal(b"private", associated="kid|ES256")
    altered = bytearray(sealed)
    altered[position] ^= 1
    with pytest.raises(KeyUnavailable, match="altered"):
        unseal(bytes(altered), associated="kid|ES256", sealed_with=kek)


def test_fallback_opens_what_the_old_secret_key_sealed(settings):
    sealed, kek = seal(b"private", associated="kid|ES256")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "new-" + "n" * 50
    assert unseal(sealed, associated="kid|ES256", sealed_with=kek) == b"private"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(KeyUnavailable, match="SECRET_KEY_FALLBACKS"):
        unseal(sealed, associated="kid|ES256", sealed_with=kek)


def test_no_private_part_is_in_any_column(machine_client):
    machine_token(machine_client)
    row = SigningKey.objects.get(alg="ES256")
    der = store.private_key(row).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    secret_number = store.private_key(row).private_numbers().private_value.to_bytes(32, "big")
    for value in (bytes(row.ciphertext), str(row.public_jwk).encode(), row.kid.encode()):
        assert der not in value
        assert secret_number not in value
    assert "d" not in row.public_jwk


def test_key_is_parsed_once_per_process(machine_client, monkeypatch):
    parsed = []
    really = store.load_der_private_key
    monkeypatch.setattr(store, "load_der_private_key", lambda der, password: parsed.append(1) or really(der, password))
    for _ in range(4):
        assert machine_token(machine_client).status_code == 200
    assert len(parsed) <= 1 + SigningKey.objects.filter(alg="RS256").count()
    machine_token(machine_client)
    assert len(parsed) <= 2

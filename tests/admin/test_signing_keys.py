from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from oauth_provider.keys import rotation, store
from oauth_provider.models import AuditEvent, SigningKey

KEYS = "/admin/oauth_provider/signingkey/"
YES = {"confirmed": "yes"}


@pytest.fixture
def key(db: None) -> Any:
    store.forget()
    rotation.ensure()
    yield SigningKey.objects.filter(state="active").first()
    store.forget()


def test_rotate_asks_then_publishes_the_next_key_and_says_so(browser: Browser, key: SigningKey) -> None:
    algorithms = SigningKey.objects.count()
    assert "Rotate…" in browser.get(KEYS).content.decode()
    assert browser.get(f"{KEYS}rotate/").status_code == 200
    assert SigningKey.objects.count() == algorithms
    page = browser.post(f"{KEYS}rotate/", YES, follow=True).content.decode()
    assert "as next" in page
    assert SigningKey.objects.filter(state="next").count() == algorithms
    assert "Nothing to do yet" in browser.post(f"{KEYS}rotate/", YES, follow=True).content.decode()


def test_revoke_now_needs_the_key_id_typed(browser: Browser, key: SigningKey) -> None:
    address = f"{KEYS}{key.pk}/revoke/"
    assert address in browser.get(KEYS).content.decode()
    assert browser.get(address).status_code == 200
    assert browser.post(address, {**YES, "typed": "other"}).status_code == 400
    assert browser.post(address, {**YES}).status_code == 400
    assert SigningKey.objects.get(pk=key.pk).state == "active"
    assert browser.post(address, {**YES, "typed": key.kid}).status_code == 302
    assert SigningKey.objects.get(pk=key.pk).state == "revoked"
    assert SigningKey.objects.filter(alg=key.alg, state="active").exists()
    event = AuditEvent.objects.get(event="key_revoked")
    assert (event.actor, event.address) == ("root", "127.0.0.1")
    assert browser.post(address, {**YES, "typed": key.kid}).status_code == 302
    assert browser.get(f"{KEYS}99999/revoke/").status_code == 404


def test_rotating_and_revoking_need_rotate_key(staff: Any, key: SigningKey) -> None:
    lacking = staff("rotate_key")
    page = lacking.get(KEYS).content.decode()
    assert "Rotate…" not in page
    assert "/revoke/" not in page
    before = list(SigningKey.objects.values())
    for path in ("rotate/", f"{key.pk}/revoke/"):
        assert lacking.get(KEYS + path).status_code == 403
        assert lacking.post(KEYS + path, {**YES, "typed": key.kid}).status_code == 403
    assert before == list(SigningKey.objects.values())
    assert staff(only=("rotate_key", "view_signingkey")).post(f"{KEYS}rotate/", YES).status_code == 302
    assert staff(only=("rotate_key",)).post(f"{KEYS}rotate/", YES).status_code == 403


def test_no_private_or_sealed_part_is_shown_and_nothing_is_editable(browser: Browser, key: SigningKey) -> None:
    sealed = bytes(key.ciphertext)
    for address in (KEYS, f"{KEYS}{key.pk}/change/", f"{KEYS}{key.pk}/revoke/"):
        page = browser.get(address).content.decode()
        assert key.kid in page
        for part in (sealed.hex(), repr(sealed)[2:-1], key.kek_id, "ciphertext"):
            assert part not in page
    assert browser.get(f"{KEYS}add/").status_code == 403
    assert browser.post(f"{KEYS}{key.pk}/change/", {"state": "retired"}).status_code == 403
    assert browser.post(f"{KEYS}{key.pk}/delete/", {"post": "yes"}).status_code == 403

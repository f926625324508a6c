"""docs/audit.md, The format: computed again from what stands there, with nothing of the package."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.test import override_settings

from oauth_provider.models import AuditEvent, AuditSeal
from tests.audit.conftest import Said, record

OWN = "an-audit-key-of-forty-signs-at-the-least"


def canonical(values):
    written = {name: written_as(value) for name, value in values.items()}
    return json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def written_as(value):
    return value.astimezone(UTC).isoformat(timespec="microseconds") if hasattr(value, "isoformat") else value


def derived():
    return HKDF(SHA256(), 32, None, b"oauth_provider/audit").derive(settings.SECRET_KEY.encode())


@pytest.mark.parametrize("own", ["", OWN])
def test_seals_can_be_computed_from_the_documentation(db, small_seals, own):
    record(5, actor="Zoë \U0001f600")
    with override_settings(OAUTH_PROVIDER={**settings.OAUTH_PROVIDER, "AUDIT_KEY": own}):
        Said("--seal")
    previous = "0" * 64
    for seal in AuditSeal.objects.order_by("number"):
        events = AuditEvent.objects.filter(batch=seal.number).order_by("pk").values()
        leaves = [hashlib.sha256(b"oauth_provider/audit/event/1\0" + canonical(event)).digest() for event in events]
        assert bytes(seal.leaves) == b"".join(leaves)
        contents = {
            "number": seal.number,
            "count": len(leaves),
            "first_event": events[0]["id"],
            "last_event": list(events)[-1]["id"],
            "leaves": b"".join(leaves).hex(),
            "previous": previous,
            "sealed_at": seal.sealed_at,
        }
        previous = hashlib.sha256(b"oauth_provider/audit/seal/1\0" + canonical(contents)).hexdigest()
        assert seal.root == previous
        signed = b"oauth_provider/audit/root/1\0" + previous.encode()
        assert seal.signature == hmac.digest(own.encode() or derived(), signed, "sha256").hex()
    assert seal.number == 2

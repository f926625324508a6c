"""The fake issuer of the test kit: an authorization server as far as an API, or a client, can tell."""

from __future__ import annotations

import base64
import json
import unittest
import urllib.request

import pytest
from django.test import Client, SimpleTestCase, override_settings

from oauth_provider.testing import FakeIssuer, jws
from tests.issuers.conftest import PRESETS


def fetch(url: str, data: bytes | None = None, **headers: str) -> dict:
    with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers), timeout=5) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("preset", PRESETS)
def test_metadata_keys_and_client_credentials_are_served(issuer, trust, call):
    metadata = fetch(f"{issuer.base}/.well-known/openid-configuration")
    assert metadata["issuer"] == issuer.issuer
    assert [key["kid"] for key in fetch(metadata["jwks_uri"])["keys"]] == [issuer.published[0].kid]
    answer = fetch(metadata["token_endpoint"], b"grant_type=client_credentials&scope=read")
    trust(issuer)
    assert call(answer["access_token"]).json()["is_machine"] is True
    assert issuer.requests["token"] == 1


def test_introspection_knows_its_own_tokens(issuer):
    pair = base64.b64encode(":".join(issuer.introspection_client).encode()).decode()
    value = issuer.opaque()
    form = f"token={value}".encode()
    assert fetch(f"{issuer.base}/introspect", form, Authorization=f"Basic {pair}")["active"] is True
    issuer.revoke(value)
    assert fetch(f"{issuer.base}/introspect", form, Authorization=f"Basic {pair}") == {"active": False}


def test_bound_token_says_the_thumbprint_of_the_key(issuer):
    key = jws.key("ES256")
    assert issuer.claims(jwk=key.jwk)["cnf"] == {"jkt": key.thumbprint}


def test_outside_of_with_it_says_so():
    with pytest.raises(RuntimeError, match="with FakeIssuer"):
        FakeIssuer().token()


def test_two_run_beside_each_other():
    with FakeIssuer() as one, FakeIssuer() as two:
        assert one.issuer != two.issuer


class TestInUnittest(SimpleTestCase):
    """As a site without pytest would write it; a SimpleTestCase forbids statements."""

    def setUp(self) -> None:
        self.issuer = self.enterContext(FakeIssuer(preset="keycloak"))
        self.enterContext(override_settings(OAUTH_PROVIDER={"TRUSTED_ISSUERS": self.issuer.settings()}))
        self.enterContext(override_settings(ROOT_URLCONF="tests.issuers.api"))

    def test_notes_need_read(self) -> None:
        def get(value: str) -> int:
            return Client().get("/notes", headers={"Authorization": f"Bearer {value}"}).status_code

        assert get(self.issuer.token(scope="read")) == 200
        assert get(self.issuer.token(scope="write")) == 403
        assert get(self.issuer.id_token()) == 401


def test_it_is_a_plain_test_case() -> None:
    assert issubclass(TestInUnittest, unittest.TestCase)

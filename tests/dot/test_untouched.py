"""With the app installed but our URLs not included, no answer of django-oauth-toolkit changes."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.dot.process import run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toolkit")
    pem = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )

    def walk(name, **environment):
        return run("drive_toolkit", site="site_plain", database=folder / name, SITE_RSA_KEY=pem, **environment)

    return walk("without", WITHOUT_PROVIDER="1"), walk("with")


def test_walk_succeeds_and_fails_where_it_should(answers):
    without, _ = answers
    statuses = {name: answer[0] for name, answer in without.items()}
    # The toolkit's device flow works with oauthlib 3 only.
    assert statuses.pop("device") in {200, 400}
    assert statuses == {
        "authorize, nobody": 302,
        "authorize": 200,
        "authorize, no PKCE": 302,
        "authorize, other URI": 400,
        "allow": 302,
        "token, wrong secret": 401,
        "token": 200,
        "token, replayed": 400,
        "api": 200,
        "api, no token": 401,
        "userinfo": 200,
        "introspect": 200,
        "refresh": 200,
        "revoke": 200,
        "machine": 200,
        "machine, unknown grant": 400,
        "discovery": 200,
        "keys": 200,
        "preflight": 200,
    }


def test_every_answer_is_the_same_with_and_without_the_provider(answers):
    without, with_provider = answers
    assert list(without) == list(with_provider)
    for name, answer in without.items():
        assert with_provider[name] == answer, name

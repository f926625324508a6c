"""Fixtures every test may use: people, clients, and a browser that walks the flow over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider import limits
from oauth_provider.clients import initial_access, known, sectors, usage
from oauth_provider.keys import algorithms, signers, store
from oauth_provider.models import Client
from oauth_provider.outbound import crowd
from oauth_provider.resource_server import kept
from oauth_provider.resource_server.issuers import introspection, jwks
from tests.flow import Flow, Registered
from tests.internet import Authority, Internet


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """What a process keeps would outlive the rows of the test before: failures, keys and clients are forgotten."""
    cache.clear()
    limits.forget()
    store.forget()
    signers.forget()
    known.forget()
    kept.forget()
    crowd.forget()
    jwks.forget()
    introspection.forget()
    usage.forget()
    sectors.forget()


@pytest.fixture(autouse=True)
def _new_keys_sign_at_once(request, monkeypatch):
    """Outside `tests/keys` there is no other process that a new key would have to wait for."""
    if "keys" not in request.path.parts:
        monkeypatch.setattr(store, "_MOST_SECONDS", 0)


@pytest.fixture(scope="session")
def _rsa_keys():
    return {alg: algorithms.ALGORITHMS[alg].generate() for alg in ("RS256", "PS256")}


@pytest.fixture(autouse=True)
def _one_rsa_key(request, monkeypatch, _rsa_keys):
    """Making an RSA key takes longer than most tests: outside `tests/keys` each test's first two are shared."""
    if not {"keys", "parallel"} & set(request.path.parts):
        for alg, key in _rsa_keys.items():
            make, ready = algorithms.ALGORITHMS[alg].generate, [key]
            shared = algorithms.Algorithm(alg, lambda make=make, ready=ready: ready.pop() if ready else make())
            monkeypatch.setitem(algorithms.ALGORITHMS, alg, shared)


@pytest.fixture
def alice(django_user_model):
    """A person."""
    return django_user_model.objects.create_user("alice", "alice@people.example", "alice-password")


@pytest.fixture
def bob(django_user_model):
    """Another person."""
    return django_user_model.objects.create_user("bob", "bob@people.example", "bob-password")


def _register(**wanted) -> Registered:
    client, secret = Client.objects.register(**wanted)
    return Registered(client, secret)


@pytest.fixture
def conf_client(db) -> Registered:
    """`conf`: confidential, code and refresh."""
    return _register(
        name="Notes for Web",
        profile="web",
        redirect_uris=["https://c.example/cb"],
        scopes=["openid", "read", "write", "introspection"],
        default_scopes=["read"],
    )


@pytest.fixture
def public_client(db) -> Registered:
    """`pub`: public, loopback and https."""
    return _register(
        name="Notes for Desktop",
        profile="native",
        redirect_uris=["http://127.0.0.1/cb", "https://pub.example/cb", "com.example.app:/cb"],
        scopes=["openid", "read", "write"],
    )


@pytest.fixture
def machine_client(db) -> Registered:
    """`m2m`: client credentials."""
    return _register(name="Nightly report", profile="machine", scopes=["read", "write"], default_scopes=["read"])


@pytest.fixture
def device_client(db) -> Registered:
    """`tv`: device flow."""
    return _register(name="Notes for TV", profile="device", scopes=["openid", "read"], default_scopes=["read"])


@pytest.fixture
def resource_server(db, settings) -> Registered:
    """`rs`: may introspect tokens of this issuer."""
    return _register(
        name="Notes API",
        profile="machine",
        scopes=["read"],
        resource_server_for=[settings.OAUTH_PROVIDER["ISSUER"]],
    )


@pytest.fixture
def flow(alice) -> Flow:
    """Alice's browser."""
    browser = Browser()
    browser.force_login(alice)
    return Flow(browser)


def _registration(settings, how: str) -> None:
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "DYNAMIC_REGISTRATION": how,
        "REGISTRATION_SCOPES": ["openid", "read"],
        # Tests register often and from one address; those of the limit say so.
        "REGISTRATIONS_PER_HOUR": 10_000,
    }


@pytest.fixture
def open_registration(db, settings) -> None:
    """Anybody may register a client."""
    _registration(settings, "open")


@pytest.fixture
def token_registration(db, settings) -> None:
    """Who has an initial access token may register a client."""
    _registration(settings, "token")


@pytest.fixture
def initial_access_token(db, bob) -> str:
    """A token for two registrations that belong to bob."""
    expires_at = timezone.now() + timedelta(hours=1)
    return initial_access.make(note="Acme", expires_at=expires_at, uses=2, owner=bob)[1]


@pytest.fixture(scope="session")
def _authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def internet(_authority, monkeypatch):
    """The internet of a test: what it names exists, nothing else."""
    made = Internet(_authority, monkeypatch)
    yield made
    made.stop()

"""The database these tests run on: PostgreSQL where `DATABASE_URL` names one, and always a SQLite file.

The suite's own SQLite lives in memory, where one connection at a time is all there is; a file in WAL mode is what
a site has. Each file is marked `django_db(transaction=True)`: the tests commit for real, and threads see each other.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, connections

from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import Client
from tests.flow import Flow, Registered

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}


@contextmanager
def default_database(**changes):
    """Let `default` be another database, in this thread and in every one started meanwhile."""
    handler_settings, before = connections.settings, connections["default"]
    configured = handler_settings["default"]
    handler_settings["default"] = {**configured, **changes}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        handler_settings["default"] = configured
        connections["default"] = before


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory, django_db_setup, django_db_blocker):
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    with django_db_blocker.unblock(), default_database(**SQLITE, NAME=str(path)):
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_file(_migrated_file, tmp_path, django_db_blocker):
    path = tmp_path / "site.sqlite3"
    shutil.copy(_migrated_file, path)
    with django_db_blocker.unblock(), default_database(**SQLITE, NAME=str(path)):
        yield


@pytest.fixture
def postgres():
    if connections.settings["default"]["ENGINE"] != "django.db.backends.postgresql":
        pytest.skip("needs a PostgreSQL server in DATABASE_URL")


@pytest.fixture(params=["sqlite_file", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request):
    request.getfixturevalue(request.param)
    # The process keeps keys for a second, as it does in a site; another test's keys are not this database's.
    store.forget()
    yield request.param
    store.forget()


@pytest.fixture
def keys(database):
    for alg in ALGORITHMS:
        store.active_key(alg)


@pytest.fixture
def alice(database):
    # pytest-django's own user fixture would open a transaction around the test.
    return get_user_model().objects.create_user("alice", "alice@people.example", "alice-password")


@pytest.fixture
def client(keys) -> Registered:
    """An app of this site, so that a code is one request; opaque tokens, so that every token is a row."""
    row, secret = Client.objects.register(
        name="Notes for Web",
        profile="first_party",
        redirect_uris=["https://c.example/cb"],
        scopes=["openid", "read", "write"],
        default_scopes=["openid", "read"],
        settings={"token_format": "opaque"},
    )
    return Registered(row, secret)


@pytest.fixture
def flow(alice) -> Flow:
    flow = Flow()
    flow.browser.force_login(alice)
    return flow

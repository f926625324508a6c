"""No `clients.toml` ends in a traceback: it is applied, and then `plan` finds nothing to do, or it is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import tomli_w
from django.contrib.auth.models import Group
from django.core.management import CommandError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from oauth2_provider.models import Application

from oauth_provider.models import Client
from oauth_provider.transfer import dot
from oauth_provider.transfer.declarative import fields
from oauth_provider.values import Profile
from tests.commands.clients_file import FIRST, run
from tests.fuzz import strategies

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db]

_RIGHT = {
    "profile": Profile.values,
    "status": list(fields.STATUSES),
    "redirect_uris": [["https://a.example/cb"], ["http://127.0.0.1/cb", "com.example.app:/cb"], []],
    "origins": [["https://a.example"], []],
    "scopes": [["read"], ["read", "write"], ["*"], []],
    "default_scopes": [["read"], []],
    "grant_types": [["client_credentials"], ["authorization_code"], ["refresh_token"]],
    "auth_method": ["", "none", "client_secret_basic"],
    "require_pkce": [True, False],
    "is_agent": [True, False],
    "token_format": ["jwt", "opaque"],
    "access_token_lifetime": [1, 600],
    "allowed_users": ["everyone", "groups", "owners"],
    "allowed_groups": [["Editors"]],
    "owners": [["alice"]],
    "owner_groups": [["Editors"]],
    "service_account": ["alice", ""],
    "secrets": [[], [{"env": "BILLING_SECRET"}], [{"env": "BILLING_SECRET", "expires": date(2040, 1, 1)}]],
    "client_id": ["web", "machine", "other"],
}  # fmt: skip
# What tomli-w writes: no surrogates.
_anything = st.recursive(
    st.one_of(
        strategies.text, st.booleans(), st.integers(), st.floats(), st.dates(),
        st.datetimes(timezones=st.sampled_from([UTC, None])), st.just(datetime(1, 1, 1, tzinfo=UTC)),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(strategies.text, inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip


def _value(name, *, is_right):
    right = _RIGHT.get(name)
    return st.tuples(st.just(name), st.sampled_from(right) if right and is_right else _anything)


def _table(*profiles, is_right=True):
    """A table that works, with some of its values changed: it gets further than chance would."""
    names = _RIGHT.keys() - {"client_id", "profile"} if is_right else [*fields.FIELDS]
    changes = st.lists(st.sampled_from(sorted(names)).flatmap(lambda name: _value(name, is_right=is_right)), max_size=3)
    return st.tuples(st.sampled_from(profiles or Profile.values), changes).map(
        lambda made: {
            "profile": made[0],
            "scopes": ["read"],
            "redirect_uris": [] if made[0] in {"machine", "device"} else ["https://a.example/cb"],
            **dict(made[1]),
        }
    )


_wild = st.dictionaries(strategies.text, st.one_of(_table(), _table(is_right=False), _anything), max_size=2)
_tame = st.fixed_dictionaries(
    {"web": _table("web", "web", "first_party", "legacy", "spa")},
    optional={"machine": _table("machine"), "old": _table("imported", "machine"), "new": _table()},
)
_file = st.one_of(_tame, _tame, _tame, _wild).map(lambda tables: {"clients": tables})


@pytest.fixture
def site(alice, tmp_path, monkeypatch):
    monkeypatch.setenv("BILLING_SECRET", FIRST)
    Group.objects.create(name="Editors")
    for profile, uris in (("web", ["https://a.example/cb"]), ("machine", [])):
        Client.objects.register(name=profile, profile=profile, client_id=profile, redirect_uris=uris, scopes=["read"])
    Application.objects.create(
        client_id="old", client_type="confidential", authorization_grant_type="client-credentials"
    )
    dot.adopt("old")
    return tmp_path / "clients.toml"


@given(wanted=_file, raw=st.one_of(st.none(), st.none(), st.none(), st.binary(max_size=60)))
def test_a_file_is_applied_or_refused(site, wanted, raw):
    site.write_bytes(tomli_w.dumps(wanted).encode() if raw is None else raw)
    with transaction.atomic():
        try:
            planned = run("plan", site)[1]
            assert run("apply", site, "--json")[1] == 0
            said, code = run("plan", site)
            assert code in ({0, 2} if "! " in said else {0}), said
            assert planned in {0, 2}
        except CommandError as error:
            assert error.returncode == 1  # noqa: PT017  # an error with its sentence is a right answer
        transaction.set_rollback(True)

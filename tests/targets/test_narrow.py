"""`consent.narrow.to`: fewer objects for a consent and every live grant under it, and never more."""

from __future__ import annotations

import pytest

from oauth_provider.consent import narrow
from oauth_provider.models import AuditEvent, Client, Consent
from oauth_provider.values import Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent(app, alice):
    return Consent.objects.allow(
        alice, app.row, scopes=["notes"], remembered_until=None, targets={"organization": ["1", "2"], "team": "*"}
    )


def test_consent_and_every_live_grant_keep_what_is_named_and_no_more(app, alice, consent, grant_of):
    grants = [
        grant_of(alice, {"organization": ["1", "2"], "team": ["9"]}),
        grant_of(alice, {"organization": "*"}),
        grant_of(alice, {"organization": ["2"]}),
        grant_of(alice, {}),
    ]
    assert narrow.to(alice, app.row, {"organization": ["1", "7"]}, source=Source(address="192.0.2.1")) == 3
    for row in [consent, *grants]:
        row.refresh_from_db()
    assert consent.targets == {"organization": ["1"], "team": "*"}
    assert [grant.targets for grant in grants] == [
        {"organization": ["1"], "team": ["9"]},
        {"organization": ["1", "7"]},
        {"organization": []},
        {},
    ]
    event = AuditEvent.objects.get(event="targets_narrowed")
    assert (event.address, event.detail["grants"]) == ("192.0.2.1", 3)
    assert event.detail["to"] == {"organization": ["1"], "team": "*"}


def test_all_keeps_it_as_it_is_and_is_no_event(app, alice, consent, grant_of):
    grant = grant_of(alice, {"organization": ["1"]})
    assert narrow.to(alice, app.row, {"organization": "*"}) == 0
    grant.refresh_from_db()
    assert grant.targets == {"organization": ["1"]}
    assert not AuditEvent.objects.filter(event="targets_narrowed").exists()


def test_none_is_none_not_all(app, alice, grant_of):
    grant = grant_of(alice, {"organization": "*"})
    assert narrow.to(alice, app.row, {"organization": []}) == 1
    grant.refresh_from_db()
    assert grant.targets == {"organization": []}


def test_other_people_other_apps_and_ended_grants_are_left_alone(app, alice, bob, grant_of):
    others = [grant_of(bob, {"organization": "*"}), grant_of(alice, {"organization": "*"})]
    others[1].revoke(reason="test")
    other_app, _ = Client.objects.register(
        name="Other", profile="web", redirect_uris=["https://o.example/cb"], scopes=["notes"]
    )
    assert narrow.to(alice, app.row, {"organization": ["1"]}) == 0
    assert narrow.to(alice, other_app, {"organization": ["1"]}) == 0
    for row in others:
        row.refresh_from_db()
        assert row.targets == {"organization": "*"}

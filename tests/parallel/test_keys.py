"""Two workers never make two keys, and two rotations at once are one."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models import Count

from oauth_provider.keys import rotation, store
from oauth_provider.models import AuditEvent, SigningKey
from oauth_provider.values import Event, KeyState
from tests.parallel.rig import at_once, browser, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def _of_state(state: KeyState) -> dict[str, int]:
    return dict(SigningKey.objects.filter(state=state).values_list("alg").annotate(Count("pk")).order_by("alg"))


def test_first_requests_at_once_make_one_key_for_each_algorithm(database):
    responses = at_once([partial(lambda: browser().get("/jwks"))] * 6)
    assert statuses(responses) == [200] * 6
    assert _of_state(KeyState.ACTIVE) == {"ES256": 1, "RS256": 1}
    assert SigningKey.objects.count() == 2
    store.forget()
    published = {key["kid"] for key in browser().get("/jwks").json()["keys"]}
    for response in responses:
        assert {key["kid"] for key in response.json()["keys"]} <= published


def test_rotations_at_once_publish_one_next_key(database, keys):
    at_once([rotation.rotate] * 4)
    assert _of_state(KeyState.NEXT) == {"ES256": 1, "RS256": 1}
    assert _of_state(KeyState.ACTIVE) == {"ES256": 1, "RS256": 1}


def test_rotations_at_once_leave_one_active_key_and_retire_what_signed(database, keys):
    rotation.rotate()
    before = set(SigningKey.objects.filter(state=KeyState.ACTIVE).values_list("kid", flat=True))
    at_once([partial(rotation.rotate, now=True)] * 4)
    assert _of_state(KeyState.ACTIVE) == {"ES256": 1, "RS256": 1}
    retired = SigningKey.objects.filter(state=KeyState.RETIRED)
    assert before <= set(retired.values_list("kid", flat=True))
    assert all(row.retire_at is not None for row in retired)
    assert AuditEvent.objects.filter(event=Event.KEY_ROTATED).count() == retired.count()

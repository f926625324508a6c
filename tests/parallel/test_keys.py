"""Two workers never make two keys, and two rotations at once are one."""

from __future__ import annotations

from functools import partial

import jwt
import pytest
from django.db.models import Count

from oauth_provider.keys import reseal, rotation, store
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import AuditEvent, Client, SigningKey
from oauth_provider.values import Event, KeyState
from tests.flow import Registered
from tests.parallel.rig import at_once, browser, post, statuses

ONE_EACH = dict.fromkeys(sorted(ALGORITHMS), 1)

pytestmark = pytest.mark.django_db(transaction=True)


def _of_state(state: KeyState) -> dict[str, int]:
    return dict(SigningKey.objects.filter(state=state).values_list("alg").annotate(Count("pk")).order_by("alg"))


def test_first_requests_at_once_make_one_key_for_each_algorithm(database):
    responses = at_once([partial(lambda: browser().get("/jwks"))] * 6)
    assert statuses(responses) == [200] * 6
    assert _of_state(KeyState.ACTIVE) == ONE_EACH
    assert SigningKey.objects.count() == len(ALGORITHMS)
    store.forget()
    published = {key["kid"] for key in browser().get("/jwks").json()["keys"]}
    for response in responses:
        assert {key["kid"] for key in response.json()["keys"]} <= published


def test_rotations_at_once_publish_one_next_key(database, keys):
    at_once([rotation.rotate] * 4)
    assert _of_state(KeyState.NEXT) == ONE_EACH
    assert _of_state(KeyState.ACTIVE) == ONE_EACH


def test_rotations_at_once_leave_one_active_key_and_retire_what_signed(database, keys):
    rotation.rotate()
    before = set(SigningKey.objects.filter(state=KeyState.ACTIVE).values_list("kid", flat=True))
    at_once([partial(rotation.rotate, now=True)] * 4)
    assert _of_state(KeyState.ACTIVE) == ONE_EACH
    retired = SigningKey.objects.filter(state=KeyState.RETIRED)
    assert before <= set(retired.values_list("kid", flat=True))
    assert all(row.retire_at is not None for row in retired)
    assert AuditEvent.objects.filter(event=Event.KEY_ROTATED).count() == retired.count()


def test_revocations_at_once_leave_one_new_key_and_one_event(database, keys):
    kid = SigningKey.objects.get(alg="ES256").kid
    at_once([partial(rotation.revoke, kid)] * 4)
    assert _of_state(KeyState.ACTIVE) == ONE_EACH
    assert SigningKey.objects.get(kid=kid).state == KeyState.REVOKED
    assert AuditEvent.objects.filter(event=Event.KEY_REVOKED).count() == 1


def test_key_revoked_while_keys_are_rotated_never_signs_again(database, keys):
    rotation.rotate()
    following = SigningKey.objects.get(alg="ES256", state=KeyState.NEXT).kid
    at_once([partial(rotation.revoke, following), *[partial(rotation.rotate, now=True)] * 3])
    assert SigningKey.objects.get(kid=following).state == KeyState.REVOKED
    assert _of_state(KeyState.ACTIVE) == ONE_EACH


def test_c66_tokens_issued_while_keys_rotate_are_all_verified(database, keys):
    rotations = 4

    def issue() -> list[str]:
        form = {"grant_type": "client_credentials", "scope": "read"}
        tokens = []
        for _ in range(8):
            response = post("/token", form, HTTP_AUTHORIZATION=machine.basic)
            assert response.status_code == 200, response.content
            tokens.append(response.json()["access_token"])
        return tokens

    def rotate() -> list[str]:
        for _ in range(rotations):
            rotation.rotate(now=True)
        return []

    machine = Registered(*Client.objects.register(name="Job", profile="machine", scopes=["read"]))
    issued = [token for tokens in at_once([issue, issue, rotate, issue]) for token in tokens]
    store.forget()
    published = {key["kid"]: key for key in browser().get("/jwks").json()["keys"]}
    used = set()
    for token in issued:
        header = jwt.get_unverified_header(token)
        used.add(header["kid"])
        jwt.decode(
            token, jwt.PyJWK(published[header["kid"]]), algorithms=["ES256"], audience="https://provider.example"
        )
    assert len(issued) == 24
    assert SigningKey.objects.filter(alg="ES256", state=KeyState.RETIRED).count() == rotations


def test_resealing_at_once_seals_each_key_once_and_leaves_none_closed(database, keys, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "changed-" + "c" * 50, [settings.SECRET_KEY]
    done = at_once([reseal.reseal] * 4)
    moved = [key.kid for one in done for key in one.moved]
    assert sorted(moved) == sorted(SigningKey.objects.values_list("kid", flat=True))
    settings.SECRET_KEY_FALLBACKS = []
    assert all(store.opened(row) for row in SigningKey.objects.all())
    assert reseal.reseal().moved == ()

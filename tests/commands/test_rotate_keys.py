from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import AuditEvent, SigningKey
from oauth_provider.values import Event, KeyState

pytestmark = pytest.mark.django_db


def rotate(*arguments):
    out = StringIO()
    call_command("oauth_rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def states(alg="ES256"):
    return sorted(SigningKey.objects.filter(alg=alg).values_list("state", flat=True))


def test_first_run_makes_keys_and_publishes_the_next():
    rotate()
    assert states() == [KeyState.ACTIVE, KeyState.NEXT]


def test_next_key_signs_once_it_has_been_published_long_enough():
    rotate()
    rotate()
    assert states() == [KeyState.ACTIVE, KeyState.NEXT]
    SigningKey.objects.filter(state=KeyState.NEXT).update(created_at=timezone.now() - timedelta(days=2))
    assert "signs now" in rotate()
    assert states() == [KeyState.ACTIVE, KeyState.RETIRED]


def test_if_due_does_nothing_to_young_keys():
    rotate("--if-due")
    assert states() == [KeyState.ACTIVE]
    assert rotate("--if-due") == "nothing is due\n"


def test_now_signs_with_a_new_key_at_once():
    rotate("--if-due")
    rotate("--now")
    assert states() == [KeyState.ACTIVE, KeyState.RETIRED]
    assert AuditEvent.objects.filter(event=Event.KEY_ROTATED, actor="oauth_rotate_keys").count() == len(ALGORITHMS)


def test_revoked_active_key_is_replaced_at_once():
    rotate("--if-due")
    key = SigningKey.objects.get(alg="ES256")
    assert "is revoked" in rotate("--revoke", key.kid)
    assert states() == [KeyState.ACTIVE, KeyState.REVOKED]
    assert "was revoked before" in rotate("--revoke", key.kid)


def test_unknown_key_lists_the_known_ones():
    rotate("--if-due")
    with pytest.raises(CommandError) as caught:
        rotate("--revoke", "nothing")
    assert all(key.kid in str(caught.value) for key in SigningKey.objects.all())


def test_options_that_contradict_are_refused():
    with pytest.raises(CommandError, match="not allowed with"):
        rotate("--now", "--if-due")

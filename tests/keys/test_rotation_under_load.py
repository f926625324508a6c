"""R8: keys rotate while tokens are issued, and relying parties that keep the key set for an hour verify every one.

Two days pass in a few seconds: what moves is the age of the rows and the clock of the relying parties. A relying party
here is the worst there is: it never reads the key set again because of a `kid` it does not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

import jwt
import pytest
from django.db.models import F
from django.test import Client as Browser

from oauth_provider.keys import rotation, store
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState
from tests.flow import machine_token, refresh, userinfo

pytestmark = pytest.mark.django_db

STEP = timedelta(minutes=20)
TOKEN_LIFE = timedelta(hours=1)
PERIOD = timedelta(hours=50)


@dataclass
class Clock:
    """Seconds that have passed, for the site and for everybody else."""

    now: timedelta = timedelta()

    def go_on(self, time: timedelta) -> None:
        self.now += time
        SigningKey.objects.update(created_at=F("created_at") - time)
        SigningKey.objects.filter(activated_at__isnull=False).update(activated_at=F("activated_at") - time)
        SigningKey.objects.filter(retire_at__isnull=False).update(retire_at=F("retire_at") - time)


@dataclass
class RelyingParty:
    """Reads the key set when the one it has is as old as it was told it may be, and never otherwise."""

    clock: Clock
    first_read: timedelta
    keys: dict[str, dict] = field(default_factory=dict)
    good_until: timedelta = timedelta(-1)
    verified: int = 0
    failed: list[str] = field(default_factory=list)

    def verify(self, token: str) -> bool:
        if self.clock.now < self.first_read:
            return True
        if self.clock.now >= self.good_until:
            response = Browser().get("/jwks")
            self.keys = {key["kid"]: key for key in response.json()["keys"]}
            max_age = int(re.fullmatch(r"public, max-age=(\d+)", response["Cache-Control"])[1])
            self.good_until = self.clock.now + timedelta(seconds=max_age)
        header = jwt.get_unverified_header(token)
        try:
            jwt.decode(
                token, jwt.PyJWK(self.keys[header["kid"]]), algorithms=[header["alg"]],
                options={"verify_aud": False, "verify_exp": False},
            )  # fmt: skip
        except (KeyError, jwt.PyJWTError) as error:
            self.failed.append(f"{self.clock.now}: {header} {error!r}")
            return False
        self.verified += 1
        return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rotating(configure):
    configure(KEY_PUBLISH_LIFETIME=timedelta(hours=2), KEY_ROTATION_LIFETIME=timedelta(hours=8))


def test_r8_no_verification_fails_while_every_key_is_replaced_again_and_again(
    rotating, clock, flow, conf_client, machine_client
):
    # Their hours begin at different minutes, so that some have just read the key set at each step of a key.
    parties = [RelyingParty(clock, timedelta(minutes=minutes)) for minutes in (0, 20, 40)]
    held: list[tuple[timedelta, str]] = []
    tokens = flow.tokens(conf_client, scope="openid read")
    while clock.now < PERIOD:
        tokens = refresh(conf_client, tokens["refresh_token"]).json()
        held.append((clock.now, tokens["id_token"]))
        held.append((clock.now, machine_token(machine_client).json()["access_token"]))
        held = [(at, token) for at, token in held if clock.now - at <= TOKEN_LIFE]
        for party in parties:
            for _, token in held:
                party.verify(token)
        # Runs more often than it must, on two machines.
        rotation.rotate(if_due=True)
        rotation.rotate(if_due=True)
        clock.go_on(STEP)
    assert [failure for party in parties for failure in party.failed] == []
    assert all(party.verified > 500 for party in parties)
    for alg in ("RS256", "ES256"):
        replaced = SigningKey.objects.filter(alg=alg, state=KeyState.RETIRED).count()
        assert replaced >= PERIOD // timedelta(hours=9), f"{alg}: {replaced}"
    assert len(store.usable_keys()) <= 12


def test_r8_keys_that_cannot_wait_fail_at_a_party_that_has_just_read_the_key_set(clock, machine_client):
    """What the wait is for: the test above can fail."""
    party = RelyingParty(clock, timedelta())
    assert party.verify(machine_token(machine_client).json()["access_token"])
    rotation.rotate(now=True)
    assert not party.verify(machine_token(machine_client).json()["access_token"])


def test_r8_emergency_ends_a_key_here_at_once_and_elsewhere_within_the_age_of_the_key_set(
    clock, flow, conf_client, machine_client
):
    party = RelyingParty(clock, timedelta())
    leaked = flow.tokens(conf_client, scope="openid read")["access_token"]
    assert party.verify(leaked)
    clock.go_on(timedelta(minutes=5))
    rotation.revoke(jwt.get_unverified_header(leaked)["kid"])
    assert userinfo(leaked).status_code == 401
    assert party.verify(leaked)
    clock.go_on(timedelta(minutes=55))
    assert not party.verify(leaked)
    assert party.verify(machine_token(machine_client).json()["access_token"])


def test_r8_emergency_is_not_felt_where_the_next_key_was_published_already(clock, machine_client):
    party = RelyingParty(clock, timedelta())
    machine_token(machine_client)
    rotation.rotate()
    old = machine_token(machine_client).json()["access_token"]
    assert party.verify(old)
    rotation.revoke(jwt.get_unverified_header(old)["kid"])
    assert party.verify(machine_token(machine_client).json()["access_token"])

"""`oauth_rotate_keys`: take the signing keys one step further, or end one at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.conf import conf
from oauth_provider.errors import KeyUnavailable, NoSigningKey
from oauth_provider.keys import reseal, rotation
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState

_ACTOR = "oauth_rotate_keys"


class Command(BaseCommand):
    help = (
        "Publish the next signing key, or sign with it once it has been published long enough; the old one "
        "stays published until its tokens have expired. Run it daily with --if-due. Safe to run anywhere, "
        "twice at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--if-due", action="store_true", help="do nothing until a key is KEY_ROTATION_LIFETIME old")
        what.add_argument("--now", action="store_true", help="sign with the next key at once, without waiting")
        what.add_argument("--revoke", metavar="KID", help="emergency: stop publishing and accepting this key at once")
        what.add_argument(
            "--reseal",
            action="store_true",
            help="after a change of SECRET_KEY or KEY_ENCRYPTION: seal every private key under the present one",
        )

    def handle(self, *, if_due: bool, now: bool, revoke: str | None, **options: Any) -> None:
        try:
            if revoke is not None:
                self._revoke(revoke)
            elif options["reseal"]:
                self._reseal()
            else:
                self._rotate(if_due=if_due, now=now)
        except KeyUnavailable as error:
            raise CommandError(str(error)) from error

    def _rotate(self, *, if_due: bool, now: bool) -> None:
        try:
            done = rotation.rotate(actor=_ACTOR, if_due=if_due, now=now)
        except NoSigningKey as error:
            raise CommandError(f"{error} Nothing was done. --now makes new keys; tokens stay good.") from error
        for sentence in done:
            self.stdout.write(sentence)
        if not done:
            self.stdout.write("nothing is due" if if_due else "the next key has not been published long enough yet")

    def _reseal(self) -> None:
        done = reseal.reseal(actor=_ACTOR)
        for key in done.moved:
            self.stdout.write(f"sealed anew: {key.alg} {key.kid} ({key.state})")
        if done.erased:
            self.stdout.write(f"erased the private parts of {done.erased} keys that have ended")
        if not (done.moved or done.closed):
            self.stdout.write("every key that signs or will sign is sealed under the present key already")
        if done.closed:
            listed = "\n".join(f"  {one.key.alg} {one.key.kid} ({one.key.state}): {one.why}" for one in done.closed)
            raise CommandError(
                f"These could not be opened and stay as they are:\n{listed}\n"
                "Name what sealed them once more and run this again, or replace them with --now."
            )

    def _revoke(self, kid: str) -> None:
        row = SigningKey.objects.filter(kid=kid).first()
        if row is None:
            known = "\n".join(f"  {key.kid}  {key.alg} {key.state}" for key in SigningKey.objects.usable())
            where = " Keys of a signer (SIGNERS) are ended there." if conf.SIGNERS else ""
            raise CommandError(f"There is no signing key {kid!r}.{where} In use are:\n{known or '  none'}")
        if row.state == KeyState.REVOKED:
            self.stdout.write(f"{kid} was revoked before")
            return
        rotation.revoke(kid, actor=_ACTOR)
        self.stdout.write(f"{kid} is revoked: tokens it signed are refused from now on")

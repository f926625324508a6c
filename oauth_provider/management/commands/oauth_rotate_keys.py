"""`oauth_rotate_keys`: take the signing keys one step further, or end one at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import rotation
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

    def handle(self, *, if_due: bool, now: bool, revoke: str | None, **_: Any) -> None:
        if revoke is not None:
            return self._revoke(revoke)
        done = rotation.rotate(actor=_ACTOR, if_due=if_due, now=now)
        for sentence in done:
            self.stdout.write(sentence)
        if not done:
            self.stdout.write("nothing is due" if if_due else "the next key has not been published long enough yet")
        return None

    def _revoke(self, kid: str) -> None:
        row = SigningKey.objects.filter(kid=kid).first()
        if row is None:
            known = "\n".join(f"  {key.kid}  {key.alg} {key.state}" for key in SigningKey.objects.usable())
            raise CommandError(f"There is no signing key {kid!r}. In use are:\n{known or '  none'}")
        if row.state == KeyState.REVOKED:
            self.stdout.write(f"{kid} was revoked before")
            return
        try:
            rotation.revoke(kid, actor=_ACTOR)
        except KeyUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{kid} is revoked: tokens it signed are refused from now on")

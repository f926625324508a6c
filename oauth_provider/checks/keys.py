"""Signing keys: there, opened with what the site has, not too old; the signers and the key that seals them answer."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.checks import CheckMessage
from django.utils import timezone

from oauth_provider.checks.messages import message
from oauth_provider.checks.tables import on_each_database
from oauth_provider.checks.values import is_readable
from oauth_provider.conf import conf
from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import encryption, signers, store
from oauth_provider.keys.algorithms import served
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState

# A cron line that failed once or twice is no reason for a message.
_GRACE = timedelta(days=7)
_ENDED_GRACE = timedelta(days=2)
_NAMED = 3
_HOUR = 3600


@on_each_database
def check_keys(alias: str) -> Iterable[CheckMessage]:
    """E201, W201, W090 to W092, W095. Not `store.active_key`: it would make what is missing."""
    rows = list(SigningKey.objects.using(alias).exclude(state=KeyState.REVOKED).order_by("alg", "kid"))
    signing = [row for row in rows if row.state in {KeyState.ACTIVE, KeyState.NEXT}]
    ours = {alg for alg in served() if alg not in conf.SIGNERS}
    for alg in served():
        if alg in ours and not any(row.alg == alg and row.state == KeyState.ACTIVE for row in rows):
            yield message("W201", alg=alg)
    for row in signing:
        if row.alg not in served():
            yield message("W095", alg=row.alg, kid=row.kid)
            continue
        try:
            store.opened(row)
        except KeyUnavailable as error:
            yield message("E201", kid=row.kid, alg=row.alg, state=row.state, wrong=str(error))
    yield from _old(row for row in signing if row.state == KeyState.ACTIVE and row.alg in ours)
    ended = [row for row in rows if row.retire_at is not None and row.retire_at < timezone.now() - _ENDED_GRACE]
    if ended:
        yield message("W091", count=len(ended), kids=_shown(ended))
    yield from _under_a_fallback(signing)


def _old(active: Iterable[SigningKey]) -> Iterable[CheckMessage]:
    wanted = timedelta(seconds=conf.KEY_ROTATION_LIFETIME)
    for row in active:
        age = timezone.now() - (row.activated_at or row.created_at)
        if age > wanted + _GRACE:
            yield message("W090", alg=row.alg, kid=row.kid, days=age.days, wanted=wanted.days)


def _under_a_fallback(signing: list[SigningKey]) -> Iterable[CheckMessage]:
    """What cannot be opened at all is another message."""
    try:
        present, openers = encryption.present_id(), encryption.opener_ids()
    except KeyUnavailable:
        return
    moved = [row for row in signing if row.kek_id != present and row.kek_id in openers]
    if moved:
        yield message("W092", count=len(moved), kids=_shown(moved))


def _shown(rows: list[SigningKey]) -> str:
    named = ", ".join(row.kid for row in rows[:_NAMED])
    return named if len(rows) <= _NAMED else f"{named} and {len(rows) - _NAMED} more"


def check_signers(**_: Any) -> list[CheckMessage]:
    """E090, W094: each signer is asked for its keys, and for one signature."""
    if not is_readable():
        return []
    found = []
    for alg in conf.SIGNERS:
        if alg not in served():
            found.append(message("W094", alg=alg))
            continue
        try:
            signers.listing(alg, anew=True)
            key = signers.signing_key(alg)
            if key is not None:
                key.sign(b"oauth_provider check " + secrets.token_bytes(16))
        except KeyUnavailable as error:
            found.append(message("E090", alg=alg, wrong=str(error)))
    return found


def check_encryption(**_: Any) -> list[CheckMessage]:
    """E091: what was sealed is opened again."""
    if not is_readable() or not conf.KEY_ENCRYPTION:
        return []
    plain = secrets.token_bytes(32)
    try:
        sealed, kek_id = encryption.seal(plain, associated="check")
        if encryption.unseal(sealed, associated="check", sealed_with=kek_id) == plain:
            return []
        wrong = "it opens something else than it sealed."
    except KeyUnavailable as error:
        wrong = str(error)
    return [message("E091", wrong=wrong)]


def check_publishing(**_: Any) -> list[CheckMessage]:
    """W093."""
    if is_readable() and conf.KEY_PUBLISH_LIFETIME < _HOUR:
        return [message("W093", seconds=conf.KEY_PUBLISH_LIFETIME)]
    return []


CHECKS = (check_keys,)
DEPLOY_CHECKS = (check_signers, check_encryption, check_publishing)

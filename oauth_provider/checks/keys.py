"""Signing keys in the database: there, and opened with the SECRET_KEY the site has."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.checks import CheckMessage

from oauth_provider.checks.messages import message
from oauth_provider.checks.tables import on_each_database
from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import encryption
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState


@on_each_database
def check_keys(alias: str) -> Iterable[CheckMessage]:
    """E201, W201. Not `keys.store`: that one would make what is missing and remember what it opened."""
    rows = list(SigningKey.objects.using(alias).filter(state__in=[KeyState.ACTIVE, KeyState.NEXT]))
    for alg in ALGORITHMS:
        if not any(row.alg == alg and row.state == KeyState.ACTIVE for row in rows):
            yield message("W201", alg=alg)
    for row in rows:
        try:
            encryption.unseal(bytes(row.ciphertext), associated=f"{row.kid}|{row.alg}", sealed_with=row.kek_id)
        except KeyUnavailable as error:
            yield message("E201", kid=row.kid, alg=row.alg, state=row.state, wrong=str(error))


CHECKS = (check_keys,)

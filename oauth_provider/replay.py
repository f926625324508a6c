"""What may be used once: a `jti` is a row, so that it holds across workers and restarts of the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider import credentials
from oauth_provider.models import UsedJti

if TYPE_CHECKING:
    from datetime import datetime


def use_once(kind: str, sender: str, jti: str, *, expires_at: datetime) -> bool:
    """Whether nobody has used this value of this sender before; afterwards it is used. One statement.

    `expires_at` is when it would be refused anyway. Under ATOMIC_REQUESTS the row goes with the request's transaction.
    """
    return UsedJti.objects.use(credentials.digest(f"{kind}\x00{sender}\x00{jti}"), expires_at=expires_at)

"""Back-channel logout (OpenID Connect Back-Channel Logout 1.0): delivering what `ending` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from oauth_provider.models import LogoutDelivery


def enqueue(deliveries: Collection[LogoutDelivery]) -> None:
    """Have these delivered."""

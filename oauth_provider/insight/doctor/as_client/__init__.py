"""The site from outside, as a client meets it: nothing but HTTP, so that proxies and certificates are seen too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.insight.doctor.as_client import discovery, endpoints, transport
from oauth_provider.insight.doctor.as_client.asking import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oauth_provider.insight.doctor.diagnosis import Diagnosis

STEPS: tuple[tuple[str, Callable[[Site], Iterator[Diagnosis]]], ...] = (
    ("discovery", discovery.examine),
    ("endpoints", endpoints.examine),
    ("transport", transport.examine),
)


def site_at(address: str) -> Site:
    """The site whose issuer has this address; a slash at the end is not part of it."""
    return Site(address.rstrip("/"))

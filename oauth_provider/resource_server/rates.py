"""How often an app may call: a rate as it is written, who is counted, and what the headers say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from oauth_provider import credentials

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access

_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

# Who is counted, by the name of the rate. An app is one of its issuer's.
COUNTED: Mapping[str, Callable[[Access], tuple[str, ...]]] = {
    "oauth_client": lambda access: (access.issuer, access.client_id),
    "oauth_token": lambda access: (access.token_id,),
    "oauth_client_user": lambda access: (access.issuer, access.client_id, access.subject),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    window: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of one rate after this request; `over` where it was one too many."""

    policy: str
    rate: Rate
    remaining: int
    seconds_left: int
    over: bool


def parse(rate: str) -> Rate:
    """A rate like `100/hour`: of the period, which is second, minute, hour or day, the first letter counts."""
    number, _, period = rate.partition("/")
    if not number.strip().isascii() or not number.strip().isdigit() or period.strip()[:1] not in _PERIODS:
        raise ImproperlyConfigured(f"{rate!r} is no rate: write '100/hour'; there are second, minute, hour and day.")
    return Rate(int(number), _PERIODS[period.strip()[0]])


def spend(rate: Rate, *, access: Access, counted: str, scope: str = "") -> Spent:
    """Count this request under the rate `counted` (see COUNTED); `scope` gives a bucket of its own."""
    # Rows are met only here: the framework imports throttles before the apps are ready.
    from oauth_provider import limits  # noqa: PLC0415

    policy = f"{counted}:{scope}" if scope else counted
    # A digest: ids of other issuers are as long as those like, and hold what a cache's key may not.
    key = credentials.digest("\x00".join(("rate", policy, *COUNTED[counted](access))))
    taken = limits.take(key, window=rate.window)
    return Spent(
        policy=policy,
        rate=rate,
        remaining=max(0, rate.requests - taken.count),
        seconds_left=taken.seconds_left,
        over=taken.count > rate.requests,
    )


def headers(spent: Iterable[Spent]) -> dict[str, str]:
    """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), all rates listed."""
    given = tuple(spent)
    return {
        "RateLimit-Policy": ", ".join(
            f"{_text(one.policy)};q={one.rate.requests};w={one.rate.window}" for one in given
        ),
        "RateLimit": ", ".join(f"{_text(one.policy)};r={one.remaining};t={one.seconds_left}" for one in given),
    }


def _text(name: str) -> str:
    """A String of RFC 9651 §3.3.3."""
    escaped = "".join(character for character in name if " " <= character <= "~")
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'

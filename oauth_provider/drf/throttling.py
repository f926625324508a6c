"""Throttles per client, per token, and per client and user; each request counted once, atomically."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.core.exceptions import ImproperlyConfigured
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from oauth_provider.drf.exceptions import TooManyRequests
from oauth_provider.drf.permissions import access_of
from oauth_provider.resource_server import rates

if TYPE_CHECKING:
    from oauth_provider.resource_server.rates import Rate, Spent


class AppRateThrottle(BaseThrottle):
    """Counts requests that came with a token; of any other it says nothing, those are for other throttles.

    The rate is `rate`, like `"100/hour"`, or stands in `DEFAULT_THROTTLE_RATES` under `counted`; None there means no
    limit. A view with `throttle_scope` has the rate of that name, and is counted by itself. Windows are fixed: an
    hour begins with the hour. Every answer says in `RateLimit` what is left; 429 says when to come again.

    The framework asks throttles last: what authentication or permissions refuse is not counted.
    """

    counted: ClassVar[str]
    rate: str | None = None

    def __init__(self) -> None:
        self._spent: Spent | None = None

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count this request; False for one too many. Raises ImproperlyConfigured without a rate."""
        access = access_of(request)
        scope = str(getattr(view, "throttle_scope", None) or "")
        rate = self.get_rate(scope)
        if access is None or rate is None:
            return True
        self._spent = rates.spend(rate, access=access, counted=self.counted, scope=scope)
        _tell(view, self._spent)
        return not self._spent.over

    def wait(self) -> float | None:
        """Seconds until the window ends."""
        return None if self._spent is None else float(self._spent.seconds_left)

    def get_rate(self, scope: str) -> Rate | None:
        """The rate of the view's `throttle_scope`, or this throttle's own; None for no limit."""
        if not scope and self.rate is not None:
            return rates.parse(self.rate)
        known: Any = api_settings.DEFAULT_THROTTLE_RATES
        name = scope or self.counted
        if name not in known:
            raise ImproperlyConfigured(
                f"{type(self).__name__} has no rate: set DEFAULT_THROTTLE_RATES[{name!r}] to one like '100/hour'."
            )
        return None if known[name] is None else rates.parse(known[name])


class ClientRateThrottle(AppRateThrottle):
    """So many requests of one client, whoever uses it."""

    counted = "oauth_client"


class TokenRateThrottle(AppRateThrottle):
    """So many requests with one access token; a new token starts afresh."""

    counted = "oauth_token"


class ClientUserRateThrottle(AppRateThrottle):
    """So many requests of one client for one person; a machine is one of its own."""

    counted = "oauth_client_user"


def _tell(view: Any, spent: Spent) -> None:
    """Have the view's answer say what is left, beside what other throttles said."""
    finalize = getattr(view, "finalize_response", None)
    # The framework makes a view for each request, so that what hangs on it is this request's.
    told = finalize.keywords["told"] if isinstance(finalize, partial) and "told" in finalize.keywords else []
    told.append(spent)
    if len(told) > 1 or finalize is None:
        return
    view.finalize_response = partial(_finalize, finalize, told=told)
    if getattr(getattr(type(view), "throttled", None), "__qualname__", "") == "APIView.throttled":
        view.throttled = partial(_refuse, told=told)


def _finalize(original: Any, request: Any, response: Any, *args: Any, told: list[Spent], **kwargs: Any) -> Any:
    response = original(request, response, *args, **kwargs)
    for name, value in rates.headers(told).items():
        response.headers[name] = value
    return response


def _refuse(request: Any, wait: float | None, *, told: list[Spent]) -> NoReturn:
    raise TooManyRequests(wait, policies=[spent.policy for spent in told if spent.over])

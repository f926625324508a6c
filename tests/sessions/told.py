"""An app on the test's own internet that is told of sign-outs, and what it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

from django.utils import timezone

from oauth_provider.models import LogoutDelivery
from tests.internet import Internet, Listener, http

URI = "https://c.example/backchannel-logout"
TAKEN = http(b"", status="200 OK")


@dataclass
class Receiver:
    """What listens for logout tokens; `answer` may be changed."""

    listener: Listener

    @property
    def forms(self) -> list[dict[str, str]]:
        """The form of each request."""
        return [dict(parse_qsl(asked.split(b"\r\n\r\n", 1)[1].decode())) for asked in self.listener.requests]

    @property
    def tokens(self) -> list[str]:
        return [form["logout_token"] for form in self.forms]


def receiver(internet: Internet, answer=TAKEN, *, host: str = "c.example", address: str = "93.184.216.34") -> Receiver:
    """An app at `host`."""
    return Receiver(internet.site(host, answer, address=address))


def make_due() -> None:
    """As if the wait were over."""
    LogoutDelivery.objects.filter(state="waiting").update(next_try_at=timezone.now() - timedelta(seconds=1))

"""ClientOrigin: the browser origins that may call the CORS endpoints for a client (Fetch standard, RFC 6454)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import WORKING, Client
from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from collections.abc import Iterable

# PostgreSQL cannot be asked for it, and no browser sends it.
_NUL = "\x00"


class ClientOriginManager(DecidingManager["ClientOrigin"]):
    """Origins by value; indexed, because a preflight names no client."""

    def is_registered(self, origin: str) -> bool:
        """Whether some active client registered this origin; one statement."""
        return _NUL not in origin and self.filter(origin=origin, client__status__in=WORKING).exists()

    def belongs_to(self, client: Client, origin: str) -> bool:
        """Whether this client registered the origin; one statement."""
        return _NUL not in origin and self.filter(origin=origin, client=client).exists()

    def of(self, client: Client) -> list[str]:
        """The origins of a client, sorted; one statement."""
        return list(self.filter(client=client).order_by("origin").values_list("origin", flat=True))

    def replace(self, client: Client, origins: Iterable[str]) -> None:
        """Make these the client's only origins."""
        wanted = set(origins)
        self.filter(client=client).exclude(origin__in=wanted).delete()
        self.bulk_create((ClientOrigin(client=client, origin=origin) for origin in wanted), ignore_conflicts=True)


class ClientOrigin(models.Model):
    """One origin of one client, exactly as a browser sends it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="origins")
    origin = models.CharField(_("origin"), max_length=255, db_index=True)

    objects = ClientOriginManager()

    class Meta:
        verbose_name = _("browser origin")
        verbose_name_plural = _("browser origins")
        constraints = [models.UniqueConstraint(fields=["client", "origin"], name="oauth_provider_origin_once")]

    def __str__(self) -> str:
        return self.origin

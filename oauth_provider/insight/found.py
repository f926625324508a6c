"""What a pasted credential turned out to be, or why it is none; the value itself is never part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime

    from oauth_provider.models import Client, ClientSecret, Grant
    from oauth_provider.tokens.lookup import LiveToken


class FoundKind(TextChoices):
    """What it is, in the words of the wire."""

    ACCESS_TOKEN = "access_token", _("Access token")
    ID_TOKEN = "id_token", _("ID token")
    REFRESH_TOKEN = "refresh_token", _("Refresh token")
    AUTHORIZATION_CODE = "code", _("Authorization code")
    DEVICE_CODE = "device_code", _("Device code")
    CLIENT_SECRET = "client_secret", _("Client secret")
    REQUEST = "request", _("Request id of a consent page")
    REGISTRATION_ACCESS_TOKEN = "registration_access_token", _("Registration access token")
    INITIAL_ACCESS_TOKEN = "initial_access_token", _("Initial access token")


class State(TextChoices):
    """Whether it still opens anything."""

    LIVE = "live", _("Live")
    WAITING = "waiting", _("Waiting for a person")
    USED = "used", _("Used")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A credential of this site: whose it is, what it may, until when. `why` says what the state rests on."""

    kind: FoundKind
    state: State
    hint: str
    why: str = ""
    format: str = ""
    client: Client | None = None
    user: Any | None = None
    scopes: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    grant: Grant | None = None
    secret: ClientSecret | None = None
    # What can be ended by itself.
    access_token: LiveToken | None = None
    dot_refresh_token: Any | None = None

    def as_dict(self) -> dict[str, object]:
        """For `--json`: ids and times, nothing translated."""
        return {
            "found": True,
            "kind": self.kind.value,
            "format": self.format,
            "ends_in": self.hint,
            "state": self.state.value,
            "why": self.why,
            "client_id": None if self.client is None else self.client.client_id,
            "user": None if self.user is None else self.user.get_username(),
            "scopes": list(self.scopes),
            "audience": list(self.audience),
            "issued_at": _iso(self.issued_at),
            "expires_at": _iso(self.expires_at),
            "last_used_at": _iso(self.last_used_at),
            "grant_id": None if self.grant is None else str(self.grant.pk),
        }


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing of this site; `kind` is what its prefix says it is, empty where nothing can be said."""

    reason: str
    kind: str = ""

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {"found": False, "kind": self.kind, "reason": self.reason}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

"""The words of the wire, and the frozen values that fall through the layers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Client, Grant


class GrantType(StrEnum):
    """`grant_type` values a client may be registered for (RFC 6749 §4, RFC 8628 §3.4)."""

    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"
    DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class ResponseType(StrEnum):
    """`response_type` values there may be (RFC 6749 §3.1.1); see `clients.response_types` for those that are served.

    A value of several words is written with them in alphabetical order; their order means nothing.
    """

    CODE = "code"
    TOKEN = "token"
    ID_TOKEN = "id_token"
    ID_TOKEN_TOKEN = "id_token token"
    CODE_ID_TOKEN = "code id_token"
    CODE_TOKEN = "code token"
    CODE_ID_TOKEN_TOKEN = "code id_token token"


class ResponseMode(StrEnum):
    """`response_mode` values served: how the authorization response reaches the client."""

    QUERY = "query"
    FRAGMENT = "fragment"
    FORM_POST = "form_post"


class AuthMethod(TextChoices):
    """`token_endpoint_auth_method` (RFC 7591 §2). The empty value accepts header or body, never both."""

    ANY_SECRET = "", _("Secret in the header or in the body")
    CLIENT_SECRET_BASIC = "client_secret_basic", _("Secret in the header only")
    CLIENT_SECRET_POST = "client_secret_post", _("Secret in the body only")
    NONE = "none", _("None (public client)")


class Profile(TextChoices):
    """One choice that sets and enforces the others (see `clients.profiles`)."""

    WEB = "web", _("Web application with a server")
    SPA = "spa", _("Single-page application in the browser")
    NATIVE = "native", _("Mobile or desktop application")
    MACHINE = "machine", _("Machine or service, no person")
    DEVICE = "device", _("TV, console or command line (device code)")
    MCP = "mcp", _("MCP client")
    FIRST_PARTY = "first_party", _("Application of this site")
    IMPORTED = "imported", _("Taken over from django-oauth-toolkit")
    LEGACY = "legacy", _("Legacy application that cannot do better")


class ClientStatus(TextChoices):
    """Where a client stands. A draft works for its owners only, suspended and archived for nobody."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted for approval")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    ARCHIVED = "archived", _("Archived")


class RegistrationSource(TextChoices):
    """Who made a client. The last two were made by nobody we know (see `profiles.is_assured`)."""

    CODE = "code", _("Code of this site")
    COMMAND = "command", _("Command")
    ADMIN = "admin", _("Admin")
    FILE = "file", _("clients.toml")
    API = "api", _("Management API")
    DOT = "dot", _("django-oauth-toolkit")
    DYNAMIC = "dynamic", _("Dynamic registration")
    DOCUMENT = "document", _("Client ID metadata document")


class AllowedUsers(TextChoices):
    """Who may use a client (see `clients.users`)."""

    EVERYONE = "everyone", _("Everyone")
    GROUPS = "groups", _("Members of groups")
    PERMISSION = "permission", _("Holders of a permission")
    FUNCTION = "function", _("Whom a function of this site allows")
    OWNERS = "owners", _("Only its owners")


class TokenFormat(TextChoices):
    """How an access token looks: RFC 9068 JWT without a row, or opaque with one."""

    JWT = "jwt", _("JWT (RFC 9068)")
    OPAQUE = "opaque", _("Opaque")


class SubjectType(TextChoices):
    """What `sub` is (OpenID Connect Core §8): one for all clients or one for each sector, always random.

    Or the primary key, as django-oauth-toolkit sends it.
    """

    PUBLIC = "public", _("Random, stable identifier")
    PAIRWISE = "pairwise", _("Another identifier for each app")
    DOT = "dot", _("Primary key, as django-oauth-toolkit sends it")


class KeyState(TextChoices):
    """Life of a signing key: published before it signs, published after it signed."""

    NEXT = "next", _("Next")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")
    REVOKED = "revoked", _("Revoked")


class DeviceCodeState(TextChoices):
    """Life of a device code (RFC 8628 §3.5)."""

    PENDING = "pending", _("Pending")
    ALLOWED = "allowed", _("Allowed")
    DENIED = "denied", _("Denied")
    CONSUMED = "consumed", _("Consumed")


class DeliveryState(TextChoices):
    """Life of a logout that a client must hear of."""

    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Given up")


class Reach(StrEnum):
    """How much ends with a sign-in; each holds those before it."""

    NOTHING = "nothing"
    SESSIONS = "sessions"  # the sign-ins at apps, which are told; and codes that no app has redeemed yet
    SESSION_TOKENS = "session_tokens"  # what was given for no longer than the sign-in
    ALL_TOKENS = "all_tokens"


class Decision(StrEnum):
    """What the person answered on a consent or device page."""

    ALLOW = "allow"
    DENY = "deny"


class Event(TextChoices):
    """Names of audit events: subject, then what happened to it."""

    CLIENT_REGISTERED = "client_registered", _("Client registered")
    CLIENT_CHANGED = "client_changed", _("Client changed")
    CLIENT_SUSPENDED = "client_suspended", _("Client suspended")
    CLIENT_REACTIVATED = "client_reactivated", _("Client reactivated")
    CLIENT_ADOPTED = "client_adopted", _("Client adopted")
    CLIENT_SUBMITTED = "client_submitted", _("Client submitted for approval")
    CLIENT_APPROVED = "client_approved", _("Client approved")
    CLIENT_SENT_BACK = "client_sent_back", _("Client sent back to its owners")
    CLIENT_ARCHIVED = "client_archived", _("Client archived")
    CLIENT_RESTORED = "client_restored", _("Client restored from the archive")
    CLIENT_DELETED = "client_deleted", _("Client deleted")
    CLIENT_CONFIRMED = "client_confirmed", _("Registration confirmed")
    REGISTRATION_REFUSED = "registration_refused", _("Registration refused")
    INITIAL_ACCESS_TOKEN_MADE = "initial_access_token_made", _("Initial access token made")
    INITIAL_ACCESS_TOKEN_REVOKED = "initial_access_token_revoked", _("Initial access token revoked")
    CREDENTIAL_LOOKED_UP = "credential_looked_up", _("Credential looked up")
    CLIENT_AUTHENTICATION_FAILED = "client_authentication_failed", _("Client authentication failed")
    SECRET_ADDED = "secret_added", _("Secret added")
    SECRET_REVOKED = "secret_revoked", _("Secret revoked")
    CONSENT_GRANTED = "consent_granted", _("Consent granted")
    CONSENT_DENIED = "consent_denied", _("Consent denied")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("Consent withdrawn")
    CONSENT_NARROWED = "consent_narrowed", _("Permission taken away")
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere", _("Signed out everywhere")
    TARGETS_NARROWED = "targets_narrowed", _("Objects of a consent narrowed")
    AUTHORIZATION_ISSUED = "authorization_issued", _("Authorization issued")
    AUTHORIZATION_REFUSED = "authorization_refused", _("Authorization refused")
    TOKEN_ISSUED = "token_issued", _("Token issued")
    TOKEN_REFUSED = "token_refused", _("Token refused")
    TOKEN_REVOKED = "token_revoked", _("Token revoked")
    GRANT_REVOKED = "grant_revoked", _("Grant revoked")
    REUSE_DETECTED = "reuse_detected", _("Reuse detected")
    DEVICE_REQUESTED = "device_requested", _("Device code requested")
    DEVICE_ALLOWED = "device_allowed", _("Device allowed")
    DEVICE_DENIED = "device_denied", _("Device denied")
    USER_CODE_REFUSED = "user_code_refused", _("User code refused")
    KEY_CREATED = "key_created", _("Key created")
    KEY_ROTATED = "key_rotated", _("Key rotated")
    KEY_REVOKED = "key_revoked", _("Key revoked")
    KEY_RESEALED = "key_resealed", _("Key encrypted anew")
    SESSION_ENDED = "session_ended", _("Signed out")
    LOGOUT_UNDELIVERED = "logout_undelivered", _("App could not be told of a sign-out")
    LOGOUT_REPEATED = "logout_repeated", _("Logout delivery repeated")
    LIMIT_STORE_DOWN = "limit_store_down", _("Limit store unreachable")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from, for audit rows and limits; never a decision by itself."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a client sent to an endpoint where it authenticates, read once and checked for form."""

    # Not in the repr: local variables end up in error reports.
    params: Mapping[str, str] = field(repr=False)
    resources: tuple[str, ...] = ()
    authorization: str | None = field(default=None, repr=False)
    origin: str | None = None
    source: Source = field(default_factory=Source)

    def get(self, name: str) -> str | None:
        """The parameter, or None; one sent without a value counts as omitted (RFC 6749 §3.2)."""
        return self.params.get(name) or None


@dataclass(frozen=True, slots=True)
class Binding:
    """The key a sender proved to hold, to which tokens are bound; empty means a bearer token."""

    jkt: str | None = None


@dataclass(frozen=True, slots=True)
class Authorized:
    """What a client may have after its grant was spent; `tokens.issue` makes it."""

    client: Client
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    grant: Grant | None = None
    user: AbstractBaseUser | None = None
    subject: str = ""
    nonce: str = ""
    refresh_token: str | None = field(default=None, repr=False)
    with_id_token: bool = False
    auth_time: datetime | None = None
    # Kind of object → keys, of the kinds that the scopes are about (see `targets.py`).
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audit: Mapping[str, object] = field(default_factory=dict)

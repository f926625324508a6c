"""Client: everything about a registered client that django-oauth-toolkit's Application has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from oauth_provider.models import unread
from oauth_provider.models.application import application_model
from oauth_provider.models.clock import DATABASE_NOW
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.models.prepared import Prepared
from oauth_provider.models.subject import sector_for
from oauth_provider.values import (
    AllowedUsers,
    AuthMethod,
    ClientStatus,
    Profile,
    RegistrationSource,
    SubjectType,
    TokenFormat,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oauth2_provider.models import AbstractApplication


# Statuses in which a client gets and uses tokens.
WORKING = frozenset({ClientStatus.DRAFT.value, ClientStatus.SUBMITTED.value, ClientStatus.ACTIVE.value})


class ClientManager(DecidingManager["Client"]):
    """Look-ups that decide, each one statement, on the database that is written to."""

    def register(self, **wanted: Any) -> tuple[Client, str | None]:
        """Register a client and return it with its secret, which is shown this once (None for a public client).

        Keyword arguments: `name`, `profile`, `redirect_uris`, `scopes` and the others of
        `oauth_provider.clients.registration.register`, where the work is done: the rules of profiles live one
        floor above the tables, the public name lives here.
        """
        register = import_string("oauth_provider.clients.registration.register")
        return cast("tuple[Client, str | None]", register(**wanted))

    def named(self, client_id: str) -> Client | None:
        """The client with this `client_id` and its Application, whatever its status; one statement."""
        return _NAMED.first(self.db, client_id=client_id)

    def with_registration_token(self, client_id: str, digest: str) -> Client | None:
        """The client of this `client_id` whose registration access token has this digest; one statement."""
        rows = self.select_related("application").filter(application__client_id=client_id)
        return rows.filter(registration_token_digest=digest).first()

    def with_secret(self, client_id: str, digest: str) -> Client | None:
        """The client of this `client_id`; `secret_id` and `secret_state` tell of the secret with this digest."""
        return _WITH_SECRET.first(self.db, client_id=client_id, digest=digest)

    def erase_unconfirmed(self, keys: Iterable[int]) -> int:
        """Delete those of these clients that nobody has allowed yet, with all that hangs on them; for a transaction.

        The UPDATE is the lock: a person who is allowing one of them comes before or after, never in between.
        """
        rows = self.filter(pk__in=list(keys), unconfirmed_until__isnull=False)
        rows.update(unconfirmed_until=F("unconfirmed_until"))
        taken = list(rows.values_list("application_id", flat=True))
        application_model()._base_manager.using(self.db).filter(pk__in=taken).delete()
        return len(taken)


# In the database too, so that the release before this one can still write rows.
_EMPTY_LIST = Value([], output_field=models.JSONField())
_EMPTY_OBJECT = Value({}, output_field=models.JSONField())


class Client(models.Model):
    """A registered client: one-to-one extension of django-oauth-toolkit's Application, which keeps its identity."""

    application = models.OneToOneField(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="oauth_provider_client",
        verbose_name=_("application"),
    )
    profile = models.CharField(_("profile"), max_length=16, choices=Profile.choices)
    status = models.CharField(
        _("status"), max_length=16, choices=ClientStatus.choices, default=ClientStatus.ACTIVE, db_index=True
    )
    grant_types = models.JSONField(_("grant types"), default=list, blank=True)
    response_types = models.JSONField(_("response types"), default=list, blank=True)
    auth_method = models.CharField(
        _("client authentication"),
        max_length=32,
        choices=AuthMethod.choices,
        default=AuthMethod.ANY_SECRET,
        blank=True,
    )
    allowed_scopes = models.JSONField(
        _("allowed scopes"),
        default=list,
        blank=True,
        help_text=_('Scope names; ["*"] allows every registered scope.'),
    )
    default_scopes = models.JSONField(
        _("default scopes"), default=list, blank=True, help_text=_("Given when a request names no scope.")
    )
    optional_scopes = models.JSONField(
        _("optional scopes"),
        default=list,
        db_default=_EMPTY_LIST,
        blank=True,
        help_text=_("Scopes a person may leave out; the client works without them."),
    )
    purposes = models.JSONField(
        _("purposes"),
        default=dict,
        db_default=_EMPTY_OBJECT,
        blank=True,
        help_text=_("What the app needs a scope for, in its own words: scope name → one sentence of plain text."),
    )
    resources = models.JSONField(
        _("resources"),
        default=list,
        blank=True,
        help_text=_("Resource URIs this client may ask tokens for (RFC 8707)."),
    )
    resource_server_for = models.JSONField(
        _("resource server for"),
        default=list,
        blank=True,
        help_text=_('Audiences whose tokens this client may introspect; ["*"] allows every audience.'),
    )
    require_pkce = models.BooleanField(_("PKCE required"), default=True)
    first_party = models.BooleanField(_("belongs to this site"), default=False)
    is_agent = models.BooleanField(
        _("acts by itself"),
        default=False,
        db_default=False,
        help_text=_("An AI agent: what it does for a person is recorded as its doing too (`act`, RFC 8693 §4.1)."),
    )
    token_format = models.CharField(
        _("access token format"), max_length=8, choices=TokenFormat.choices, default=TokenFormat.JWT
    )
    subject_type = models.CharField(
        _("subject type"), max_length=8, choices=SubjectType.choices, default=SubjectType.PUBLIC
    )
    id_token_signed_response_alg = models.CharField(
        _("ID token algorithm"), max_length=16, blank=True, default="", db_default="",
        help_text=_("Empty: RS256, which every library knows."),
    )  # fmt: skip
    userinfo_signed_response_alg = models.CharField(
        _("userinfo algorithm"), max_length=16, blank=True, default="", db_default="",
        help_text=_("Empty: userinfo is JSON; otherwise a JWT signed with this algorithm."),
    )  # fmt: skip
    claims_in_id_token = models.BooleanField(
        _("claims in the ID token"),
        default=False,
        db_default=False,
        help_text=_("What its permissions tell of a person stands in the ID token too, not in userinfo alone."),
    )
    told_groups = models.JSONField(
        _("groups it is told of"),
        default=list,
        db_default=_EMPTY_LIST,
        blank=True,
        help_text=_('Names of groups; ["*"] tells of every one a person is in. For the permission “groups”.'),
    )
    default_max_age = models.PositiveIntegerField(
        _("sign-in no older than"),
        null=True,
        blank=True,
        help_text=_("Seconds, for requests that do not say (max_age); empty: any age."),
    )
    require_auth_time = models.BooleanField(
        _("time of the sign-in required"),
        default=False,
        db_default=False,
        help_text=_("Somebody whose time of sign-in is not known signs in again."),
    )
    default_acr_values = models.JSONField(
        _("how people sign in"),
        default=list,
        db_default=_EMPTY_LIST,
        blank=True,
        help_text=_("Asked for where a request names no acr_values."),
    )
    sector_identifier_uri = models.CharField(
        _("sector"), max_length=2000, blank=True, default="", db_default="",
        help_text=_("Lists the redirect URIs of all apps that share one identifier of a person. Empty: the host."),
    )  # fmt: skip
    initiate_login_uri = models.CharField(
        _("starts a sign-in"), max_length=2000, blank=True, default="", db_default="",
        help_text=_("An address of the app that begins a sign-in here (OpenID Connect Core §4)."),
    )  # fmt: skip
    backchannel_logout_uri = models.CharField(
        _("told of a sign-out at"), max_length=2000, blank=True, default="", db_default="",
        help_text=_("An address of its server (OpenID Connect Back-Channel Logout)."),
    )  # fmt: skip
    backchannel_logout_session_required = models.BooleanField(
        _("needs to know which session"), default=False, db_default=False
    )
    frontchannel_logout_uri = models.CharField(
        _("told of a sign-out in the browser at"), max_length=2000, blank=True, default="", db_default="",
        help_text=_("A page of it, opened in a frame (OpenID Connect Front-Channel Logout)."),
    )  # fmt: skip
    frontchannel_logout_session_required = models.BooleanField(
        _("needs to know which session, in the browser"), default=False, db_default=False
    )
    access_token_lifetime = models.PositiveIntegerField(
        _("access token lifetime"), null=True, blank=True, help_text=_("Seconds; empty: the profile's.")
    )
    refresh_token_idle_lifetime = models.PositiveIntegerField(
        _("refresh token idle lifetime"), null=True, blank=True, help_text=_("Seconds; empty: the profile's.")
    )
    refresh_token_absolute_lifetime = models.PositiveIntegerField(
        _("refresh token absolute lifetime"),
        null=True,
        blank=True,
        help_text=_("Seconds; empty: the profile's."),
    )
    refresh_token_leeway = models.PositiveIntegerField(
        _("refresh token leeway"), null=True, blank=True, help_text=_("Seconds; 0 switches the leeway off.")
    )
    policy_uri = models.CharField(_("privacy policy"), max_length=2000, blank=True, default="")
    tos_uri = models.CharField(_("terms of service"), max_length=2000, blank=True, default="")
    client_uri = models.CharField(_("home page"), max_length=2000, blank=True, default="", db_default="")
    # Of the picture people see (`ClientLogo`); in its address, so that it may be kept for ever.
    logo_digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    logo_uri = models.CharField(_("logo"), max_length=2000, blank=True, default="", db_default="")
    contacts = models.JSONField(
        _("contacts"),
        default=list,
        db_default=_EMPTY_LIST,
        blank=True,
        help_text=_("Mail addresses of those responsible (RFC 7591 §2)."),
    )
    software_id = models.CharField(_("software id"), max_length=255, blank=True, default="", db_default="")
    software_version = models.CharField(_("software version"), max_length=255, blank=True, default="", db_default="")
    allowed_users = models.CharField(
        _("who may use it"),
        max_length=16,
        choices=AllowedUsers.choices,
        default=AllowedUsers.EVERYONE,
        db_default=AllowedUsers.EVERYONE.value,
    )
    allowed_groups = models.ManyToManyField(
        "auth.Group", blank=True, related_name="+", verbose_name=_("groups that may use it")
    )
    allowed_permission = models.CharField(
        _("permission needed to use it"),
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text=_("app_label.codename"),
    )
    allowed_function = models.CharField(
        _("function that allows"), max_length=64, blank=True, default="", db_default="",
        help_text=_("A name in ALLOWED_USERS_FUNCTIONS."),
    )  # fmt: skip
    # A draft that was suspended or archived comes back as a draft, not past its approval.
    needs_approval = models.BooleanField(_("needs approval"), default=False, db_default=False, editable=False)
    requested_scopes = models.JSONField(_("scopes asked for"), default=list, db_default=_EMPTY_LIST, blank=True)
    service_account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service account"),
    )
    registration_source = models.CharField(
        _("registered by"), max_length=16, choices=RegistrationSource.choices, default=RegistrationSource.CODE
    )
    # Empty: confirmed. A client that registered itself goes at this time unless somebody has allowed it.
    unconfirmed_until = models.DateTimeField(_("unconfirmed until"), null=True, blank=True, editable=False)
    registration_token_digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    # Of a client ID metadata document: read again after this time.
    document_fresh_until = models.DateTimeField(null=True, blank=True, editable=False)
    tokens_not_before = models.DateTimeField(_("tokens not before"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = ClientManager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        permissions = [
            ("suspend_client", "Can suspend client"),
            ("approve_client", "Can approve client"),
            ("rotate_secret", "Can rotate a client's secret"),
        ]
        indexes = [
            models.Index(
                fields=["unconfirmed_until"],
                name="oauth_provider_unconfirmed",
                condition=Q(unconfirmed_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # Filled by ClientManager.with_secret.
    secret_id: int | None
    secret_expires_at: datetime | None
    secret_revoked_at: datetime | None
    database_now: datetime

    @property
    def _application(self) -> AbstractApplication:
        return cast("AbstractApplication", self.application)

    @property
    def client_id(self) -> str:
        """The identifier on the wire."""
        return str(self._application.client_id)

    @property
    def name(self) -> str:
        """What people and admins read; the identifier when no name was given."""
        return str(self._application.name or self._application.client_id)

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """The registered redirect URIs, exactly as registered."""
        return tuple(self._application.redirect_uris.split())

    @property
    def sector(self) -> str:
        """Whose identifiers of people the client gets; "" for the public ones."""
        return sector_for(self.subject_type, uri=self.sector_identifier_uri, redirect_uris=self.redirect_uris)

    @property
    def post_logout_redirect_uris(self) -> tuple[str, ...]:
        """Where people may be sent after signing out, exactly as registered (OpenID Connect RP-Initiated Logout §3)."""
        return tuple(self._application.post_logout_redirect_uris.split())

    @property
    def is_active(self) -> bool:
        """Whether the client may get and use tokens; a draft may, for its owners (`clients.users`)."""
        return self.status in WORKING

    @property
    def is_approved(self) -> bool:
        """Whether the client is past its draft."""
        return self.status not in {ClientStatus.DRAFT, ClientStatus.SUBMITTED}

    @property
    def is_public(self) -> bool:
        """Whether the client has no credential of its own (RFC 6749 §2.1)."""
        return self.auth_method == AuthMethod.NONE

    def allows_grant(self, grant_type: str) -> bool:
        """Whether the client is registered for this grant type."""
        return grant_type in self.grant_types

    def allows_response_type(self, response_type: str) -> bool:
        """Whether the client is registered for this response type."""
        return response_type in self.response_types

    def allows_scopes(self, scopes: Iterable[str]) -> bool:
        """Whether each of these scopes is among the client's own."""
        allowed = self.allowed_scopes
        return "*" in allowed or all(scope in allowed for scope in scopes)

    def allows_resource(self, resource: str) -> bool:
        """Whether the client may ask for tokens of this audience."""
        return resource in self.resources

    def introspects(self, audience: Iterable[str]) -> bool:
        """Whether the client is a resource server of one of these audiences (RFC 7662 §4)."""
        own = self.resource_server_for
        return "*" in own or any(uri in own for uri in audience)

    def submit(self, scopes: Iterable[str]) -> None:
        """Ask for approval with these scopes."""
        self.status, self.requested_scopes = ClientStatus.SUBMITTED, list(scopes)
        self.save(update_fields=["status", "requested_scopes"])

    def approve(self, scopes: Iterable[str]) -> None:
        """Let everybody whom its policy allows use the client, with these scopes at most."""
        self.status, self.needs_approval = ClientStatus.ACTIVE, False
        self.allowed_scopes, self.requested_scopes = list(scopes), []
        self.default_scopes = [scope for scope in self.default_scopes if self.allows_scopes([scope])]
        self.optional_scopes = [scope for scope in self.optional_scopes if self.allows_scopes([scope])]
        self.purposes = {scope: said for scope, said in self.purposes.items() if self.allows_scopes([scope])}
        self.save(
            update_fields=[
                *("status", "needs_approval", "requested_scopes"),
                *("allowed_scopes", "default_scopes", "optional_scopes", "purposes"),
            ]
        )

    def send_back(self) -> None:
        """Make a submitted client a draft again."""
        self._set_status(ClientStatus.DRAFT)

    def archive(self) -> None:
        """Put the client away: refused like a suspended one, and every token it has ends."""
        with transaction.atomic():
            self._set_status(ClientStatus.ARCHIVED)
            self.end_tokens()

    def restore(self) -> None:
        """Take the client out of the archive; it stays suspended until it is reactivated."""
        self._set_status(ClientStatus.SUSPENDED)

    def erase(self) -> None:
        """Delete the client with its Application and everything issued to it; events stay."""
        self.application.delete()

    def confirm(self) -> bool:
        """Note that somebody allowed the self-registered client; whether this call was the first to."""
        rows = Client.objects.filter(pk=self.pk, unconfirmed_until__isnull=False)
        self.unconfirmed_until = None
        return bool(rows.update(unconfirmed_until=None))

    def replace_registration_token(self, digest: str, *, by: str) -> bool:
        """Let another registration access token stand, or none; False when this one stands no more, or nothing does.

        The UPDATE decides between two requests with the same token.
        """
        rows = Client.objects.filter(pk=self.pk, registration_token_digest=digest, status__in=WORKING)
        self.registration_token_digest = by
        return bool(rows.update(registration_token_digest=by))

    def note_document(self, fresh_until: datetime) -> bool:
        """Note until when its document is fresh; whether the client is still there. It locks the row."""
        self.document_fresh_until = fresh_until
        return bool(Client.objects.filter(pk=self.pk).update(document_fresh_until=fresh_until))

    def suspend(self) -> None:
        """Refuse the client and every token of it from now on."""
        self._set_status(ClientStatus.SUSPENDED)

    def reactivate(self) -> None:
        """Let the client work again; tokens from before the suspension that have not expired work again too.

        One that was never approved becomes the draft it was.
        """
        self._set_status(ClientStatus.DRAFT if self.needs_approval else ClientStatus.ACTIVE)

    def _set_status(self, status: ClientStatus) -> None:
        self.status = status
        self.save(update_fields=["status"])

    def lock(self) -> None:
        """Wait for whoever else decides about this client, until the transaction ends: an UPDATE is the lock."""
        Client.objects.filter(pk=self.pk).update(status=F("status"))

    def end_tokens(self) -> None:
        """Refuse every token issued until now: grants by revocation, machine tokens by their issue time."""
        with transaction.atomic():
            self.tokens_not_before = timezone.now()
            self.save(update_fields=["tokens_not_before"])
            self.grants.filter(revoked_at=None).update(revoked_at=Now(), revoked_reason="client_tokens_ended")

    def change(self, **columns: Any) -> None:
        """Write columns of this table (checked by `clients.change` beforehand)."""
        for column, value in columns.items():
            setattr(self, column, value)
        self.save(update_fields=list(columns))

    def allow_groups(self, groups: Iterable[Any]) -> None:
        """Make these the only groups that may use the client."""
        self.allowed_groups.set(groups)

    def rename(self, name: str) -> None:
        """Change the name people read."""
        self._application.name = name
        self._application.save(update_fields=["name", "updated"])

    def set_redirect_uris(self, redirect_uris: Iterable[str]) -> None:
        """Replace the registered redirect URIs (checked by `clients.redirect_uris` beforehand)."""
        self._application.redirect_uris = " ".join(redirect_uris)
        self._application.save(update_fields=["redirect_uris", "updated"])

    def set_post_logout_redirect_uris(self, uris: Iterable[str]) -> None:
        """Replace them (checked by `clients.redirect_uris` beforehand)."""
        self._application.post_logout_redirect_uris = " ".join(uris)
        self._application.save(update_fields=["post_logout_redirect_uris", "updated"])


_PRESENTED_SECRET: dict[str, Any] = {
    "secret_id": F("presented__id"),
    "secret_expires_at": F("presented__expires_at"),
    "secret_revoked_at": F("presented__revoked_at"),
}
_NAMED = Prepared(
    lambda client_id: (
        Client.objects.select_related("application").defer(*unread.OF_ITS_PAGE).filter(application__client_id=client_id)
    ),
    {"client_id": "?client_id"},
)
_WITH_SECRET = Prepared(
    lambda client_id, digest: (
        Client.objects.select_related("application")
        .defer(*unread.WHERE_PEOPLE_DECIDE, *unread.OF_ITS_PAGE)
        .filter(application__client_id=client_id)
        .alias(presented=FilteredRelation("secrets", condition=Q(secrets__digest=digest)))
        .annotate(**_PRESENTED_SECRET, **DATABASE_NOW)
    ),
    {"client_id": "?client_id", "digest": "?digest"},
)

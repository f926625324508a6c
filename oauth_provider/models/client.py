"""Client: everything about a registered client that django-oauth-toolkit's Application has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from oauth_provider.models.clock import DATABASE_NOW
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.models.prepared import Prepared
from oauth_provider.values import AuthMethod, ClientStatus, Profile, SubjectType, TokenFormat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oauth2_provider.models import AbstractApplication


def application_model() -> type[AbstractApplication]:
    """The site's Application model, django-oauth-toolkit's or swapped."""
    model: type[AbstractApplication] = apps.get_model(oauth2_settings.APPLICATION_MODEL)
    return model


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

    def with_secret(self, client_id: str, digest: str) -> Client | None:
        """The client of this `client_id`; `secret_id` and `secret_state` tell of the secret with this digest."""
        return _WITH_SECRET.first(self.db, client_id=client_id, digest=digest)


def not_asked_by_tokens(prefix: str = "") -> list[str]:
    """The columns of a client and its Application that no check of a token looks at, for `defer`.

    Every column costs PostgreSQL and us at each request of an app; one that is looked at after all is read then.
    """
    own = [
        "grant_types",
        "response_types",
        "default_scopes",
        "resources",
        "require_pkce",
        "token_format",
        "access_token_lifetime",
        "refresh_token_idle_lifetime",
        "refresh_token_absolute_lifetime",
        "refresh_token_leeway",
        "policy_uri",
        "tos_uri",
        "registration_source",
        "created_at",
        "last_used_at",
    ]
    asked = {"client_id", "name", application_model()._meta.pk.name}
    others = [column.name for column in application_model()._meta.concrete_fields if column.name not in asked]
    return [prefix + name for name in own] + [f"{prefix}application__{name}" for name in others]


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
    token_format = models.CharField(
        _("access token format"), max_length=8, choices=TokenFormat.choices, default=TokenFormat.JWT
    )
    subject_type = models.CharField(
        _("subject type"), max_length=8, choices=SubjectType.choices, default=SubjectType.PUBLIC
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
    service_account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service account"),
    )
    registration_source = models.CharField(_("registered by"), max_length=16, default="code")
    tokens_not_before = models.DateTimeField(_("tokens not before"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = ClientManager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        permissions = [
            ("suspend_client", "Can suspend client"),
            ("rotate_secret", "Can rotate a client's secret"),
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
    def is_active(self) -> bool:
        """Whether the client may get and use tokens."""
        return self.status == ClientStatus.ACTIVE

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

    def suspend(self) -> None:
        """Refuse the client and every token of it from now on."""
        self._set_status(ClientStatus.SUSPENDED)

    def reactivate(self) -> None:
        """Let the client work again; tokens from before the suspension that have not expired work again too."""
        self._set_status(ClientStatus.ACTIVE)

    def _set_status(self, status: ClientStatus) -> None:
        self.status = status
        self.save(update_fields=["status"])

    def end_tokens(self) -> None:
        """Refuse every token issued until now: grants by revocation, machine tokens by their issue time."""
        with transaction.atomic():
            self.tokens_not_before = timezone.now()
            self.save(update_fields=["tokens_not_before"])
            self.grants.filter(revoked_at=None).update(revoked_at=Now(), revoked_reason="client_tokens_ended")

    def rename(self, name: str) -> None:
        """Change the name people read."""
        self._application.name = name
        self._application.save(update_fields=["name", "updated"])

    def set_redirect_uris(self, redirect_uris: Iterable[str]) -> None:
        """Replace the registered redirect URIs (checked by `clients.redirect_uris` beforehand)."""
        self._application.redirect_uris = " ".join(redirect_uris)
        self._application.save(update_fields=["redirect_uris", "updated"])


_PRESENTED_SECRET: dict[str, Any] = {
    "secret_id": F("presented__id"),
    "secret_expires_at": F("presented__expires_at"),
    "secret_revoked_at": F("presented__revoked_at"),
}
_NAMED = Prepared(
    lambda client_id: Client.objects.select_related("application").filter(application__client_id=client_id),
    {"client_id": "?client_id"},
)
_WITH_SECRET = Prepared(
    lambda client_id, digest: (
        Client.objects.select_related("application")
        .filter(application__client_id=client_id)
        .alias(presented=FilteredRelation("secrets", condition=Q(secrets__digest=digest)))
        .annotate(**_PRESENTED_SECRET, **DATABASE_NOW)
    ),
    {"client_id": "?client_id", "digest": "?digest"},
)

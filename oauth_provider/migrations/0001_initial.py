import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings

import oauth_provider.models.subject


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name="at"),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("client_registered", "Client registered"),
                            ("client_changed", "Client changed"),
                            ("client_suspended", "Client suspended"),
                            ("client_reactivated", "Client reactivated"),
                            ("client_adopted", "Client adopted"),
                            ("client_authentication_failed", "Client authentication failed"),
                            ("secret_added", "Secret added"),
                            ("secret_revoked", "Secret revoked"),
                            ("consent_granted", "Consent granted"),
                            ("consent_denied", "Consent denied"),
                            ("consent_withdrawn", "Consent withdrawn"),
                            ("authorization_issued", "Authorization issued"),
                            ("authorization_refused", "Authorization refused"),
                            ("token_issued", "Token issued"),
                            ("token_refused", "Token refused"),
                            ("token_revoked", "Token revoked"),
                            ("grant_revoked", "Grant revoked"),
                            ("reuse_detected", "Reuse detected"),
                            ("device_requested", "Device code requested"),
                            ("device_allowed", "Device allowed"),
                            ("device_denied", "Device denied"),
                            ("user_code_refused", "User code refused"),
                            ("key_created", "Key created"),
                            ("key_rotated", "Key rotated"),
                            ("key_revoked", "Key revoked"),
                            ("limit_store_down", "Limit store unreachable"),
                        ],
                        max_length=40,
                        verbose_name="event",
                    ),
                ),
                (
                    "client_id",
                    models.CharField(blank=True, db_index=True, default="", max_length=255, verbose_name="client"),
                ),
                (
                    "user_id",
                    models.CharField(blank=True, db_index=True, default="", max_length=64, verbose_name="user"),
                ),
                ("actor", models.CharField(blank=True, default="", max_length=150, verbose_name="by")),
                (
                    "grant_id",
                    models.CharField(blank=True, db_index=True, default="", max_length=36, verbose_name="grant"),
                ),
                ("address", models.CharField(blank=True, default="", max_length=45, verbose_name="address")),
                (
                    "user_agent",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="user agent"),
                ),
                (
                    "request_id",
                    models.CharField(blank=True, db_index=True, default="", max_length=36, verbose_name="request id"),
                ),
                ("detail", models.JSONField(blank=True, default=dict, verbose_name="detail")),
            ],
            options={
                "verbose_name": "audit event",
                "verbose_name_plural": "audit events",
            },
        ),
        migrations.CreateModel(
            name="RevokedToken",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Client",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "profile",
                    models.CharField(
                        choices=[
                            ("web", "Web application with a server"),
                            ("spa", "Single-page application in the browser"),
                            ("native", "Mobile or desktop application"),
                            ("machine", "Machine or service, no person"),
                            ("device", "TV, console or command line (device code)"),
                            ("mcp", "MCP client"),
                            ("first_party", "Application of this site"),
                            ("imported", "Taken over from django-oauth-toolkit"),
                        ],
                        max_length=16,
                        verbose_name="profile",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("archived", "Archived"),
                        ],
                        db_index=True,
                        default="active",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("grant_types", models.JSONField(blank=True, default=list, verbose_name="grant types")),
                ("response_types", models.JSONField(blank=True, default=list, verbose_name="response types")),
                (
                    "auth_method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Secret in the header or in the body"),
                            ("client_secret_basic", "Secret in the header only"),
                            ("client_secret_post", "Secret in the body only"),
                            ("none", "None (public client)"),
                        ],
                        default="",
                        max_length=32,
                        verbose_name="client authentication",
                    ),
                ),
                (
                    "allowed_scopes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='Scope names; ["*"] allows every registered scope.',
                        verbose_name="allowed scopes",
                    ),
                ),
                (
                    "default_scopes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Given when a request names no scope.",
                        verbose_name="default scopes",
                    ),
                ),
                (
                    "resources",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Resource URIs this client may ask tokens for (RFC 8707).",
                        verbose_name="resources",
                    ),
                ),
                (
                    "resource_server_for",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='Audiences whose tokens this client may introspect; ["*"] allows every audience.',
                        verbose_name="resource server for",
                    ),
                ),
                ("require_pkce", models.BooleanField(default=True, verbose_name="PKCE required")),
                ("first_party", models.BooleanField(default=False, verbose_name="belongs to this site")),
                (
                    "token_format",
                    models.CharField(
                        choices=[("jwt", "JWT (RFC 9068)"), ("opaque", "Opaque")],
                        default="jwt",
                        max_length=8,
                        verbose_name="access token format",
                    ),
                ),
                (
                    "subject_type",
                    models.CharField(
                        choices=[
                            ("public", "Random, stable identifier"),
                            ("dot", "Primary key, as django-oauth-toolkit sends it"),
                        ],
                        default="public",
                        max_length=8,
                        verbose_name="subject type",
                    ),
                ),
                (
                    "access_token_lifetime",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Seconds; empty: the profile's.",
                        null=True,
                        verbose_name="access token lifetime",
                    ),
                ),
                (
                    "refresh_token_idle_lifetime",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Seconds; empty: the profile's.",
                        null=True,
                        verbose_name="refresh token idle lifetime",
                    ),
                ),
                (
                    "refresh_token_absolute_lifetime",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Seconds; empty: the profile's.",
                        null=True,
                        verbose_name="refresh token absolute lifetime",
                    ),
                ),
                (
                    "refresh_token_leeway",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Seconds; 0 switches the leeway off.",
                        null=True,
                        verbose_name="refresh token leeway",
                    ),
                ),
                (
                    "policy_uri",
                    models.CharField(blank=True, default="", max_length=2000, verbose_name="privacy policy"),
                ),
                (
                    "tos_uri",
                    models.CharField(blank=True, default="", max_length=2000, verbose_name="terms of service"),
                ),
                (
                    "registration_source",
                    models.CharField(default="code", max_length=16, verbose_name="registered by"),
                ),
                (
                    "tokens_not_before",
                    models.DateTimeField(blank=True, null=True, verbose_name="tokens not before"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last used"),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="oauth_provider_client",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "service_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="service account",
                    ),
                ),
            ],
            options={
                "verbose_name": "client",
                "verbose_name_plural": "clients",
                "permissions": [
                    ("suspend_client", "Can suspend client"),
                    ("rotate_secret", "Can rotate a client's secret"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("scopes", models.JSONField(default=list, verbose_name="permissions")),
                (
                    "remembered_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="remembered until"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="changed"),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("subject", models.CharField(max_length=255, verbose_name="subject")),
                ("scopes", models.JSONField(default=list, verbose_name="permissions")),
                ("resources", models.JSONField(blank=True, default=list, verbose_name="resources")),
                ("auth_time", models.DateTimeField(blank=True, null=True, verbose_name="signed in at")),
                ("sid", models.CharField(blank=True, default="", max_length=64, verbose_name="session")),
                ("nonce", models.CharField(blank=True, default="", max_length=512)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, editable=False, verbose_name="since"
                    ),
                ),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="ends")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
                (
                    "revoked_reason",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="why"),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="grants",
                        to="oauth_provider.consent",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "grant",
                "verbose_name_plural": "grants",
                "permissions": [("revoke_grant", "Can revoke grant")],
            },
        ),
        migrations.CreateModel(
            name="DeviceCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("user_code_digest", models.CharField(max_length=64)),
                ("scopes", models.JSONField(default=list)),
                ("resources", models.JSONField(default=list)),
                ("address", models.CharField(blank=True, default="", max_length=45)),
                ("user_agent", models.CharField(blank=True, default="", max_length=255)),
                ("interval", models.PositiveSmallIntegerField(default=5)),
                ("polled_at", models.DateTimeField(null=True)),
                ("previous_poll_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("allowed", "Allowed"),
                            ("denied", "Denied"),
                            ("consumed", "Consumed"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="device_codes",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="device_codes",
                        to="oauth_provider.grant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuthorizationCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("redirect_uri", models.CharField(blank=True, default="", max_length=2000)),
                ("code_challenge", models.CharField(blank=True, default="", max_length=128)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("consumed_at", models.DateTimeField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authorization_codes",
                        to="oauth_provider.grant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("audience", models.JSONField(default=list)),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_tokens",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_tokens",
                        to="oauth_provider.grant",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RefreshToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("derivation_nonce", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("rotated_at", models.DateTimeField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refresh_tokens",
                        to="oauth_provider.grant",
                    ),
                ),
                (
                    "predecessor",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="successor",
                        to="oauth_provider.refreshtoken",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("kid", models.CharField(max_length=64, unique=True, verbose_name="key id")),
                ("alg", models.CharField(max_length=16, verbose_name="algorithm")),
                ("use", models.CharField(default="sig", editable=False, max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("next", "Next"),
                            ("active", "Active"),
                            ("retired", "Retired"),
                            ("revoked", "Revoked"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("public_jwk", models.JSONField(editable=False)),
                ("ciphertext", models.BinaryField()),
                ("kek_id", models.CharField(editable=False, max_length=32)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("activated_at", models.DateTimeField(blank=True, null=True, verbose_name="signing since")),
                ("retire_at", models.DateTimeField(blank=True, null=True, verbose_name="published until")),
            ],
            options={
                "verbose_name": "signing key",
                "verbose_name_plural": "signing keys",
                "permissions": [("rotate_key", "Can rotate signing keys")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")),
                        fields=("alg", "use"),
                        name="oauth_provider_one_active_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "next")),
                        fields=("alg", "use"),
                        name="oauth_provider_one_next_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("parameters", models.JSONField(default=dict)),
                ("resources", models.JSONField(default=list)),
                ("scopes", models.JSONField(default=list)),
                ("session_digest", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision", models.CharField(blank=True, default="", max_length=5)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("sector", models.CharField(blank=True, default="", max_length=255)),
                (
                    "sub",
                    models.CharField(default=oauth_provider.models.subject.new_sub, max_length=64, unique=True),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "subject",
                "verbose_name_plural": "subjects",
            },
        ),
        migrations.CreateModel(
            name="UserCodeAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("key", models.CharField(max_length=80)),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["key", "at"], name="oauth_provider_attempt_key")],
            },
        ),
        migrations.CreateModel(
            name="ClientOrigin",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("origin", models.CharField(db_index=True, max_length=255, verbose_name="origin")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="origins",
                        to="oauth_provider.client",
                    ),
                ),
            ],
            options={
                "verbose_name": "browser origin",
                "verbose_name_plural": "browser origins",
                "constraints": [
                    models.UniqueConstraint(fields=("client", "origin"), name="oauth_provider_origin_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientOwner",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="owners",
                        to="oauth_provider.client",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="auth.group",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "owner",
                "verbose_name_plural": "owners",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", True), ("user__isnull", False)),
                            models.Q(("group__isnull", False), ("user__isnull", True)),
                            _connector="OR",
                        ),
                        name="oauth_provider_owner_user_xor_group",
                    ),
                    models.UniqueConstraint(fields=("client", "user"), name="oauth_provider_owner_user_once"),
                    models.UniqueConstraint(fields=("client", "group"), name="oauth_provider_owner_group_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientSecret",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("hint", models.CharField(editable=False, max_length=4, verbose_name="hint")),
                ("imported", models.BooleanField(default=False, editable=False, verbose_name="taken over")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last used"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked"),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="secrets",
                        to="oauth_provider.client",
                    ),
                ),
            ],
            options={
                "verbose_name": "client secret",
                "verbose_name_plural": "client secrets",
                "constraints": [
                    models.UniqueConstraint(fields=("client", "digest"), name="oauth_provider_secret_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("digest", ""), _negated=True), models.Q(("hint", ""), _negated=True)
                        ),
                        name="oauth_provider_secret_not_blank",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(fields=("user", "client"), name="oauth_provider_consent_once"),
        ),
        migrations.AddConstraint(
            model_name="devicecode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "pending")),
                fields=("user_code_digest",),
                name="oauth_provider_user_code_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="subject",
            constraint=models.UniqueConstraint(fields=("user", "sector"), name="oauth_provider_subject_once"),
        ),
    ]

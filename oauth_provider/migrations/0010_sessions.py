import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oauth_provider", "0009_openid"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LogoutDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("logout_id", models.UUIDField(editable=False, null=True)),
                ("sid", models.CharField(max_length=64, verbose_name="session")),
                ("sub", models.CharField(max_length=255, verbose_name="subject")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("delivered", "Delivered"), ("dead", "Given up")],
                        default="waiting",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("error", models.CharField(blank=True, default="", max_length=255, verbose_name="last error")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, editable=False, verbose_name="at"
                    ),
                ),
                ("next_try_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="next try")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered or given up")),
            ],
            options={
                "verbose_name": "logout delivery",
                "verbose_name_plural": "logout deliveries",
                "permissions": [("repeat_logoutdelivery", "Can repeat logout delivery")],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sid", models.CharField(max_length=64, verbose_name="session")),
                ("sub", models.CharField(max_length=255, verbose_name="subject")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="kept until")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("logout_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=64, verbose_name="why")),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
            },
        ),
        migrations.AddField(
            model_name="client",
            name="backchannel_logout_session_required",
            field=models.BooleanField(db_default=False, default=False, verbose_name="needs to know which session"),
        ),
        migrations.AddField(
            model_name="client",
            name="backchannel_logout_uri",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="An address of its server (OpenID Connect Back-Channel Logout).",
                max_length=2000,
                verbose_name="told of a sign-out at",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="default_acr_values",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                help_text="Asked for where a request names no acr_values.",
                verbose_name="how people sign in",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="frontchannel_logout_session_required",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="needs to know which session, in the browser"
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="frontchannel_logout_uri",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="A page of it, opened in a frame (OpenID Connect Front-Channel Logout).",
                max_length=2000,
                verbose_name="told of a sign-out in the browser at",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="initiate_login_uri",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="An address of the app that begins a sign-in here (OpenID Connect Core §4).",
                max_length=2000,
                verbose_name="starts a sign-in",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="sector_identifier_uri",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Lists the redirect URIs of all apps that share one identifier of a person. Empty: the host.",
                max_length=2000,
                verbose_name="sector",
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="ends_with_session",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="event",
            field=models.CharField(
                choices=[
                    ("client_registered", "Client registered"),
                    ("client_changed", "Client changed"),
                    ("client_suspended", "Client suspended"),
                    ("client_reactivated", "Client reactivated"),
                    ("client_adopted", "Client adopted"),
                    ("client_submitted", "Client submitted for approval"),
                    ("client_approved", "Client approved"),
                    ("client_sent_back", "Client sent back to its owners"),
                    ("client_archived", "Client archived"),
                    ("client_restored", "Client restored from the archive"),
                    ("client_deleted", "Client deleted"),
                    ("client_confirmed", "Registration confirmed"),
                    ("registration_refused", "Registration refused"),
                    ("initial_access_token_made", "Initial access token made"),
                    ("initial_access_token_revoked", "Initial access token revoked"),
                    ("credential_looked_up", "Credential looked up"),
                    ("client_authentication_failed", "Client authentication failed"),
                    ("secret_added", "Secret added"),
                    ("secret_revoked", "Secret revoked"),
                    ("consent_granted", "Consent granted"),
                    ("consent_denied", "Consent denied"),
                    ("consent_withdrawn", "Consent withdrawn"),
                    ("consent_narrowed", "Permission taken away"),
                    ("signed_out_everywhere", "Signed out everywhere"),
                    ("targets_narrowed", "Objects of a consent narrowed"),
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
                    ("key_resealed", "Key encrypted anew"),
                    ("session_ended", "Signed out"),
                    ("logout_undelivered", "App could not be told of a sign-out"),
                    ("logout_repeated", "Logout delivery repeated"),
                    ("limit_store_down", "Limit store unreachable"),
                ],
                max_length=40,
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="client",
            name="subject_type",
            field=models.CharField(
                choices=[
                    ("public", "Random, stable identifier"),
                    ("pairwise", "Another identifier for each app"),
                    ("dot", "Primary key, as django-oauth-toolkit sends it"),
                ],
                default="public",
                max_length=8,
                verbose_name="subject type",
            ),
        ),
        migrations.AddField(
            model_name="logoutdelivery",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="oauth_provider.client",
                verbose_name="client",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="oauth_provider.client",
                verbose_name="client",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="logoutdelivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["next_try_at", "id"],
                name="oauth_provider_logouts_due",
            ),
        ),
        migrations.AddIndex(
            model_name="logoutdelivery",
            index=models.Index(fields=["logout_id"], name="oauth_provider_logouts_of"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["sid"], name="oauth_provider_session_sid"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("logout_id__isnull", False)),
                fields=["logout_id"],
                name="oauth_provider_session_logout",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(fields=("client", "sid"), name="oauth_provider_session_once"),
        ),
    ]

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("oauth_provider", "0002_adopt_applications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name="number")),
                ("count", models.PositiveIntegerField(verbose_name="events")),
                ("first_event", models.BigIntegerField(verbose_name="first event")),
                ("last_event", models.BigIntegerField(verbose_name="last event")),
                ("leaves", models.BinaryField()),
                ("previous", models.CharField(max_length=64, verbose_name="root before")),
                ("root", models.CharField(max_length=64, verbose_name="root")),
                ("signature", models.CharField(max_length=64, verbose_name="signature")),
                ("sealed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sealed")),
            ],
            options={
                "verbose_name": "audit seal",
                "verbose_name_plural": "audit seals",
            },
        ),
        migrations.CreateModel(
            name="InitialAccessToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("note", models.CharField(max_length=255, verbose_name="what for")),
                (
                    "scopes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="The most its clients may have; empty: REGISTRATION_SCOPES.",
                        verbose_name="scopes",
                    ),
                ),
                ("uses_left", models.PositiveIntegerField(default=1, verbose_name="registrations left")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("last_used_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked")),
            ],
            options={
                "verbose_name": "initial access token",
                "verbose_name_plural": "initial access tokens",
            },
        ),
        migrations.AlterModelOptions(
            name="auditevent",
            options={
                "permissions": [("view_event", "Can view event")],
                "verbose_name": "audit event",
                "verbose_name_plural": "audit events",
            },
        ),
        migrations.AlterModelOptions(
            name="client",
            options={
                "permissions": [
                    ("suspend_client", "Can suspend client"),
                    ("approve_client", "Can approve client"),
                    ("rotate_secret", "Can rotate a client's secret"),
                ],
                "verbose_name": "client",
                "verbose_name_plural": "clients",
            },
        ),
        migrations.AddField(
            model_name="auditevent",
            name="batch",
            field=models.PositiveBigIntegerField(blank=True, editable=False, null=True, verbose_name="seal"),
        ),
        migrations.AddField(
            model_name="client",
            name="allowed_function",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="A name in ALLOWED_USERS_FUNCTIONS.",
                max_length=64,
                verbose_name="function that allows",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="allowed_groups",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="auth.group", verbose_name="groups that may use it"
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="allowed_permission",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="app_label.codename",
                max_length=255,
                verbose_name="permission needed to use it",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="allowed_users",
            field=models.CharField(
                choices=[
                    ("everyone", "Everyone"),
                    ("groups", "Members of groups"),
                    ("permission", "Holders of a permission"),
                    ("function", "Whom a function of this site allows"),
                    ("owners", "Only its owners"),
                ],
                db_default="everyone",
                default="everyone",
                max_length=16,
                verbose_name="who may use it",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="client_uri",
            field=models.CharField(blank=True, db_default="", default="", max_length=2000, verbose_name="home page"),
        ),
        migrations.AddField(
            model_name="client",
            name="contacts",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                help_text="Mail addresses of those responsible (RFC 7591 §2).",
                verbose_name="contacts",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="document_fresh_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="client",
            name="logo_uri",
            field=models.CharField(blank=True, db_default="", default="", max_length=2000, verbose_name="logo"),
        ),
        migrations.AddField(
            model_name="client",
            name="registration_token_digest",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="client",
            name="requested_scopes",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                verbose_name="scopes asked for",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="software_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=255, verbose_name="software id"),
        ),
        migrations.AddField(
            model_name="client",
            name="software_version",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=255, verbose_name="software version"
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="unconfirmed_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="unconfirmed until"),
        ),
        migrations.AddField(
            model_name="clientsecret",
            name="last_used_address",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=45, verbose_name="last used from"
            ),
        ),
        migrations.AddField(
            model_name="clientsecret",
            name="warned_days",
            field=models.PositiveSmallIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="grant_type",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=64, verbose_name="flow"
            ),
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
        migrations.AlterField(
            model_name="client",
            name="profile",
            field=models.CharField(
                choices=[
                    ("web", "Web application with a server"),
                    ("spa", "Single-page application in the browser"),
                    ("native", "Mobile or desktop application"),
                    ("machine", "Machine or service, no person"),
                    ("device", "TV, console or command line (device code)"),
                    ("mcp", "MCP client"),
                    ("first_party", "Application of this site"),
                    ("imported", "Taken over from django-oauth-toolkit"),
                    ("legacy", "Legacy application that cannot do better"),
                ],
                max_length=16,
                verbose_name="profile",
            ),
        ),
        migrations.AlterField(
            model_name="client",
            name="registration_source",
            field=models.CharField(
                choices=[
                    ("code", "Code of this site"),
                    ("command", "Command"),
                    ("admin", "Admin"),
                    ("file", "clients.toml"),
                    ("api", "Management API"),
                    ("dot", "django-oauth-toolkit"),
                    ("dynamic", "Dynamic registration"),
                    ("document", "Client ID metadata document"),
                ],
                default="code",
                max_length=16,
                verbose_name="registered by",
            ),
        ),
        migrations.AlterField(
            model_name="client",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("submitted", "Submitted for approval"),
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
        migrations.AddField(
            model_name="initialaccesstoken",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="owner of its clients",
            ),
        ),
    ]

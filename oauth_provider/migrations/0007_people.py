import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oauth_provider", "0006_needs_approval"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClientLogo",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="logo",
                        serialize=False,
                        to="oauth_provider.client",
                    ),
                ),
                ("media_type", models.CharField(max_length=32, verbose_name="type")),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "logo",
                "verbose_name_plural": "logos",
            },
        ),
        migrations.AddField(
            model_name="client",
            name="logo_digest",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="client",
            name="optional_scopes",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                help_text="Scopes a person may leave out; the client works without them.",
                verbose_name="optional scopes",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="purposes",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                help_text="What the app needs a scope for, in its own words: scope name → one sentence of plain text.",
                verbose_name="purposes",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="declined_scopes",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                verbose_name="left out",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="mailed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="mailed"),
        ),
        migrations.AddField(
            model_name="consent",
            name="targets",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                verbose_name="objects",
            ),
        ),
        migrations.AddField(
            model_name="devicecode",
            name="authorization_details",
            field=models.JSONField(db_default=models.Value([], output_field=models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="grant",
            name="last_used_address",
            field=models.CharField(blank=True, db_default="", default="", max_length=45, verbose_name="last used from"),
        ),
        migrations.AddField(
            model_name="grant",
            name="targets",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                verbose_name="objects",
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="user_agent",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=255, verbose_name="browser or device"
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
                    ("limit_store_down", "Limit store unreachable"),
                ],
                max_length=40,
                verbose_name="event",
            ),
        ),
    ]

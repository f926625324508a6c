from django.db import migrations, models

from oauth_provider.migrations._operations import AddIndexConcurrently


class Migration(migrations.Migration):
    # Built one by one beside the writes of a running site.
    atomic = False

    dependencies = [
        ("oauth_provider", "0003_clients"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("batch__isnull", True)), fields=["id"], name="oauth_provider_unsealed"
            ),
        ),
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("batch__isnull", False)), fields=["batch", "id"], name="oauth_provider_sealed"
            ),
        ),
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(
                    (
                        "event__in",
                        ("authorization_refused", "client_authentication_failed", "reuse_detected", "token_refused"),
                    )
                ),
                fields=["client_id", "at"],
                name="oauth_provider_failures",
            ),
        ),
        AddIndexConcurrently(
            model_name="client",
            index=models.Index(
                condition=models.Q(("unconfirmed_until__isnull", False)),
                fields=["unconfirmed_until"],
                name="oauth_provider_unconfirmed",
            ),
        ),
        AddIndexConcurrently(
            model_name="grant",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=["client", "expires_at"],
                name="oauth_provider_live_grants",
            ),
        ),
    ]

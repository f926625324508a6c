from django.db import migrations, models

from oauth_provider.migrations._operations import AddIndexConcurrently


class Migration(migrations.Migration):
    # Built beside the writes of a running site.
    atomic = False

    dependencies = [
        ("oauth_provider", "0010_sessions"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="grant",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", True), models.Q(("sid", ""), _negated=True)),
                fields=["sid"],
                name="oauth_provider_grants_session",
            ),
        ),
    ]

from django.db import migrations, models

from oauth_provider.migrations._operations import AddIndexConcurrently


class Migration(migrations.Migration):
    # Built one by one beside the writes of a running site.
    atomic = False

    dependencies = [
        ("oauth_provider", "0004_indexes"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(fields=["event", "at"], name="oauth_provider_event_at"),
        ),
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(fields=["actor", "at"], name="oauth_provider_actor_at"),
        ),
    ]

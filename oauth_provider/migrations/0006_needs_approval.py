from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oauth_provider", "0005_audit_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="needs_approval",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="needs approval"),
        ),
    ]

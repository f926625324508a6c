"""Made by makemigrations."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64, unique=True)),
                ("client_id", models.CharField(max_length=255)),
                ("client_secret", models.CharField(blank=True, default="", max_length=255)),
            ],
        ),
    ]

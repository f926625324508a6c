"""Notes belong to organizations; those that were there get one of their author's own."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def give_each_author_an_organization(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    organizations, memberships, notes = (
        apps.get_model("notes", name).objects.using(database) for name in ("Organization", "Membership", "Note")
    )
    for author_id in notes.order_by().values_list("author_id", flat=True).distinct():
        organization = organizations.create(slug=f"notes-of-{author_id}", name=f"Notes of account {author_id}")
        memberships.create(organization=organization, user_id=author_id)
        notes.filter(author_id=author_id).update(organization=organization)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("notes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=100)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="notes.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "user"), name="notes_member_once"),
                ],
            },
        ),
        migrations.RenameField(model_name="note", old_name="owner", new_name="author"),
        migrations.AddField(
            model_name="note",
            name="organization",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notes",
                to="notes.organization",
            ),
        ),
        migrations.RunPython(give_each_author_an_organization, migrations.RunPython.noop),
    ]

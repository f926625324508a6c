"""Operations that are safe on a large table while the site goes on working."""

from __future__ import annotations

from typing import Any

from django.db import migrations, router


class AddIndexConcurrently(migrations.AddIndex):
    """On PostgreSQL the index is built beside the writes (`CREATE INDEX CONCURRENTLY`); the migration is not atomic."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """As AddIndex."""
        self._on_postgresql_or(super().database_forwards, app_label, schema_editor, to_state, add=True)(
            app_label, schema_editor, from_state, to_state
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """As AddIndex."""
        self._on_postgresql_or(super().database_backwards, app_label, schema_editor, from_state, add=False)(
            app_label, schema_editor, from_state, to_state
        )

    def _on_postgresql_or(self, plain: Any, app_label: str, schema_editor: Any, state: Any, *, add: bool) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return plain

        def concurrently(*_: Any) -> None:
            model = state.apps.get_model(app_label, self.model_name)
            if router.allow_migrate_model(schema_editor.connection.alias, model):
                change = schema_editor.add_index if add else schema_editor.remove_index
                change(model, self.index, concurrently=True)

        return concurrently

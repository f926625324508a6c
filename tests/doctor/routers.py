from __future__ import annotations


class ReadsElsewhere:
    """Reads from a replica that is not configured."""

    def db_for_read(self, model, **hints):
        return "nowhere" if model._meta.model_name == "client" else None

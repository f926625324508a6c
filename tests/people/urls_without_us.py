"""A site that installed the app and includes none of its URLs."""

from __future__ import annotations

urlpatterns: list[object] = []

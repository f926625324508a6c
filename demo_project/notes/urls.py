"""Paths of the protected API."""

from __future__ import annotations

from django.urls import path

from demo_project.notes.views import NotesView, StatisticsView, UserProfileView

urlpatterns = [
    path("user-profile", UserProfileView.as_view(), name="user-profile"),
    path("notes", NotesView.as_view(), name="notes"),
    path("statistics", StatisticsView.as_view(), name="statistics"),
]

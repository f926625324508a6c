"""Paths of the protected API."""

from __future__ import annotations

from django.urls import path

from demo_project.notes.views import NotesView, NoteView, OrganizationsView, StatisticsView, UserProfileView

urlpatterns = [
    path("user-profile", UserProfileView.as_view(), name="user-profile"),
    path("organizations", OrganizationsView.as_view(), name="organizations"),
    path("notes", NotesView.as_view(), name="notes"),
    path("notes/<int:pk>", NoteView.as_view(), name="note"),
    path("statistics", StatisticsView.as_view(), name="statistics"),
]

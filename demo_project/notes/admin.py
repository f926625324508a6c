"""Organizations and their notes in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from demo_project.notes.models import Membership, Note, Organization

if TYPE_CHECKING:
    _Inline = admin.TabularInline[Membership, Organization]
    _ModelAdmin = admin.ModelAdmin[Organization]
    _NoteAdmin = admin.ModelAdmin[Note]
else:
    _Inline, _ModelAdmin, _NoteAdmin = admin.TabularInline, admin.ModelAdmin, admin.ModelAdmin


class MembershipInline(_Inline):
    model = Membership
    extra = 0


@admin.register(Organization)
class OrganizationAdmin(_ModelAdmin):
    inlines = [MembershipInline]


@admin.register(Note)
class NoteAdmin(_NoteAdmin):
    list_display = ["text", "organization", "author", "created_at"]
    list_filter = ["organization"]

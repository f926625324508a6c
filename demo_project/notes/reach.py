"""What a call may reach: the one place that views and tools ask, so that a limit set here holds everywhere.

Effective power is what the app was allowed, cut down to what the person behind it may do at this moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_project.notes.models import Note, Organization

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from oauth_provider.resource_server.access import Access


def organizations(access: Access) -> QuerySet[Organization]:
    """The organizations this call may touch: those the person is a member of now."""
    return access.limit(Organization.objects.all())


def notes(access: Access) -> QuerySet[Note]:
    """The notes this call may read and change: those of the organizations it may touch."""
    return Note.objects.filter(organization__in=organizations(access)).select_related("organization", "author")

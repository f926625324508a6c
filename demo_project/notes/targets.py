"""The objects a grant can be limited to: the organizations of the person who is asked."""

from __future__ import annotations

from demo_project.notes.models import Organization
from oauth_provider.targets import GrantTarget

ORGANIZATION = GrantTarget(
    "organization",
    model=Organization,
    queryset=lambda user: Organization.objects.filter(memberships__user_id=user.pk),
    label="name",
)

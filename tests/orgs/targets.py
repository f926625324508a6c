from __future__ import annotations

from oauth_provider.targets import GrantTarget
from tests.orgs.models import Org

organization = GrantTarget(
    "organization", model=Org, queryset=lambda user: Org.objects.filter(members=user), label="name"
)

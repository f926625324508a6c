"""Django REST framework: who an app is and what it may, in one import line."""

from __future__ import annotations

from oauth_provider.drf.authentication import OAuth2Authentication
from oauth_provider.drf.permissions import (
    AllowAppsWithoutScope,
    HasAnyScope,
    HasAudience,
    HasResourceScope,
    HasScope,
    HasTargets,
    IsFirstParty,
    IsMachine,
    IsSessionUser,
    IsUser,
)
from oauth_provider.drf.targets import TargetFilterBackend, TargetRelatedField

__all__ = [
    "AllowAppsWithoutScope",
    "HasAnyScope",
    "HasAudience",
    "HasResourceScope",
    "HasScope",
    "HasTargets",
    "IsFirstParty",
    "IsMachine",
    "IsSessionUser",
    "IsUser",
    "OAuth2Authentication",
    "TargetFilterBackend",
    "TargetRelatedField",
]

"""Django REST framework: who an app is and what it may, in one import line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider.drf.authentication import OAuth2Authentication
from oauth_provider.drf.model_scopes import HasModelScope
from oauth_provider.drf.permissions import (
    AllowAppsWithoutScope,
    HasAcr,
    HasAnyScope,
    HasAudience,
    HasFreshLogin,
    HasResourceScope,
    HasScope,
    HasTargets,
    IsFirstParty,
    IsMachine,
    IsSessionUser,
    IsUser,
)
from oauth_provider.drf.targets import TargetFilterBackend, TargetRelatedField
from oauth_provider.drf.throttling import ClientRateThrottle, ClientUserRateThrottle, TokenRateThrottle

if TYPE_CHECKING:
    from oauth_provider.drf.routers import ModelScopeMixin, ModelScopeRouter

__all__ = [
    "AllowAppsWithoutScope",
    "ClientRateThrottle",
    "ClientUserRateThrottle",
    "HasAcr",
    "HasAnyScope",
    "HasAudience",
    "HasFreshLogin",
    "HasModelScope",
    "HasResourceScope",
    "HasScope",
    "HasTargets",
    "IsFirstParty",
    "IsMachine",
    "IsSessionUser",
    "IsUser",
    "ModelScopeMixin",
    "ModelScopeRouter",
    "OAuth2Authentication",
    "TargetFilterBackend",
    "TargetRelatedField",
    "TokenRateThrottle",
]


def __getattr__(name: str) -> Any:
    """The routers, when asked for: the framework's need its views, which need the authentication above."""
    if name not in {"ModelScopeMixin", "ModelScopeRouter"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from oauth_provider.drf import routers  # noqa: PLC0415

    return getattr(routers, name)

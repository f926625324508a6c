"""A router that gives `HasModelScope` to its viewsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.routers import DefaultRouter

from oauth_provider.drf.model_scopes import HasModelScope

if TYPE_CHECKING:
    from rest_framework.routers import Route

    Router = DefaultRouter
else:
    Router = object


class ModelScopeMixin(Router):
    """For any router: a registered viewset with a queryset needs `HasModelScope`, unless it says what it needs.

    That is by `permission_classes` or `get_permissions` of its own or of its bases; what the site has as default does
    not count. An `@action` may have its own.
    """

    permission_classes: Any = [HasModelScope]

    def get_routes(self, viewset: Any) -> list[Route]:
        routes: list[Any] = super().get_routes(viewset)
        if not _has_queryset(viewset) or _says_itself(viewset):
            return routes
        default = {"permission_classes": self.permission_classes}
        return [route._replace(initkwargs=default | route.initkwargs) for route in routes]


class ModelScopeRouter(ModelScopeMixin, DefaultRouter):
    """The framework's DefaultRouter, whose viewsets need the scopes of their models."""


def _has_queryset(viewset: Any) -> bool:
    return getattr(viewset, "queryset", None) is not None or "get_queryset" in _own_names(viewset)


def _says_itself(viewset: Any) -> bool:
    return not {"permission_classes", "get_permissions"}.isdisjoint(_own_names(viewset))


def _own_names(viewset: Any) -> set[str]:
    """What is defined by the site's classes, not by the framework's."""
    return {
        name for kind in viewset.__mro__ if not kind.__module__.startswith("rest_framework.") for name in vars(kind)
    }

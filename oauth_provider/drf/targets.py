"""The objects a token may touch, in lists and in what is written: `TargetFilterBackend` and `TargetRelatedField`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.filters import BaseFilterBackend
from rest_framework.relations import PrimaryKeyRelatedField

from oauth_provider.resource_server.access import Access

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TargetFilterBackend(BaseFilterBackend):
    """Limits a view's rows, in lists and by key, to those the token may touch; a foreign one is 404.

    The view's `target_through` and `target_kind` are those of `Access.limit`. A request without a token of ours, where
    the view lets it in, is not limited.
    """

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        access = _access_of(request)
        if access is None:
            return queryset
        return access.limit(queryset, getattr(view, "target_through", None), kind=getattr(view, "target_kind", None))


class TargetRelatedField(PrimaryKeyRelatedField):  # type: ignore[type-arg]  # generic in the stubs only
    """A relation that can be set only to a row the token may touch; any other does not exist.

    `through` and `kind` are those of `Access.limit`. Needs the request in the serializer's context, as views give it.
    """

    def __init__(self, *, through: str | None = None, kind: str | None = None, **kwargs: Any) -> None:
        self.through = through
        self.kind = kind
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        queryset: Any = super().get_queryset()
        if "request" not in self.context:
            raise ImproperlyConfigured(
                "TargetRelatedField needs the request: give the serializer context={'request': request}."
            )
        access = _access_of(self.context["request"])
        limited: QuerySet[Any] = queryset if access is None else access.limit(queryset, self.through, kind=self.kind)
        return limited


def _access_of(request: Any) -> Access | None:
    """Of a request of the framework, or of Django's with `request.access`."""
    for name in ("auth", "access"):
        found = getattr(request, name, None)
        if isinstance(found, Access):
            return found
    return None

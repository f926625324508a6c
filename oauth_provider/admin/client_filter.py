"""The list of clients by status: what is archived is out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import SEARCH_VAR
from django.utils.translation import gettext_lazy as _

from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from oauth_provider.models import Client

_EVERY = "all"


class StatusFilter(SimpleListFilter):
    """By status. Archived clients are shown when they are asked for: here, or by a search."""

    title = _("status")
    parameter_name = "status"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self._searches = bool(request.GET.get(SEARCH_VAR))

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*ClientStatus.choices, (_EVERY, _("All"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """As Django's, with a first choice that says what it shows."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": _("Not archived")} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Client]) -> QuerySet[Client]:
        if self.value() in ClientStatus.values:
            return queryset.filter(status=self.value())
        if self.value() == _EVERY or self._searches:
            return queryset
        return queryset.exclude(status=ClientStatus.ARCHIVED)

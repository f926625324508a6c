"""One page of a long list: which rows it has is found first, then they are read, with what their columns show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider.admin.base import ChangeList

if TYPE_CHECKING:
    from django.http import HttpRequest


class ListPage(ChangeList):
    """A list that joins and computes for the rows of its page, never for those that are sorted or skipped."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = list(self.result_list.values_list("pk", flat=True))
        found = {row.pk: row for row in self.queryset.order_by().filter(pk__in=shown)}
        self.result_list = [found[pk] for pk in shown if pk in found]
        self.complete(self.result_list)

    def get_ordering_field(self, field_name: Any) -> Any:
        """Django leaves the links of other columns out, but follows an address that sorts by one."""
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None

    def complete(self, rows: list[Any]) -> None:
        """Note on each row what its columns show; a statement or two, however many rows."""

"""A paginator for tables that grow for ever: it counts as far as anybody leafs and says that there are more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.db.models import QuerySet

    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

MOST = 10_000


class AtLeast(int):
    """A count that stopped: a number to calculate with, written `10,000+`."""

    def __str__(self) -> str:
        return f"{int(self):,}+"


class BoundedPaginator(AnyPaginator):
    """Pages of the first 10,000 rows; the others are reached by a filter or a search.

    For a ModelAdmin with `show_full_result_count = False`: `paginator = BoundedPaginator`. Templates may ask
    `cl.paginator.has_more`.
    """

    object_list: QuerySet[Any]

    @cached_property
    def _found(self) -> int:
        # Without its order: which rows are counted does not matter, and no index has to give them in turn.
        return self.object_list.order_by()[: MOST + 1].count()

    @property
    def has_more(self) -> bool:
        """Whether there are rows that no page shows."""
        return self._found > MOST

    @cached_property
    def count(self) -> int:
        """How many rows the pages show."""
        if not self.has_more:
            return self._found
        # Where Django groups digits it takes the written number apart: the plain one is right there, if without `+`.
        return MOST if settings.USE_THOUSAND_SEPARATOR else AtLeast(MOST)

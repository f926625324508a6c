"""Counting no further than is told apart: "1,000+" needs 1,001 rows, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import IntegerField, Subquery

if TYPE_CHECKING:
    from django.db.models import QuerySet


class CountUpTo(Subquery):
    """How many rows a queryset has for the outer row, `most` + 1 when there are more than `most`."""

    # The limit stands in a derived table: beside COUNT it would limit the one row of the answer.
    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"

    def __init__(self, queryset: QuerySet[Any], *, most: int) -> None:
        super().__init__(queryset.order_by().values("pk")[: most + 1], output_field=IntegerField())

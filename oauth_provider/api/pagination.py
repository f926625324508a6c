"""Pages without counting tables that grow for ever: by cursor for those, by number and bounded for clients."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework import pagination
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    from rest_framework.request import Request

    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

PAGE_SIZE = 50
MOST_ON_A_PAGE = 200
# No COUNT looks at more rows than these, and no page lies behind them.
MOST_COUNTED = 10_000
_BIGGEST_KEY = 2**63 - 1
_FIRST_YEAR, _LAST_YEAR = 2000, 9000
_SIZE = {"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE, "default": PAGE_SIZE}


def _page_size(request: Request) -> int:
    given = request.query_params.get("page_size", str(PAGE_SIZE))
    if not _is_whole(given) or not 1 <= int(given) <= MOST_ON_A_PAGE:
        raise ValidationError({"page_size": [_("A whole number from 1 to %d.") % MOST_ON_A_PAGE]})
    return int(given)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(_BIGGEST_KEY))


def _key(text: str) -> int:
    """A key of the database; raises ValueError."""
    if not _is_whole(text) or int(text) > _BIGGEST_KEY:
        raise ValueError(text)
    return int(text)


def _moment(text: str) -> datetime:
    """A time that every database can compare with; raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(text)
    return at


def _sized(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**told, "schema": _SIZE} if told["name"] == "page_size" else told for told in parameters]


class NewestFirst(pagination.BasePagination):
    """By key, the newest first: a page begins behind the last row of the one before, whatever came in meanwhile.

    REST framework's CursorPagination compares one column and counts rows that are alike in it; of a thousand grants
    of one moment it would show some again and again.
    """

    # Column to what its text in a cursor is read by; together they name one row.
    keys: ClassVar[Mapping[str, Callable[[str], Any]]] = {"id": _key}
    query_names: ClassVar[tuple[str, ...]] = ("cursor", "page_size")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        size, cursor = _page_size(request), request.query_params.get("cursor")
        ordered = queryset.order_by(*(f"-{name}" for name in self.keys))
        if cursor is not None:
            ordered = ordered.filter(self._behind(self._read(cursor)))
        rows = list(ordered[: size + 1])
        self.next = None
        if len(rows) > size:
            address = request.build_absolute_uri()
            self.next = replace_query_param(address, "cursor", self._write(rows[size - 1]))
        return rows[:size]

    def _behind(self, last: Mapping[str, Any]) -> Q:
        """Rows behind this one: (a, b) < (x, y) is a ≤ x, and a < x or b < y; the first half is what has an index."""
        (name, value), *rest = last.items()
        if not rest:
            return Q(**{f"{name}__lt": value})
        return Q(**{f"{name}__lte": value}) & (Q(**{f"{name}__lt": value}) | self._behind(dict(rest)))

    def _write(self, row: Any) -> str:
        texts = [str(getattr(row, name)) for name in self.keys]
        return base64.urlsafe_b64encode("|".join(texts).encode()).decode().rstrip("=")

    def _read(self, cursor: str) -> dict[str, Any]:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            texts = base64.b64decode(padded, altchars=b"-_", validate=True).decode().split("|")
            return {name: read(text) for (name, read), text in zip(self.keys.items(), texts, strict=True)}
        except ValueError as error:
            raise ValidationError({"cursor": [_("This is no cursor of ours.")]}) from error

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "results": data})

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        following = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "As it stands in `next`.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Rows on a page.",
                "schema": _SIZE,
            },
        ]


class NewestFirstByTime(NewestFirst):
    """Where the key is random: by the time of creation, which has an index, then by key."""

    keys = {"created_at": _moment, "id": UUID}


class _Bounded(AnyPaginator):
    """Counts so many rows and no more."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:MOST_COUNTED].count())


class Numbered(pagination.PageNumberPagination):
    """Pages by number; `count` stops at MOST_COUNTED, and `count_is_exact` says whether it did."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MOST_ON_A_PAGE
    django_paginator_class = _Bounded
    last_page_strings = ()
    query_names: ClassVar[tuple[str, ...]] = ("page", "page_size")

    def get_page_size(self, request: Request) -> int:
        return _page_size(request)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        number = request.query_params.get("page", "1")
        if not _is_whole(number) or not int(number):
            raise ValidationError({"page": [_("A whole number from 1 on.")]})
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        assert self.page is not None  # noqa: S101  # for the type checker
        count = self.page.paginator.count
        return Response(
            {
                "count": count,
                "count_is_exact": count < MOST_COUNTED,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        described["properties"]["count_is_exact"] = {"type": "boolean"}
        described["required"] = ["count", "count_is_exact", "results"]
        return described

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = _sized(super().get_schema_operation_parameters(view))
        number = {"type": "integer", "minimum": 1, "default": 1}
        return [{**told, "schema": number} if told["name"] == "page" else told for told in parameters]

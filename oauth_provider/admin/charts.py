"""Bars of a chart: how long each is and what stands beside it; the template draws them as SVG, without a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.text import Truncator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise

ROW_HEIGHT = 36
_LABEL_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Row:
    """One value: what people read, where it leads, and in small what a machine calls it.

    `short` is the label where there is no room for the small print; `is_rest` is what all others have together.
    """

    label: str
    number: int
    code: str = ""
    href: str = ""
    short: str = ""
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A row as it is drawn and as it stands in the table."""

    row: Row
    # Of the longest bar. Written here: a length in SVG knows no decimal comma.
    width: str
    share: str
    y: int

    @property
    def short_label(self) -> str:
        """The label where it must not run into the number."""
        return Truncator(self.row.short or self.row.label).chars(_LABEL_LENGTH)

    @property
    def written(self) -> str:
        """The number as people read it."""
        return number_format(self.row.number, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with the table that says the same. `name` makes ids; `tone` is "calm" or "danger"."""

    name: str
    title: str | _StrPromise
    label_heading: str | _StrPromise
    number_heading: str | _StrPromise
    bars: tuple[Bar, ...]
    tone: str = "calm"

    @property
    def height(self) -> int:
        """Of the drawing, in pixels."""
        return len(self.bars) * ROW_HEIGHT


def bars(rows: Sequence[Row]) -> tuple[Bar, ...]:
    """The rows, each as long as its part of the largest."""
    largest = max((row.number for row in rows), default=0) or 1
    total = sum(row.number for row in rows) or 1
    return tuple(
        Bar(
            row=row,
            # What is there is seen, however small.
            width=f"{max(row.number / largest * 100, 0.5):.1f}%" if row.number else "0",
            share=f"{number_format(round(row.number / total * 100, 1), 1)} %",
            y=index * ROW_HEIGHT,
        )
        for index, row in enumerate(rows)
    )

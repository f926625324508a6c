"""A bar for whoever watches a command work; nothing where nobody does."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand

_WIDTH = 30


@dataclass(frozen=True, slots=True)
class Progress:
    """The bar of one command, on its standard error."""

    command: BaseCommand

    @property
    def is_watched(self) -> bool:
        """Whether a terminal is there to show it: counting beforehand may cost something."""
        return sys.stderr.isatty()

    def show(self, name: str, done: int, total: int) -> None:
        """Draw the bar anew; without a total there is nothing to draw."""
        if total and self.is_watched:
            filled = min(_WIDTH, _WIDTH * done // total)
            bar = "█" * filled + "·" * (_WIDTH - filled)
            style = self.command.style.NOTICE
            self.command.stderr.write(f"\r\x1b[K{name} {bar} {done}/{total}", style, ending="")
            self.command.stderr.flush()

    def clear(self) -> None:
        """Leave the line empty."""
        if self.is_watched:
            self.command.stderr.write("\r\x1b[K", ending="")

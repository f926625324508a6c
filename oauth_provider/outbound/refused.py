"""Why something was not fetched."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was fetched, or nothing of it is to be used; `reason` is for the operator, never for a client.

    A reason tells who may reach what in our network: to a stranger every one of them must look the same.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Busy(Refused):
    """This process has too much to do at the moment; nothing is said about the other side."""

"""Real threads with a connection each, started at one moment, against one database."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.test import Client as Browser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each job in a thread of its own, all let go together; their results in order, the first error raised."""
    start = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            start.wait(timeout=30)
            results[number] = jobs[number]()
        except BaseException as error:  # noqa: BLE001  # told to the test below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a request hangs"
    if errors:
        raise errors[0]
    return results


def browser() -> Browser:
    """A client to which an unexpected exception is a 500, as to everybody else."""
    return Browser(raise_request_exception=False)


def post(path: str, data: dict[str, Any], **headers: Any) -> Any:
    """POST a form in the thread that calls."""
    return browser().post(path, data=_encode(data), content_type="application/x-www-form-urlencoded", **headers)


def _encode(data: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode({name: value for name, value in data.items() if value is not None})


def statuses(responses: Sequence[Any]) -> list[int]:
    return sorted(response.status_code for response in responses)

"""The exported events as a file that is sent while it is read, however many they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.utils import timezone

from oauth_provider.audit import export

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from oauth_provider.models import AuditEvent


def answer(request: HttpRequest, events: QuerySet[AuditEvent]) -> StreamingHttpResponse:
    """The events as JSON Lines to be saved, kept by no cache."""
    lines = export.json_lines(events)
    # Django would collect an ordinary iterator before the first byte leaves an ASGI server.
    content = _asynchronously(lines) if isinstance(request, ASGIRequest) else lines
    name = f"audit-events-{timezone.now():%Y-%m-%d}.jsonl"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(content, content_type=export.CONTENT_TYPE, headers=headers)


async def _asynchronously(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    @sync_to_async
    def read() -> bytes | None:
        return next(lines, None)

    while (some := await read()) is not None:
        yield some

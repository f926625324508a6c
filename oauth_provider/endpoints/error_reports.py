"""What a crash may tell: error mails and reports about our endpoints show no parameter and no local variable."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.views.debug import SafeExceptionReporterFilter

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from django.http import HttpRequest, HttpResponse


class HidingFilter(SafeExceptionReporterFilter):
    """Django hides what looks like a password; here each value may be a code, token or secret (C65)."""

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        """Names without values; with DEBUG everything, as Django does."""
        if request is None or not self.is_active(request):
            return super().get_post_parameters(request)
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> Any:
        """Names without values; with DEBUG everything, as Django does."""
        if request is None or not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]


def hides_values(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep what the view was sent out of error reports."""

    @functools.wraps(view)
    def hiding(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Django asks the request for it (django.views.debug.get_exception_reporter_filter).
        request.exception_reporter_filter = HidingFilter()
        return view(request, *args, **kwargs)

    return hiding

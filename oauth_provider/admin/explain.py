"""Why was this refused? A request id in, the rule, both values and the fix out. The id is no secret: GET is fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from oauth_provider.conf import conf
from oauth_provider.insight import explain as room

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin


def explain(model_admin: ClientAdmin, request: HttpRequest) -> HttpResponse:
    """The form, and with `request_id` what is kept under it."""
    if not request.user.has_perm("oauth_provider.view_event"):
        raise PermissionDenied
    request_id = request.GET.get("request_id", "")
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Explain a refusal"),
        "has_view_permission": model_admin.has_view_permission(request),
        "can_view_event": request.user.has_perm("oauth_provider.view_auditevent"),
        "can_view_grant": request.user.has_perm("oauth_provider.view_grant"),
        "explanation": room.explain(request_id) if request_id else None,
        "most": conf.SECRET_FAILURES_PER_MINUTE,
    }
    return TemplateResponse(request, "admin/oauth_provider/client/explain.html", context)

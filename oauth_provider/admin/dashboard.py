"""The dashboard: tokens, refusals, clients and keys that want looking after; a chart with a table beside it each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider.admin.charts import Chart, Row, bars
from oauth_provider.insight import neglected, statistics
from oauth_provider.values import Event, GrantType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.insight.statistics import ByClient, Reason, Statistics

_PERIODS = {
    "24h": gettext_lazy("24 hours"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
}
_GRANT_TYPES = {
    GrantType.AUTHORIZATION_CODE.value: gettext_lazy("Authorization code"),
    GrantType.CLIENT_CREDENTIALS.value: gettext_lazy("Client credentials"),
    GrantType.REFRESH_TOKEN.value: gettext_lazy("Refresh token"),
    GrantType.DEVICE_CODE.value: gettext_lazy("Device code"),
}


def may_see(model_admin: ClientAdmin, request: HttpRequest) -> bool:
    """Whether this person may see clients and events: the numbers tell of both."""
    return model_admin.has_view_permission(request) and request.user.has_perm("oauth_provider.view_event")


def dashboard(model_admin: ClientAdmin, request: HttpRequest) -> HttpResponse:
    """Show the numbers of ?period=24h, 7d or 30d; they are at most a minute old."""
    if not may_see(model_admin, request):
        raise PermissionDenied
    asked = request.GET.get("period", "")
    period = asked if asked in statistics.PERIODS else statistics.DEFAULT_PERIOD
    numbers = statistics.recent(period)
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Dashboard"),
        "subtitle": None,
        "period": period,
        "periods": _PERIODS,
        "numbers": numbers,
        "tiles": list(_tiles(numbers)),
        "charts": list(_charts(numbers, model_admin)),
        "keys": [(key, (numbers.at - key.signing_since).days, key.is_overdue(at=numbers.at)) for key in numbers.keys],
        "unused_days": neglected.UNUSED_DAYS,
        "new_days": neglected.NEW_DAYS,
    }
    return TemplateResponse(request, "admin/oauth_provider/client/dashboard.html", context)


def _tiles(numbers: Statistics) -> Iterator[tuple[str, str, str]]:
    """What is read first: number, what it is, and the tone it is shown in."""
    yield _written(numbers.issued), _("tokens issued"), "calm"
    yield _written(numbers.refused), _("requests refused"), "danger" if numbers.refused else "calm"
    yield _written(numbers.unused.number), _("clients not used"), "calm"
    yield _written(numbers.without_owner.number), _("clients without owner"), "calm"


def _charts(numbers: Statistics, model_admin: ClientAdmin) -> Iterator[Chart]:
    tokens, refusals = _("Tokens"), _("Refusals")
    yield Chart(
        "issued-by-client", _("Tokens by client"), _("Client"), tokens,
        bars(_of_clients(numbers.issued_by_client, model_admin)),
    )  # fmt: skip
    yield Chart(
        "issued-by-grant-type", _("Tokens by grant type"), _("Grant type"), tokens,
        bars([
            Row(str(_GRANT_TYPES.get(row.grant_type, row.grant_type)), row.number, code=row.grant_type)
            for row in numbers.issued_by_grant_type
        ]),
    )  # fmt: skip
    yield Chart(
        "refused-by-reason", _("Refusals by reason"), _("Reason"), refusals,
        bars([_of_reason(row) for row in numbers.refused_by_reason]), tone="danger",
    )  # fmt: skip
    yield Chart(
        "refused-by-client", _("Refusals by client"), _("Client"), refusals,
        bars(_of_clients(numbers.refused_by_client, model_admin)), tone="danger",
    )  # fmt: skip


def _of_reason(reason: Reason) -> Row:
    event = str(Event(reason.event).label)
    return Row(event, reason.number, code=reason.error, short=f"{event}: {reason.error}" if reason.error else "")


def _of_clients(counted: ByClient, model_admin: ClientAdmin) -> list[Row]:
    rows = [
        Row(
            label=client.name if client.pk else _("No client has this id"),
            number=client.number,
            code=client.client_id,
            href=_address(model_admin, client.pk) if client.pk else "",
        )
        for client in counted.top
    ]
    return [*rows, Row(_("All others"), counted.others, is_rest=True)] if counted.others else rows


def _address(model_admin: ClientAdmin, pk: int) -> str:
    return reverse(f"{model_admin.admin_site.name}:oauth_provider_client_change", args=[pk])


def _written(number: int) -> str:
    return number_format(number, force_grouping=True)

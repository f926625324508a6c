"""The live grants of a client: who let it in, since when, by which flow; some of them revoked at once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models.functions import Now
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oauth_provider.admin import client_page, confirm, moments
from oauth_provider.admin.actor import actor_of
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Grant
from oauth_provider.tokens import revoke as revocation
from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.models import Client

PER_PAGE = 50
# Counted and leafed through up to here; what is older is found in the list of all grants.
MOST_COUNTED = 1_000
TICKED = "grant"
_FLOWS: Mapping[str, _StrPromise] = {
    GrantType.AUTHORIZATION_CODE: gettext_lazy("in the browser"),
    GrantType.DEVICE_CODE: gettext_lazy("on a device"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A grant as the table shows it."""

    grant: Grant
    flow: str
    since: SafeString | str
    last_used: SafeString | str
    ends: SafeString | str


class _Bounded(Paginator):  # type: ignore[type-arg]
    """Counts no further than it leafs: a client with a million grants must not cost a count of a million."""

    object_list: QuerySet[Grant]

    @cached_property
    def count(self) -> int:
        return len(self.object_list.values_list("pk")[:MOST_COUNTED])


def live(client: Client) -> QuerySet[Grant]:
    """The grants of a client that still work, the newest first."""
    rows = Grant.objects.filter(client=client, revoked_at=None, expires_at__gt=Now())
    return rows.order_by("-created_at", "-pk")


def page(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show a page of the live grants."""
    client = client_page.client_of(model_admin, request, pk, tab=client_page.GRANTS)
    shown = _Bounded(live(client).select_related("user"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "rows": [_row(grant) for grant in shown],
        "count": shown.paginator.count,
        "has_more": shown.paginator.count >= MOST_COUNTED,
        "can_revoke": client_page.has(request, "revoke_grant"),
        "can_see_all": client_page.has(request, "view_grant"),
        "revoke_address": client_page.address(model_admin, client, "grants_revoke"),
        "ticked_name": TICKED,
    }
    return client_page.show(model_admin, request, client, client_page.GRANTS, context)


def revoke(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask about the ticked grants, or revoke them. Grants of other clients are left alone."""
    client = client_page.client_of(model_admin, request, pk, tab=client_page.GRANTS, needs="revoke_grant")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    back = client_page.address(model_admin, client, client_page.GRANTS.name)
    rows = list(live(client).filter(pk__in=_ticked(request)))
    if not rows:
        model_admin.message_user(request, _("Tick at least one grant. Nothing was changed."), messages.WARNING)
        return HttpResponseRedirect(back)
    people = len({grant.user_id for grant in rows})
    wanted = confirm.Confirmation(
        title=ngettext("Revoke %d grant?", "Revoke %d grants?", len(rows)) % len(rows),
        summary=_("Grants that end now: %(grants)d. People: %(people)d.") % {"grants": len(rows), "people": people},
        consequences=[
            _("Every token of these grants is refused at once."),
            _("The client can ask these people again."),
        ],
        submit=_("Revoke"),
        back=back,
        hidden=[(TICKED, str(grant.pk)) for grant in rows],
    )
    if not confirm.is_given(request, wanted):
        return confirm.ask(model_admin, request, wanted, obj=client)
    for grant in rows:
        revocation.end_place(grant, reason="revoked_by_admin", actor=actor_of(request), source=source_of(request))
    said = ngettext("Revoked %d grant.", "Revoked %d grants.", len(rows)) % len(rows)
    model_admin.log_change(request, client, said)
    model_admin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(back)


def _ticked(request: HttpRequest) -> list[uuid.UUID]:
    """What was ticked on one page; anything else in the form is none."""
    found: list[uuid.UUID] = []
    for value in request.POST.getlist(TICKED)[:PER_PAGE]:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


def _row(grant: Grant) -> Row:
    return Row(
        grant,
        flow=str(_FLOWS.get(grant.grant_type, "–")),
        since=moments.ago(grant.created_at),
        last_used=moments.ago(grant.last_used_at, never=_("never")),
        ends=moments.until(grant.expires_at),
    )

"""Moving a client that was taken over to a modern profile: what breaks is shown before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from oauth_provider.admin import client_page, confirm
from oauth_provider.admin.actor import actor_of
from oauth_provider.clients import modern
from oauth_provider.endpoints.base import source_of
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.models import Client

MOVABLE = frozenset({Profile.IMPORTED, Profile.LEGACY})


def is_offered(client: Client) -> bool:
    """Whether the client has a profile to leave and one to go to."""
    return client.profile in MOVABLE and bool(modern.target_profiles(client))


def page(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a profile, see what would break, move."""
    client = client_page.client_of(model_admin, request, pk, needs="change_client")
    back = client_page.address(model_admin, client)
    if not is_offered(client):
        model_admin.message_user(request, _("This client has no profile to move to."), messages.WARNING)
        return HttpResponseRedirect(back)
    targets = modern.target_profiles(client)
    chosen = (request.POST if request.method == "POST" else request.GET).get("profile", "")
    if chosen not in targets:
        offers = [(target, Profile(target).label, modern.what_breaks(client, target)) for target in targets]
        context = {"offers": offers, "deviations": modern.deviations(client)}
        return client_page.show(model_admin, request, client, client_page.SETTINGS, context, template="move")
    wanted = _confirmation(client, chosen, back=client_page.address(model_admin, client, "move"))
    if not confirm.is_given(request, wanted):
        return confirm.ask(model_admin, request, wanted, obj=client)
    try:
        modern.move(client, chosen, actor=actor_of(request), source=source_of(request))
    except ValidationError as refusal:
        model_admin.message_user(request, " ".join(refusal.messages), messages.ERROR)
        return HttpResponseRedirect(wanted.back)
    said = _("Moved to: %(profile)s.") % {"profile": Profile(chosen).label}
    model_admin.log_change(request, client, said)
    model_admin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(back)


def _confirmation(client: Client, profile: str, *, back: str) -> confirm.Confirmation:
    broken = [breaks.sentence for breaks in modern.what_breaks(client, profile)]
    return confirm.Confirmation(
        title=_("Move %(name)s to another profile?") % {"name": client.name},
        summary=_("From “%(old)s” to “%(new)s”.")
        % {"old": client.get_profile_display(), "new": Profile(profile).label},
        consequences=broken or [_("Nothing that anybody would notice changes.")],
        submit=_("Move"),
        back=back,
        hidden=[("profile", profile)],
    )

"""/connected-apps/sign-out-everywhere/: all apps and all other browsers at once; this browser stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from oauth_provider.consent import connected
from oauth_provider.endpoints.base import source_of
from oauth_provider.endpoints.connected_apps import own_page
from oauth_provider.endpoints.pages import page
from oauth_provider.endpoints.viewer import SeeOther, login_url
from oauth_provider.sessions import everywhere

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse


@sensitive_post_parameters("password")
@own_page
def sign_out_everywhere(request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
    """GET says in numbers what ends; POST ends it, with the password where the person has one here."""
    if request.method != "POST":
        return _ask(request, user)
    ended = everywhere.sign_out(request, password=request.POST.get("password", ""), source=source_of(request))
    if ended is None:
        return _ask(request, user, error=_("This is not your password, or there were too many tries."), status=400)
    return SeeOther(f"{reverse('oauth_provider:connected-apps')}?done=everywhere")


def _ask(request: HttpRequest, user: AbstractBaseUser, *, error: str = "", status: int = 200) -> HttpResponse:
    apps = [app for app in connected.apps_of(user) if app.places]
    context = {
        "user_label": user.get_username(),
        "switch_user_url": login_url(request.path),
        "app_count": len(apps),
        "place_count": sum(app.places for app in apps),
        "needs_password": everywhere.needs_password(user),
        "error": error,
        "list_url": reverse("oauth_provider:connected-apps"),
    }
    return page(request, "connected_apps/everywhere.html", context, status=status)

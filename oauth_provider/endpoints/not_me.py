"""/not-me/…: the link in a mail. GET shows and ends nothing, for link scanners follow it; a button's POST ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from oauth_provider.conf import conf
from oauth_provider.consent import not_me as links
from oauth_provider.endpoints.base import source_of
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.endpoints.pages import describe_app, page
from oauth_provider.endpoints.viewer import SeeOther
from oauth_provider.models import Grant

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.models import Consent

# Where a site has its page for a new password: Django's own views, django-allauth.
_PASSWORD_PAGES = ("password_change", "account_change_password")
_MASK = "•••"


@csrf_exempt  # the link is the proof: it is asked for in the same request, and no session is looked at
@transaction.non_atomic_requests
@hides_values
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a link, whoever is signed in or nobody; ended once, it says so from then on."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    found = links.find(token)
    if isinstance(found, links.Unknown):
        return _closed(_not_found(request, too_old=found.too_old))
    if request.method == "POST":
        if found is not None:
            links.end(found, source=source_of(request))
        return _closed(SeeOther(request.path))
    if found is None or _has_ended(found):
        return _closed(page(request, "not_me/ended.html", _next_steps(found)))
    context = {"app": describe_app(found.client), "account": _masked(found.user.get_username())}
    return _closed(page(request, "not_me/ask.html", context))


def _has_ended(consent: Consent) -> bool:
    alive = Grant.objects.alive_of(consent.user).filter(client_id=consent.client_id)
    return consent.revoked_at is not None and not alive.exists()


def _next_steps(consent: Consent | None) -> dict[str, object]:
    return {
        "app": None if consent is None else describe_app(consent.client),
        "password_url": _password_url(),
        "apps_url": reverse("oauth_provider:connected-apps"),
        "contact": conf.SECURITY_CONTACT,
    }


def _password_url() -> str:
    for name in _PASSWORD_PAGES:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


def _masked(name: str) -> str:
    """An account its owner knows again, and nobody else learns: `al•••`, `al•••@people.example`."""
    local, at, domain = name.partition("@")
    return f"{local[:2] if len(local) > 2 else local[:1]}{_MASK}{at}{domain}"  # noqa: PLR2004


def _not_found(request: HttpRequest, *, too_old: bool) -> HttpResponse:
    if too_old:
        message = _("The link in the mail worked for %(days)d days. You can still end the access of an app: sign in "
                    "and open your connected apps.") % {"days": links.LIFETIME.days}  # fmt: skip
        return page(request, "error.html", {"title": _("This link is too old"), "message": message}, status=400)
    message = _("Open it again from the mail, whole and as it stands there.")
    return page(request, "error.html", {"title": _("This link is not right"), "message": message}, status=400)


def _closed(response: HttpResponse) -> HttpResponse:
    """The address is what opens it: told to nobody, kept by no search engine."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response

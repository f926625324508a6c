"""The first page of adding a client: what kind of application is it? One card for each profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from oauth_provider.values import Profile

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Card:
    """A profile in words that somebody knows who builds such an application."""

    profile: Profile
    title: str | _StrPromise
    sentence: str | _StrPromise
    gets: str | _StrPromise


CARDS = (
    Card(
        Profile.WEB,
        _("Web application"),
        _("Runs on a server of yours and keeps a secret there: Django, Rails, Laravel, Next.js with a back end."),
        _("Authorization code with PKCE · secret · refresh tokens"),
    ),
    Card(
        Profile.SPA,
        _("Single-page application"),
        _("Runs in the browser alone: React, Vue, Angular, without a server that could keep a secret."),
        _("Authorization code with PKCE · no secret · short-lived tokens"),
    ),
    Card(
        Profile.NATIVE,
        _("Mobile or desktop application"),
        _("Installed on people’s own devices: iOS, Android, Windows, macOS, a command line with a browser."),
        _("Authorization code with PKCE · no secret · refresh tokens"),
    ),
    Card(
        Profile.MACHINE,
        _("Machine or service"),
        _("Acts for itself, no person is there: a nightly job, another service, an API that introspects tokens."),
        _("Client credentials · secret"),
    ),
    Card(
        Profile.DEVICE,
        _("TV, console or command line"),
        _("Has no browser: people type a short code on their phone."),
        _("Device code · refresh tokens"),
    ),
    Card(
        Profile.MCP,
        _("MCP client"),
        _("An assistant or agent that uses your tools over the Model Context Protocol."),
        _("Authorization code with PKCE · short-lived tokens"),
    ),
    Card(
        Profile.FIRST_PARTY,
        _("Application of this site"),
        _("Yours, like the site itself: people are not asked whether they allow it."),
        _("Authorization code with PKCE · no consent page"),
    ),
    Card(
        Profile.LEGACY,
        _("Legacy application"),
        _("Old software that cannot send a PKCE challenge and cannot be changed. Reported by check --deploy."),
        _("Authorization code, PKCE only if it can · secret"),
    ),
)

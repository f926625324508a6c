"""What ends with a client, in one sentence with numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider.admin import moments
from oauth_provider.clients import impact
from oauth_provider.conf import conf
from oauth_provider.models import AccessToken, Consent, Grant, RefreshToken
from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.clients.impact import Impact
    from oauth_provider.models import Client


@dataclass(frozen=True, slots=True)
class Hit:
    """`sentence` names who is hit; `lagging` the resource servers that may go on for a while."""

    sentence: str
    lagging: tuple[str, ...]


def of(client: Client) -> Hit:
    """Who is hit when this client ends, and who may go on accepting its tokens; two statements."""
    found = impact.impact(client)
    said = ", ".join(_counted(client, found))
    return Hit(said or _("nothing that is in use"), tuple(_lagging(found)))


def _counted(client: Client, found: Impact) -> Iterator[str]:
    if found.people:
        yield ngettext("%d person", "%d people", found.people) % found.people
    if found.devices:
        yield ngettext("%d device", "%d devices", found.devices) % found.devices
    if found.machine_last_seen is not None:
        yield _("1 machine last seen %(time)s") % {"time": moments.clock(found.machine_last_seen)}
    elif client.allows_grant(GrantType.CLIENT_CREDENTIALS):
        yield _("1 machine never seen yet")


def _lagging(found: Impact) -> Iterator[str]:
    for uri, until in found.self_verifying:
        name = conf.RESOURCES.get(uri, "")
        yield _("%(server)s verifies tokens on its own: it may accept those issued so far until %(time)s.") % {
            "server": f"{name} ({uri})" if name else uri, "time": moments.clock(until),
        }  # fmt: skip


def rows_that_go(client: Client) -> str:
    """The rows that are deleted with a client, counted; five statements."""
    secrets = client.secrets.count()
    consents = Consent.objects.filter(client=client).count()
    grants = Grant.objects.filter(client=client).count()
    refresh_tokens = RefreshToken.objects.filter(client=client).count()
    access_tokens = AccessToken.objects.filter(client=client).count()
    counted = [
        (secrets, ngettext("%d secret", "%d secrets", secrets)),
        (consents, ngettext("%d consent", "%d consents", consents)),
        (grants, ngettext("%d grant", "%d grants", grants)),
        (refresh_tokens, ngettext("%d refresh token", "%d refresh tokens", refresh_tokens)),
        (access_tokens, ngettext("%d opaque access token", "%d opaque access tokens", access_tokens)),
    ]
    return ", ".join(said % number for number, said in counted if number) or _("nothing but its settings")

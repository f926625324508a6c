"""The scopes of the management API; the registry finds them while the app is installed.

Every one is `staff=True`: without it `is_superuser` would not count, and a superuser's token could do nothing here.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oauth_provider.scopes import Scope

# What every scope of this package begins with; a site's own should not.
PREFIX = "oauth:"

CLIENTS_READ = Scope(
    "oauth:clients.read",
    _("See the apps of this site"),
    _("Every registered client with its settings, and when its secrets were used; never a secret."),
    sensitive=True,
    staff=True,
)
CLIENTS_WRITE = Scope(
    "oauth:clients.write",
    _("Manage the apps of this site"),
    _("Register, change, approve, suspend, archive and delete clients."),
    sensitive=True,
    staff=True,
)
SECRETS_WRITE = Scope(
    "oauth:secrets.write",
    _("Change the secrets of apps"),
    _("Add and revoke client secrets: whoever adds one can act as that client."),
    sensitive=True,
    staff=True,
)
GRANTS_READ = Scope(
    "oauth:grants.read",
    _("See who uses which app"),
    _("The grants and consents of every person."),
    sensitive=True,
    staff=True,
)
GRANTS_WRITE = Scope(
    "oauth:grants.write",
    _("End the access of apps"),
    _("Revoke grants, withdraw consents, end all tokens of a client."),
    sensitive=True,
    staff=True,
)
EVENTS_READ = Scope(
    "oauth:events.read",
    _("Read the audit events"),
    _("What happened to clients and people, with addresses and times."),
    sensitive=True,
    staff=True,
)
STATS_READ = Scope(
    "oauth:stats.read",
    _("See the numbers of this site"),
    _("How many tokens, refusals and clients there are."),
    sensitive=True,
    staff=True,
)

"""The health of a client: what an admin should do something about, in a sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider import spans
from oauth_provider.conf import conf
from oauth_provider.insight import counted, neglected
from oauth_provider.models import ClientSecret
from oauth_provider.values import ClientStatus, Profile, RegistrationSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.insight.counted import Counted
    from oauth_provider.models import Client

EXPIRY_DAYS = 30
ROTATION_DAYS = 30
MANY_FAILURES = 20


class Severity(StrEnum):
    """How much it matters: `error` does not work now, `warning` wants somebody, `info` is good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class HealthWarning:
    """One thing about a client; `code` is for programs, the sentence for people."""

    code: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at, read once."""

    client: Client
    now: datetime
    # Those that nobody revoked, newest first; expired ones among them.
    secrets: tuple[ClientSecret, ...]
    failures: Counted
    has_owner: bool

    @property
    def live_secrets(self) -> list[ClientSecret]:
        """The secrets that authenticate the client now."""
        return [row for row in self.secrets if row.expires_at is None or row.expires_at > self.now]


def health(client: Client) -> tuple[HealthWarning, ...]:
    """What is to be said of a client, the worst first; empty: it is well. At most four statements."""
    if client.status == ClientStatus.ARCHIVED:
        # Nobody needs to look after it any more.
        return tuple(_status(client))
    now = timezone.now()
    facts = Facts(
        client=client,
        now=now,
        secrets=tuple(ClientSecret.objects.filter(client=client, revoked_at=None).order_by("-created_at", "-pk")),
        failures=counted.failures_of(client, since=now - timedelta(hours=1)),
        has_owner=neglected.has_owner(client),
    )
    found = [*_status(client), *(warning for rule in RULES for warning in rule(facts))]
    return tuple(sorted(found, key=lambda warning: list(Severity).index(warning.severity)))


def _status(client: Client) -> Iterator[HealthWarning]:
    sentence = {
        ClientStatus.DRAFT.value: _("It is a draft: only its owners can use it."),
        ClientStatus.SUBMITTED.value: _("It waits for approval: until then only its owners can use it."),
        ClientStatus.SUSPENDED.value: _("It is suspended: it and its tokens are refused everywhere."),
        ClientStatus.ARCHIVED.value: _("It is archived: it and its tokens are refused everywhere."),
    }.get(client.status)
    if sentence is not None:
        severity = Severity.WARNING if client.status == ClientStatus.SUSPENDED else Severity.INFO
        yield HealthWarning(client.status, severity, sentence)
    if client.unconfirmed_until is not None:
        day = date_format(timezone.localtime(client.unconfirmed_until), "DATE_FORMAT")
        sentence = _("It registered itself and nobody has allowed it yet: it goes on %s.") % day
        yield HealthWarning("unconfirmed", Severity.INFO, sentence)


def _secrets(facts: Facts) -> Iterator[HealthWarning]:
    """A secret matters as long as no other one outlives it."""
    live = facts.live_secrets
    if facts.client.is_public or _has_secret_of_dot(facts.client, facts.secrets):
        return
    if not live and facts.secrets:
        ended = max(row.expires_at for row in facts.secrets if row.expires_at is not None)
        sentence = _("Its last secret expired %s: it cannot authenticate.") % spans.ago(ended, now=facts.now)
        yield HealthWarning("secret_expired", Severity.ERROR, sentence)
    elif not live:
        yield HealthWarning("no_secret", Severity.ERROR, _("It has no live secret: it cannot authenticate."))
    elif all(row.expires_at is not None for row in live):
        last = max(row.expires_at for row in live if row.expires_at is not None)
        days = (last - facts.now).days
        if days < EXPIRY_DAYS:
            sentence = (
                ngettext("Its secret expires in %d day.", "Its secret expires in %d days.", days) % days
                if days
                else _("Its secret expires within a day.")
            )
            yield HealthWarning("secret_expires", Severity.WARNING, sentence)


def _rotation(facts: Facts) -> Iterator[HealthWarning]:
    """Two secrets for a while are a rotation; for longer, one that was forgotten."""
    live = facts.live_secrets
    if len(live) < 2 or live[0].created_at > facts.now - timedelta(days=ROTATION_DAYS):  # noqa: PLR2004  # old and new
        return
    old = live[1]
    if old.last_used_at is None:
        sentence = _("Rotation unfinished: the old secret %(hint)s was never seen. Revoke it.")
    elif old.last_used_address:
        sentence = _("Rotation unfinished: the old secret %(hint)s was last used %(ago)s from %(address)s.")
    else:
        sentence = _("Rotation unfinished: the old secret %(hint)s was last used %(ago)s.")
    ago = spans.ago(old.last_used_at, now=facts.now) if old.last_used_at else ""
    values = {"hint": str(old), "ago": ago, "address": old.last_used_address}
    yield HealthWarning("rotation_unfinished", Severity.WARNING, sentence % values)


def _use(facts: Facts) -> Iterator[HealthWarning]:
    client = facts.client
    if not conf.LAST_USED_SECONDS:  # no use is noted
        return
    if client.last_used_at is None:
        if client.created_at < facts.now - timedelta(days=neglected.NEW_DAYS):
            sentence = _("It was made %s and never used.") % spans.ago(client.created_at, now=facts.now)
            yield HealthWarning("never_used", Severity.INFO, sentence)
    elif client.last_used_at < facts.now - timedelta(days=neglected.UNUSED_DAYS):
        days = (facts.now - client.last_used_at).days
        sentence = ngettext("It was not used for %d day.", "It was not used for %d days.", days) % days
        yield HealthWarning("unused", Severity.INFO, sentence)


def _owner(facts: Facts) -> Iterator[HealthWarning]:
    if not facts.has_owner and facts.client.unconfirmed_until is None:
        yield HealthWarning("no_owner", Severity.WARNING, _("Nobody answers for it: it has no active owner."))


def _failures(facts: Facts) -> Iterator[HealthWarning]:
    if facts.failures.number >= MANY_FAILURES:
        sentence = _("%s of its requests were refused within the last hour.") % facts.failures
        yield HealthWarning("many_failures", Severity.WARNING, sentence)


def _configuration(facts: Facts) -> Iterator[HealthWarning]:
    client = facts.client
    if "*" in client.allowed_scopes:
        yield HealthWarning("every_scope", Severity.WARNING, _("It may ask for every scope there is."))
    local = [uri for uri in client.redirect_uris if uri.startswith("http://")]
    if client.profile == Profile.WEB and local:
        sentence = _("It sends people to %s: an address for developing, not for a server.") % local[0]
        yield HealthWarning("http_redirect", Severity.WARNING, sentence)
    if client.profile in {Profile.IMPORTED, Profile.LEGACY}:
        profile = Profile(client.profile).label
        sentence = _("Its profile “%s” allows what a modern one does not.") % profile
        yield HealthWarning("old_profile", Severity.INFO, sentence)


# A rule more is a function and a name here.
RULES = (_secrets, _rotation, _use, _owner, _failures, _configuration)


def _has_secret_of_dot(client: Client, secrets: tuple[ClientSecret, ...]) -> bool:
    """Whether it still shows the secret it had at django-oauth-toolkit, which becomes ours when it is next seen."""
    return (
        client.registration_source == RegistrationSource.DOT
        and client.profile == Profile.IMPORTED
        and not any(row.imported for row in secrets)
        and bool(client.application.client_secret)
    )

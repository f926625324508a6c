"""The rotation of a secret, step by step: added, deployed, the old one quiet, the old one retired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from oauth_provider.admin import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from oauth_provider.models import ClientSecret

# A job that runs every night is missed by whoever looks sooner.
QUIET = timedelta(days=1)
_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Row:
    """A secret as the table shows it."""

    secret: ClientSecret
    state: str
    is_live: bool
    expires_soon: bool
    created: SafeString | str
    expires: SafeString | str
    last_used: SafeString | str
    ended: SafeString | str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, whether it is done, and what is known of it."""

    title: str
    is_done: bool
    known: SafeString | str


@dataclass(frozen=True, slots=True)
class Rotation:
    """Two live secrets or more: the newest one comes, the oldest one goes."""

    new: Row
    old: Row
    steps: tuple[Step, ...]
    is_quiet: bool


def row(secret: ClientSecret) -> Row:
    """What there is to say of a secret."""
    now = timezone.now()
    is_expired = secret.expires_at is not None and secret.expires_at <= now
    is_live = secret.revoked_at is None and not is_expired
    return Row(
        secret,
        state=_("live") if is_live else _("expired") if secret.revoked_at is None else _("retired"),
        is_live=is_live,
        expires_soon=is_live and secret.expires_at is not None and secret.expires_at - now < _SOON,
        created=moments.ago(secret.created_at),
        expires=moments.until(secret.expires_at, never=_("never")),
        last_used=last_used(secret),
        ended=moments.ago(secret.revoked_at or (secret.expires_at if is_expired else None)),
    )


def last_used(secret: ClientSecret) -> SafeString | str:
    """When and from where; it is noted at most every LAST_USED_SECONDS."""
    if secret.last_used_at is None:
        return _("never, as far as we know")
    when = moments.ago(secret.last_used_at)
    if not secret.last_used_address:
        return when
    return format_html(_("{} from {}"), when, format_html("<bdi>{}</bdi>", secret.last_used_address))


def of(rows: Sequence[Row]) -> Rotation | None:
    """Where the rotation stands; None unless there are two live secrets. `rows` are sorted, the newest first."""
    live = [one for one in rows if one.is_live]
    if len(live) < 2:  # noqa: PLR2004  # one that comes and one that goes
        return None
    new, old = live[0], live[-1]
    used, old_used = new.secret.last_used_at, old.secret.last_used_at
    is_quiet = used is not None and (old_used is None or timezone.now() - old_used >= QUIET)
    hints = {"new": f"…{new.secret.hint}", "old": f"…{old.secret.hint}"}
    return Rotation(new, old, is_quiet=is_quiet, steps=(
        Step(_("Add the new secret"), is_done=True, known=format_html(_("{} added {}."), hints["new"], new.created)),
        Step(
            _("Deploy it"), is_done=used is not None,
            known=format_html(_("{} last used {}."), hints["new"], new.last_used) if used is not None
            else _("%(new)s has not been used yet.") % hints,
        ),
        Step(_("Wait until the old one is quiet"), is_done=is_quiet, known=_known_of_old(old, is_quiet=is_quiet)),
        Step(_("Retire the old one"), is_done=False, known=""),
    ))  # fmt: skip


def _known_of_old(old: Row, *, is_quiet: bool) -> SafeString | str:
    hint, used = f"…{old.secret.hint}", old.secret.last_used_at
    if used is None:
        return _("%(old)s was never used, as far as we know.") % {"old": hint}
    if is_quiet:
        return format_html(_("{} is quiet: last used {}."), hint, old.last_used)
    said = format_html(_("{} last used {}."), hint, old.last_used)
    return format_html("{} {}", said, _("A job that runs once a day shows itself within a day."))

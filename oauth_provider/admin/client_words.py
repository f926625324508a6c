"""Suspend, revoke access, archive, delete and their ways back: which is offered to whom, and when it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from oauth_provider.models import Client

_UNAPPROVED = frozenset({ClientStatus.DRAFT, ClientStatus.SUBMITTED})


@dataclass(frozen=True, slots=True)
class Word:
    """One of them: its address, its button, the permission it takes, and from which status it leads."""

    name: str
    button: _StrPromise
    permission: str
    statuses: frozenset[ClientStatus]
    is_grave: bool = False


SUSPEND = Word("suspend", _("Suspend"), "suspend_client", frozenset({ClientStatus.ACTIVE}))
REACTIVATE = Word("reactivate", _("Reactivate"), "suspend_client", frozenset({ClientStatus.SUSPENDED}))
REVOKE_ACCESS = Word(
    "revoke_access", _("Revoke access"), "revoke_grant", frozenset(ClientStatus) - {ClientStatus.ARCHIVED}
)
ARCHIVE = Word("archive", _("Archive"), "suspend_client", frozenset(ClientStatus) - {ClientStatus.ARCHIVED})
RESTORE = Word("restore", _("Restore"), "suspend_client", frozenset({ClientStatus.ARCHIVED}))
DELETE = Word("delete", _("Delete"), "delete_client", frozenset({ClientStatus.ARCHIVED}), is_grave=True)
WORDS = (SUSPEND, REACTIVATE, REVOKE_ACCESS, ARCHIVE, RESTORE, DELETE)


def may(request: HttpRequest, word: Word, client: Client) -> bool:
    """Whether this person may do it. Putting away what waits for approval is a decision about it: it takes
    `approve_client` too.
    """
    held = [word.permission, *(["approve_client"] if word is ARCHIVE and client.status in _UNAPPROVED else [])]
    return all(request.user.has_perm(f"oauth_provider.{permission}") for permission in held)


def offered(request: HttpRequest, client: Client) -> list[Word]:
    """What this person may do with the client as it stands."""
    return [word for word in WORDS if client.status in word.statuses and may(request, word, client)]

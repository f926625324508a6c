"""From the status a client has to the one in the file, by the steps there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from oauth_provider.clients import approval, status
from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from oauth_provider.models import Client


class Step(StrEnum):
    """One thing that `clients.status` or `clients.approval` does."""

    APPROVE = "approve"
    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    ARCHIVE = "archive"
    RESTORE = "restore"


_TO: Mapping[str, Mapping[str, tuple[Step, ...]]] = {
    ClientStatus.DRAFT: {ClientStatus.DRAFT: (), ClientStatus.SUBMITTED: ()},
    ClientStatus.ACTIVE: {
        ClientStatus.ACTIVE: (),
        ClientStatus.DRAFT: (Step.APPROVE,),
        ClientStatus.SUBMITTED: (Step.APPROVE,),
        ClientStatus.SUSPENDED: (Step.REACTIVATE,),
        ClientStatus.ARCHIVED: (Step.RESTORE, Step.REACTIVATE),
    },
    ClientStatus.SUSPENDED: {
        ClientStatus.SUSPENDED: (),
        ClientStatus.DRAFT: (Step.SUSPEND,),
        ClientStatus.SUBMITTED: (Step.SUSPEND,),
        ClientStatus.ACTIVE: (Step.SUSPEND,),
        ClientStatus.ARCHIVED: (Step.RESTORE,),
    },
    ClientStatus.ARCHIVED: {
        ClientStatus.ARCHIVED: (),
        **dict.fromkeys(
            (ClientStatus.DRAFT, ClientStatus.SUBMITTED, ClientStatus.ACTIVE, ClientStatus.SUSPENDED), (Step.ARCHIVE,)
        ),
    },
}
_DO: Mapping[Step, Callable[..., Any]] = {
    # With the scopes of the file, which have been written by then.
    Step.APPROVE: lambda client, actor: approval.approve(client, client.allowed_scopes, actor=actor),
    Step.SUSPEND: lambda client, actor: status.suspend(client, actor=actor),
    Step.REACTIVATE: lambda client, actor: status.reactivate(client, actor=actor),
    Step.ARCHIVE: lambda client, actor: status.archive(client, actor=actor),
    Step.RESTORE: lambda client, actor: status.restore(client, actor=actor),
}


def steps(before: str, after: str) -> tuple[Step, ...]:
    """What leads from one status to another; raises ValidationError where nothing does."""
    found = _TO[after].get(before)
    if found is None:
        raise ValidationError(f"what is {before} does not become {after} again")
    return found


def take(client: Client, step: Step, *, actor: str) -> None:
    """Take one step; raises ValidationError."""
    _DO[step](client, actor)

"""Suspend, revoke access, archive, delete, and the ways back: four words for four things, each asked about first.

GET says in numbers what ends and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from oauth_provider.admin import client_impact, client_page, client_words, confirm
from oauth_provider.admin.actor import actor_of
from oauth_provider.clients import status
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.admin.client_words import Word

    Change = Callable[..., None]
    Asked = Callable[[ClientAdmin, Client], confirm.Confirmation]


def _suspend(model_admin: ClientAdmin, client: Client) -> confirm.Confirmation:
    hit = client_impact.of(client)
    return confirm.Confirmation(
        title=_("Suspend %(name)s?") % {"name": client.name},
        summary=_("Stops working: %(what)s.") % {"what": hit.sentence},
        consequences=[
            _("It is refused at every endpoint, and each of its tokens at this site’s APIs and at introspection, "
              "within a second."),
            *hit.lagging,
            _("It can be reactivated: tokens that have not expired by then work again."),
        ],
        submit=_("Suspend"),
        back=client_page.address(model_admin, client),
    )  # fmt: skip


def _reactivate(model_admin: ClientAdmin, client: Client) -> confirm.Confirmation:
    return confirm.Confirmation(
        title=_("Reactivate %(name)s?") % {"name": client.name},
        summary=_("Works again: %(what)s.") % {"what": client_impact.of(client).sentence},
        consequences=[_("If it was suspended because a secret leaked, retire that secret first.")],
        submit=_("Reactivate"),
        back=client_page.address(model_admin, client),
    )


def _revoke_access(model_admin: ClientAdmin, client: Client) -> confirm.Confirmation:
    hit = client_impact.of(client)
    return confirm.Confirmation(
        title=_("Revoke all access of %(name)s?") % {"name": client.name},
        summary=_("Ends for good: %(what)s.") % {"what": hit.sentence},
        consequences=[
            _("Every token and every grant ends now. People must let it in again."),
            _("The client itself stays as it is: unless it is suspended, it may get new tokens at once."),
            *hit.lagging,
            _("This cannot be undone."),
        ],
        submit=_("Revoke access"),
        back=client_page.address(model_admin, client),
        is_grave=True,
    )


def _archive(model_admin: ClientAdmin, client: Client) -> confirm.Confirmation:
    hit = client_impact.of(client)
    return confirm.Confirmation(
        title=_("Archive %(name)s?") % {"name": client.name},
        summary=_("Ends for good: %(what)s.") % {"what": hit.sentence},
        consequences=[
            _("It is refused everywhere, and leaves the list of clients."),
            _("Every token and every grant ends now; that part cannot be undone."),
            *hit.lagging,
            _("Its settings and its history stay: it can be restored, and only from the archive it can be deleted."),
        ],
        submit=_("Archive"),
        back=client_page.address(model_admin, client),
        is_grave=True,
    )


def _restore(model_admin: ClientAdmin, client: Client) -> confirm.Confirmation:
    return confirm.Confirmation(
        title=_("Restore %(name)s?") % {"name": client.name},
        summary=_("It comes back to the list, suspended."),
        consequences=[
            _("Nothing works again until it is reactivated."),
            _("Tokens and grants that ended when it was archived stay ended."),
        ],
        submit=_("Restore"),
        back=client_page.address(model_admin, client),
    )


def _delete(model_admin: ClientAdmin, client: Client) -> confirm.Confirmation:
    return confirm.Confirmation(
        title=_("Delete %(name)s for good?") % {"name": client.name},
        summary=_("Goes with it: %(what)s.") % {"what": client_impact.rows_that_go(client)},
        consequences=[
            _("Its client id, its redirect URIs and its settings go too, and its Application of "
              "django-oauth-toolkit. None of it comes back."),
            _("Its audit events stay."),
        ],
        submit=_("Delete for good"),
        back=client_page.address(model_admin, client),
        typed=client.name,
        typed_label=_("Type the client’s name to confirm"),
        is_grave=True,
    )  # fmt: skip


def _view(word: Word, asked: Asked, change: Change) -> Callable[[ClientAdmin, HttpRequest, int], HttpResponse]:
    """The page of one of the words: refused, asked about, or done while the row is held, so that two clicks wait."""

    def view(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
        if not client_page.has(request, word.permission):
            raise PermissionDenied
        with transaction.atomic():
            if request.method == "POST":
                client_page.hold(pk)
            client = client_page.client_of(model_admin, request, pk)
            if not client_words.may(request, word, client):
                raise PermissionDenied
            if client.status not in word.statuses:
                return _refused(model_admin, request, client)
            wanted = asked(model_admin, client)
            if not confirm.is_given(request, wanted):
                return confirm.ask(model_admin, request, wanted, obj=client)
            if word is client_words.DELETE:
                model_admin.log_deletions(request, [client])  # type: ignore[arg-type]  # any iterable of rows
            change(client, actor=actor_of(request), source=source_of(request))
        return _done(model_admin, request, client, word)

    return view


def _done(model_admin: ClientAdmin, request: HttpRequest, client: Client, word: Word) -> HttpResponse:
    values = {"name": client.name, "status": client.get_status_display().lower()}
    said = {
        client_words.SUSPEND: _("%(name)s is suspended."),
        client_words.REACTIVATE: _("%(name)s works again: it is %(status)s."),
        client_words.REVOKE_ACCESS: _("Every token of %(name)s has ended."),
        client_words.ARCHIVE: _("%(name)s is archived."),
        client_words.RESTORE: _("%(name)s is back, and suspended."),
        client_words.DELETE: _("%(name)s is deleted."),
    }[word] % values
    model_admin.message_user(request, said, messages.SUCCESS)
    if word is client_words.DELETE:
        return HttpResponseRedirect(reverse(f"{model_admin.admin_site.name}:oauth_provider_client_changelist"))
    model_admin.log_change(request, client, said)
    return HttpResponseRedirect(client_page.address(model_admin, client))


def _refused(model_admin: ClientAdmin, request: HttpRequest, client: Client) -> HttpResponse:
    said = _("The client is %(status)s. Nothing was changed.") % {"status": client.get_status_display().lower()}
    model_admin.message_user(request, said, messages.WARNING)
    return HttpResponseRedirect(client_page.address(model_admin, client))


suspend = _view(client_words.SUSPEND, _suspend, status.suspend)
reactivate = _view(client_words.REACTIVATE, _reactivate, status.reactivate)
revoke_access = _view(client_words.REVOKE_ACCESS, _revoke_access, status.end_tokens)
archive = _view(client_words.ARCHIVE, _archive, status.archive)
restore = _view(client_words.RESTORE, _restore, status.restore)
delete = _view(client_words.DELETE, _delete, status.delete)

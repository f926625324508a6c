"""A nightly job, which acts for no person: client credentials (RFC 6749 §4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from demo_project.clients import credentials, journal
from demo_project.clients.settings import PROVIDER

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

NAME = "machine"
_REPORT = "machine.report"
_START = "clients:machine"
_recorded = journal.recorded(NAME, starts_again_at=_START)


@require_GET
@_recorded
def start(request: HttpRequest) -> HttpResponse:
    """When the job runs, and what it brought the last time."""
    context = {"report": request.session.get(_REPORT), "journal": journal.of(request, NAME)}
    return render(request, "clients/machine.html", context)


@require_POST
@_recorded
def run(request: HttpRequest) -> HttpResponse:
    """Run the job now: read the metadata, get a token, count the notes, and knock where it may not enter."""
    journal.forget(request, NAME)
    own = credentials.of(NAME)
    with journal.RecordingSession(own.client_id, own.client_secret, scope="report") as session:
        metadata = session.get(f"{PROVIDER}/.well-known/oauth-authorization-server", withhold_token=True)
        session.fetch_token(metadata.json()["token_endpoint"], grant_type="client_credentials")
        report = session.get(f"{PROVIDER}/api/statistics")
        refused = session.get(f"{PROVIDER}/api/notes")
    request.session[_REPORT] = {**report.json(), "notes_status": refused.status_code}
    return redirect(_START)

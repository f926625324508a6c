from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from oauth_provider.models import AuditEvent, Client, ClientOwner
from tests.admin.filled import base


@pytest.fixture
def draft(web: Client) -> Client:
    Client.objects.filter(pk=web.pk).update(status="draft", allowed_scopes=["read"], default_scopes=[])
    return Client.objects.get(pk=web.pk)


def test_draft_is_submitted_with_scopes_and_approved_with_fewer(
    browser: Browser, staff: Any, draft: Client, django_capture_on_commit_callbacks: Any, superuser: Any
) -> None:
    type(superuser).objects.filter(pk=superuser.pk).update(email="root@people.example")
    ClientOwner.objects.create(client=draft, user=superuser)
    developer = staff("approve_client")
    page = developer.get(base(draft) + "scopes/").content.decode()
    assert "Submit for approval" in page
    assert "Approve with these scopes" not in page
    assert developer.post(base(draft) + "submit/", {"wanted": ["read", "write"]}).status_code == 302
    stored = Client.objects.get()
    assert (stored.status, stored.requested_scopes, stored.allowed_scopes) == ("submitted", ["read", "write"], ["read"])
    page = browser.get(base(draft) + "scopes/")
    assert page.context["wanted_form"]["wanted"].value() == ["read", "write"]
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(base(draft) + "approve/", {"wanted": ["read"]}).status_code == 302
    stored = Client.objects.get()
    assert (stored.status, stored.allowed_scopes) == ("active", ["read"])
    assert [event.event for event in AuditEvent.objects.order_by("pk")][-2:] == ["client_submitted", "client_approved"]
    assert mail.outbox[0].to == ["root@people.example"]
    assert "Approval</h2>" not in browser.get(base(draft) + "scopes/").content.decode()


def test_submitted_client_is_sent_back_with_a_reason(browser: Browser, draft: Client) -> None:
    draft.submit(["read"])
    answer = browser.post(base(draft) + "send-back/", {"why": "  "})
    assert answer.status_code == 200
    assert list(answer.context["send_back_form"].errors) == ["why"]
    assert Client.objects.get().status == "submitted"
    assert browser.post(base(draft) + "send-back/", {"why": "The logo is not yours."}).status_code == 302
    assert Client.objects.get().status == "draft"
    assert AuditEvent.objects.get(event="client_sent_back").detail == {"why": "The logo is not yours."}


def test_owner_without_change_client_submits_and_others_do_not(
    staff: Any, draft: Client, django_user_model: Any
) -> None:
    looker = staff(only=("view_client",))
    assert looker.post(base(draft) + "submit/", {"wanted": ["read"]}).status_code == 403
    ClientOwner.objects.create(client=draft, user=django_user_model.objects.get(username__startswith="staff"))
    assert "Submit for approval" in looker.get(base(draft) + "scopes/").content.decode()
    assert looker.post(base(draft) + "submit/", {"wanted": ["read"]}).status_code == 302
    assert looker.post(base(draft) + "approve/", {"wanted": ["read"]}).status_code == 403
    assert Client.objects.get().status == "submitted"


@pytest.mark.parametrize("status", ["active", "suspended", "archived"])
def test_what_is_past_its_draft_is_neither_submitted_approved_nor_sent_back(
    browser: Browser, web: Client, status: str
) -> None:
    Client.objects.filter(pk=web.pk).update(status=status)
    for path, form in (
        ("submit/", {"wanted": ["read"]}),
        ("approve/", {"wanted": ["read"]}),
        ("send-back/", {"why": "x"}),
    ):
        assert browser.post(base(web) + path, form).status_code == 302
    stored = Client.objects.get()
    assert (stored.status, stored.allowed_scopes) == (status, ["read", "write"])


def test_scope_that_does_not_exist_is_neither_asked_for_nor_approved(browser: Browser, draft: Client) -> None:
    for path in ("submit/", "approve/"):
        answer = browser.post(base(draft) + path, {"wanted": ["nonsense"]})
        assert answer.status_code == 200
        assert list(answer.context["wanted_form"].errors) == ["wanted"]
    assert Client.objects.get().status == "draft"
    for path in ("submit/", "approve/", "send-back/"):
        assert browser.get(base(draft) + path).status_code == 405

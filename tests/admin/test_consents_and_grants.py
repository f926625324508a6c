from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import get_application_model

from oauth_provider.models import AuditEvent, Client, Consent, Grant
from tests.admin.conftest import EVIL, allow

GRANTS, CONSENTS = "/admin/oauth_provider/grant/", "/admin/oauth_provider/consent/"
YES = {"confirmed": "yes"}


def test_grant_is_revoked_from_its_page_after_asking(browser: Browser, web: Client, people: Any) -> None:
    grant = allow(web, people("ada"))
    assert "../revoke/" in browser.get(f"{GRANTS}{grant.pk}/change/").content.decode()
    assert "Grants that end now: 1. People: 1." in browser.get(f"{GRANTS}{grant.pk}/revoke/").content.decode()
    assert Grant.objects.get().revoked_at is None
    assert browser.post(f"{GRANTS}{grant.pk}/revoke/", YES).status_code == 302
    assert Grant.objects.get().revoked_reason == "revoked_by_admin"
    event = AuditEvent.objects.get(event="grant_revoked")
    assert (event.actor, event.grant_id) == ("root", str(grant.pk))
    page = browser.get(GRANTS).content.decode()
    assert "revoked_by_admin" in page
    assert "../revoke/" not in browser.get(f"{GRANTS}{grant.pk}/change/").content.decode()


def test_ticked_grants_are_revoked_after_asking(browser: Browser, web: Client, people: Any) -> None:
    ada, bob = people("ada"), people("bob")
    rows = [allow(web, ada), allow(web, ada), allow(web, bob)]
    form = {"action": "revoke_selected", "_selected_action": [str(row.pk) for row in rows[1:]]}
    asked = browser.post(GRANTS, form)
    assert "Grants that end now: 2. People: 2." in asked.content.decode()
    assert Grant.objects.filter(revoked_at=None).count() == 3
    hidden = [value for name, value in asked.context["wanted"].hidden if name == "_selected_action"]
    assert browser.post(GRANTS, {"action": "revoke_selected", "_selected_action": hidden, **YES}).status_code == 302
    assert [grant.pk for grant in Grant.objects.filter(revoked_at=None)] == [rows[0].pk]


def test_withdrawing_a_consent_ends_its_grants(browser: Browser, web: Client, people: Any) -> None:
    ada = people("ada")
    allow(web, ada, last_used_at=timezone.now())
    allow(web, ada)
    consent = Consent.objects.get()
    page = browser.get(f"{CONSENTS}{consent.pk}/revoke/").content.decode()
    assert "Consents withdrawn: 1. People: 1. Grants that end now: 2." in page
    assert browser.post(f"{CONSENTS}{consent.pk}/revoke/", YES).status_code == 302
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert Consent.objects.get().revoked_at is not None
    assert AuditEvent.objects.get(event="consent_withdrawn").actor == "root"
    assert browser.post(f"{CONSENTS}{consent.pk}/revoke/", YES).status_code == 302
    assert AuditEvent.objects.filter(event="consent_withdrawn").count() == 1


def test_lists_show_last_use_filter_and_search(browser: Browser, web: Client, people: Any) -> None:
    allow(web, people("ada"), last_used_at=timezone.now())
    allow(web, people("bob"), revoked_at=timezone.now(), revoked_reason="reuse")
    Consent.objects.filter(user__username="bob").update(revoked_at=timezone.now())
    for address in (GRANTS, CONSENTS):
        for query, count in (("", 2), ("state=live", 1), ("state=ended", 1), ("q=ada", 1), ("q=Notes", 2), ("q=x", 0)):
            answer = browser.get(f"{address}?{query}")
            assert answer.context["cl"].result_count == count, (address, query)
    ada = browser.get(f"{CONSENTS}?q=ada").context["cl"].result_list[0]
    assert ada.last_used_at is not None


def test_nothing_can_be_added_changed_or_deleted(browser: Browser, web: Client, people: Any) -> None:
    grant = allow(web, people("ada"))
    consent = Consent.objects.get()
    for address, pk in ((GRANTS, grant.pk), (CONSENTS, consent.pk)):
        assert browser.get(f"{address}add/").status_code == 403
        assert browser.post(f"{address}{pk}/change/", {"scopes": "[]"}).status_code == 403
        assert browser.post(f"{address}{pk}/delete/", {"post": "yes"}).status_code == 403
        browser.post(address, {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"})
    assert Grant.objects.count() == Consent.objects.count() == 1


@pytest.mark.parametrize("model", ["grant", "consent"])
def test_revoking_needs_revoke_grant(staff: Any, web: Client, people: Any, model: str) -> None:
    grant = allow(web, people("ada"))
    pk = grant.pk if model == "grant" else Consent.objects.get().pk
    address = f"/admin/oauth_provider/{model}/"
    lacking = staff("revoke_grant")
    assert lacking.get(address).status_code == 200
    assert lacking.get(f"{address}{pk}/revoke/").status_code == 403
    assert lacking.post(f"{address}{pk}/revoke/", YES).status_code == 403
    lacking.post(address, {"action": "revoke_selected", "_selected_action": [str(pk)], **YES})
    assert Grant.objects.get().revoked_at is None
    assert staff(f"view_{model}").post(f"{address}{pk}/revoke/", YES).status_code == 403
    enough = staff(only=("revoke_grant", f"view_{model}"))
    assert enough.post(f"{address}{pk}/revoke/", YES).status_code == 302
    assert Grant.objects.get().revoked_at is not None


def test_unknown_or_malformed_grant_is_404(browser: Browser) -> None:
    for pk in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        assert browser.get(f"{GRANTS}{pk}/revoke/").status_code == 404


def test_user_with_grants_can_still_be_deleted_by_who_may_delete_users(
    web: Client, people: Any, django_user_model: Any
) -> None:
    ada, bob = people("ada"), people("bob")
    allow(web, ada)
    allow(web, bob)
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["delete_user", "view_user", "view_grant"]))
    browser = Browser()
    browser.force_login(clerk)
    assert browser.post(f"/admin/auth/user/{ada.pk}/delete/", {"post": "yes"}).status_code == 302
    many = {"action": "delete_selected", "_selected_action": [bob.pk], "post": "yes"}
    assert browser.post("/admin/auth/user/", many).status_code == 302
    assert not Grant.objects.exists()
    assert not django_user_model.objects.filter(username__in=["ada", "bob"]).exists()


def test_user_who_owns_an_imported_application_does_not_take_everybodys_tokens_along(
    browser: Browser, web: Client, people: Any, django_user_model: Any
) -> None:
    ada, bob = people("ada"), people("bob")
    allow(web, bob)
    get_application_model().objects.filter(pk=web.application_id).update(user=ada)
    assert browser.post(f"/admin/auth/user/{ada.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Grant.objects.filter(user=bob).exists()


def test_C64_markup_in_names_and_scopes_is_escaped(browser: Browser, web: Client, people: Any) -> None:
    web.rename(EVIL)
    grant = allow(web, people("ada"), scopes=[EVIL], revoked_reason=EVIL)
    consent = Consent.objects.get()
    for address in (
        GRANTS, f"{GRANTS}{grant.pk}/change/", f"{GRANTS}{grant.pk}/revoke/",
        CONSENTS, f"{CONSENTS}{consent.pk}/change/", f"{CONSENTS}{consent.pk}/revoke/",
    ):  # fmt: skip
        page = browser.get(address).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page

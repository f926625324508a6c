"""Chosen objects beside the other things a page is about: optional permissions, the second page, a connected app."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.clients import change
from oauth_provider.models import AuditEvent, Client, Consent, Grant
from oauth_provider.scopes import Scope
from oauth_provider.values import RegistrationSource
from tests.flow import Flow, after_sign_in, field_of
from tests.orgs.models import Org
from tests.targets.pages import allow, forms, press

pytestmark = pytest.mark.django_db


def box(org: Org) -> str:
    return f"pick.organization.{org.pk}"


@pytest.fixture
def optional(app):
    """Notes, the only scope about objects, may be left out."""
    change.change(app.row, optional_scopes=["notes"])
    return app


def test_permission_that_is_left_out_needs_no_objects(flow, optional, orgs):
    page = flow.authorize(optional, scope="profile notes")
    assert "code" in allow(flow, page)
    grant = Grant.objects.get()
    assert (grant.scopes, grant.targets) == (["profile"], {})


def test_mistake_about_objects_keeps_the_ticked_permissions(flow, optional, orgs):
    page = flow.authorize(optional, scope="profile notes")
    answer = press(flow.browser, forms(page)["op-decision"], decision="allow", **{"scope.notes": "on"})
    assert answer.status_code == 303
    again = flow.browser.get(answer["Location"])
    assert "Choose at least one of your orgs" in again.content.decode()
    assert forms(again)["op-decision"].boxes["scope.notes"] is True
    assert "code" in allow(flow, again, **{box(orgs[0]): "on"})
    assert Grant.objects.get().targets == {"organization": [str(orgs[0].pk)]}


def test_nothing_chosen_keeps_the_objects(flow, optional, orgs):
    page = flow.authorize(optional, scope="notes")
    answer = press(flow.browser, forms(page)["op-decision"], decision="allow", **{box(orgs[1]): "on"})
    again = flow.browser.get(answer["Location"])
    assert "Choose at least one permission" in again.content.decode()
    form = forms(again)["op-decision"]
    assert (form.boxes["scope.notes"], form.sent()["mode.organization"]) == (False, "chosen")
    assert form.boxes[box(orgs[1])] is True


def test_stale_token_shows_the_page_again_with_what_was_ticked(flow, optional, orgs):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(orgs[0].members.get(username="alice"))
    flow.browser = browser
    form = forms(flow.authorize(optional, scope="profile notes"))["op-decision"]
    sent = {"decision": "allow", "csrfmiddlewaretoken": "stale", "scope.notes": "on", box(orgs[2]): "on"}
    again = browser.get(press(browser, form, **sent)["Location"])
    assert forms(again)["op-decision"].boxes == {
        "scope.notes": True, box(orgs[0]): False, box(orgs[1]): False, box(orgs[2]): True,
    }  # fmt: skip
    assert not Grant.objects.exists()


def test_search_keeps_what_was_ticked_when_the_page_came(flow, optional, alice):
    Org.members.through.objects.bulk_create(
        [Org.members.through(org_id=Org.objects.create(name=f"Org {number:02}").pk, user_id=alice.pk)
         for number in range(30)]
    )  # fmt: skip
    page = flow.authorize(optional, scope="profile notes")
    answer = press(flow.browser, forms(page)["op-decision"], decision="allow", **{"scope.notes": "on"})
    again = flow.browser.get(answer["Location"])
    found = press(flow.browser, forms(again)["op-find-organization"], **{"find.organization": "Org 2"})
    assert forms(found)["op-decision"].boxes == {"scope.notes": True}


def test_second_page_carries_the_objects(flow, app, orgs, settings):
    scopes = settings.OAUTH_PROVIDER["SCOPES"]
    sensitive = Scope("notes", "Read and write notes", targets=("organization",), sensitive=True)
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SCOPES": {**scopes, "notes": sensitive}}
    Client.objects.filter(pk=app.row.pk).update(registration_source=RegistrationSource.DYNAMIC)
    page = flow.authorize(app, scope="notes")
    again = press(flow.browser, forms(page)["op-decision"], decision="allow", **{box(orgs[1]): "on"})
    assert "Are you sure" in again.content.decode()
    assert not Grant.objects.exists()
    assert "code" in allow(flow, again)
    assert Grant.objects.get().targets == {"organization": [str(orgs[1].pk)]}


class TestConnectedApp:
    """Its page shows what was chosen and narrows it."""

    @pytest.fixture
    def address(self, flow, app, orgs) -> str:
        chosen = {box(orgs[0]): "on", box(orgs[1]): "on"}
        assert "code" in allow(flow, flow.authorize(app, scope="notes"), **chosen)
        return f"/connected-apps/{app.row.pk}"

    def test_objects_are_shown_by_name_and_only_those_still_the_persons(self, flow, orgs, alice, address):
        page = flow.browser.get(address).content.decode()
        assert "Acme" in page
        assert "Birch" in page
        assert "Cedar" not in page
        orgs[0].members.remove(alice)
        assert "Acme" not in flow.browser.get(address).content.decode()

    def test_fewer_are_kept_and_the_next_request_feels_it(self, flow, orgs, address):
        answer = flow.browser.post(address, {"objects": "keep", "object:organization": [str(orgs[1].pk)]})
        assert answer["Location"] == f"{address}?done=objects"
        assert Grant.objects.get().targets == {"organization": [str(orgs[1].pk)]}
        assert Consent.objects.get().targets == {"organization": [str(orgs[1].pk)]}
        assert AuditEvent.objects.get(event="targets_narrowed").actor == ""
        page = flow.browser.get(answer["Location"]).content.decode()
        assert "You chose fewer of your things for it" in page

    def test_foreign_object_is_never_added(self, flow, orgs, address):
        before = Grant.objects.get().targets
        keys = [str(org.pk) for org in orgs]
        flow.browser.post(address, {"objects": "keep", "object:organization": keys})
        assert Grant.objects.get().targets == before


def test_sign_in_in_between_leads_to_the_picker(app, orgs, alice):
    walk = Flow()
    sent = walk.authorize(app, scope="notes")
    signed_in = walk.browser.post(sent["Location"], {"username": "alice", "password": "alice-password"})
    page = after_sign_in(walk.browser, signed_in)
    assert forms(page)["op-decision"].boxes == {box(org): False for org in orgs[:3]}
    assert field_of(page, "request")

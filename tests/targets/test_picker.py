"""The picker on the consent page: what is shown, what is taken, and what never is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from oauth_provider import targets
from oauth_provider.models import AuditEvent, Consent, Grant, StoredRequest
from oauth_provider.scopes import Scope
from tests.flow import Flow, query_of
from tests.orgs.models import Org, Project
from tests.targets.pages import allow, forms, press

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(alice, bob) -> list[Org]:
    """Three thousand organizations of Alice's, and one of Bob's."""
    made = Org.objects.bulk_create([Org(name=f"Org {number:04}") for number in range(3000)])
    Org.members.through.objects.bulk_create(
        [Org.members.through(org_id=org.pk, user_id=alice.pk) for org in made], batch_size=400
    )
    foreign = Org.objects.create(name="Org of Bob")
    foreign.members.add(bob)
    return [*made, foreign]


def box(org) -> str:
    return f"pick.organization.{org.pk}"


def test_few_are_checkboxes_of_the_deciding_form_and_only_the_persons_own(flow, app, orgs):
    page = flow.authorize(app, scope="notes")
    decide = forms(page)["op-decision"]
    assert decide.boxes == {box(org): False for org in orgs[:3]}
    assert "Dahlia" not in page.content.decode()
    assert "script" not in page.content.decode()


def test_no_picker_without_a_scope_that_is_about_objects(flow, app, orgs):
    assert "op-picker" not in flow.authorize(app, scope="profile").content.decode()


def test_a_scope_that_implies_one_shows_it_too(flow, app, orgs):
    assert forms(flow.authorize(app, scope="everything"))["op-decision"].boxes


def test_what_is_ticked_is_what_the_grant_and_the_consent_keep(flow, app, orgs):
    assert "code" in allow(flow, flow.authorize(app, scope="notes"), **{box(orgs[1]): "on"})
    assert Grant.objects.get().targets == {"organization": [str(orgs[1].pk)]}
    assert Consent.objects.get().targets == {"organization": [str(orgs[1].pk)]}
    event = AuditEvent.objects.get(event="authorization_issued")
    assert event.detail["targets"] == {"organization": [str(orgs[1].pk)]}


def test_all_also_later_ones(flow, app, orgs):
    assert "code" in allow(flow, flow.authorize(app, scope="notes"), **{"mode.organization": "all"})
    assert Grant.objects.get().targets == {"organization": "*"}


def test_the_only_one_there_is_comes_ticked(flow, app, alice):
    org = Org.objects.create(name="Acme")
    org.members.add(alice)
    assert forms(flow.authorize(app, scope="notes"))["op-decision"].boxes == {box(org): True}


def test_nobody_who_has_none_is_kept_from_the_rest(flow, app, db):
    page = flow.authorize(app, scope="profile notes")
    assert "You have no orgs" in page.content.decode()
    assert "code" in allow(flow, page)
    assert Grant.objects.get().targets == {"organization": []}


def refused(flow, page, **changes):
    """Press Allow; the page that asks again."""
    response = press(flow.browser, forms(page)["op-decision"], decision="allow", **changes)
    assert response.status_code == 303
    again = flow.browser.get(response["Location"])
    assert again.status_code == 200
    assert 'role="alert"' in again.content.decode()
    assert not Grant.objects.exists()
    return again


def test_nothing_chosen_is_asked_again_and_can_then_be_chosen(flow, app, orgs):
    again = refused(flow, flow.authorize(app, scope="notes"))
    assert "Choose at least one" in again.content.decode()
    assert "code" in allow(flow, again, **{box(orgs[0]): "on"})


@pytest.mark.parametrize(
    "key",
    ["{foreign}", "999999999", "abc", "*", "0", "-1", "9" * 30, " {own}", "{own} ", "0{own}", "\u0663", "a" * 5000],
)
def test_a_forged_key_is_refused_and_asked_again(flow, app, orgs, key):
    key = key.format(foreign=orgs[3].pk, own=orgs[0].pk)
    page = flow.authorize(app, scope="notes")
    if len(key) > 4096:
        response = press(
            flow.browser, forms(page)["op-decision"], decision="allow", **{f"pick.organization.{key}": "on"}
        )
        assert response.status_code == 400
        return
    again = refused(flow, page, **{f"pick.organization.{key}": "on", box(orgs[0]): "on"})
    assert "Dahlia" not in again.content.decode()
    assert forms(again)["op-decision"].boxes == {box(org): org == orgs[0] for org in orgs[:3]}


def test_ticks_beside_all_are_asked_again(flow, app, orgs):
    again = refused(flow, flow.authorize(app, scope="notes"), **{"mode.organization": "all", box(orgs[0]): "on"})
    assert ("mode.organization", "all", True) in forms(again)["op-decision"].radios


def test_an_unknown_mode_is_no_choice(flow, app, orgs):
    refused(flow, flow.authorize(app, scope="notes"), **{"mode.organization": "everything", box(orgs[0]): "on"})


def test_an_object_lost_while_the_page_was_open_is_not_granted(flow, app, orgs, alice):
    page = flow.authorize(app, scope="notes")
    orgs[0].members.remove(alice)
    refused(flow, page, **{box(orgs[0]): "on"})


def test_denying_needs_no_choice(flow, app, orgs):
    response = press(flow.browser, forms(flow.authorize(app, scope="notes"))["op-decision"], decision="deny")
    location = flow.browser.get(response["Location"]).context["location"]
    assert query_of(location)["error"] == "access_denied"


def test_c64_a_stale_form_shows_the_page_again_with_the_choice_kept(app, orgs, alice):
    flow = Flow(Browser(enforce_csrf_checks=True))
    flow.browser.force_login(alice)
    form = forms(flow.authorize(app, scope="notes"))["op-decision"]
    stale = press(flow.browser, form, decision="allow", csrfmiddlewaretoken="x" * 64, **{box(orgs[1]): "on"})
    again = flow.browser.get(stale["Location"])
    assert forms(again)["op-decision"].boxes == {box(org): org == orgs[1] for org in orgs[:3]}
    assert not Grant.objects.exists()
    assert "code" in allow(flow, again)


def test_the_same_decision_again_leads_to_the_same_place(flow, app, orgs):
    form = forms(flow.authorize(app, scope="notes"))["op-decision"]
    answers = [press(flow.browser, form, decision="allow", **{box(orgs[n]): "on"}) for n in (0, 1)]
    codes = {query_of(flow.browser.get(answer["Location"]).context["location"])["code"] for answer in answers}
    assert len(codes) == 1
    assert Grant.objects.get().targets == {"organization": [str(orgs[0].pk)]}


def test_c67_a_choice_for_another_kind_or_scope_adds_nothing(flow, app, orgs):
    page = flow.authorize(app, scope="profile")
    assert "code" in allow(flow, page, **{box(orgs[0]): "on", "mode.organization": "all", "scope": "notes"})
    assert (Grant.objects.get().targets, Grant.objects.get().scopes) == ({}, ["profile"])


# Remembered.


def test_what_was_chosen_is_remembered_without_what_was_lost(flow, app, orgs, alice):
    allow(flow, flow.authorize(app, scope="notes"), **{box(orgs[0]): "on", box(orgs[1]): "on"})
    orgs[0].members.remove(alice)
    assert flow.authorize(app, scope="notes").status_code == 303
    assert Grant.objects.latest("created_at").targets == {"organization": [str(orgs[1].pk)]}
    orgs[1].members.remove(alice)
    assert flow.authorize(app, scope="notes").status_code == 200


def test_a_remembered_consent_without_objects_asks(flow, app, orgs, alice):
    allow(flow, flow.authorize(app, scope="notes"), **{box(orgs[0]): "on"})
    Consent.objects.update(targets={})
    assert forms(flow.authorize(app, scope="notes"))["op-decision"].boxes
    assert "consent_required" in flow.authorize(app, scope="notes", prompt="none")["Location"]


def test_an_app_of_this_site_asks_once_for_the_objects(flow, app, orgs):
    app.row.first_party = True
    app.row.save(update_fields=["first_party"])
    allow(flow, flow.authorize(app, scope="notes"), **{box(orgs[2]): "on"})
    assert flow.authorize(app, scope="notes").status_code == 303
    assert {str(grant.targets) for grant in Grant.objects.all()} == {str({"organization": [str(orgs[2].pk)]})}


def test_asked_again_the_page_shows_what_was_chosen(flow, app, orgs):
    allow(flow, flow.authorize(app, scope="notes"), **{box(orgs[0]): "on"})
    page = flow.authorize(app, scope="notes", prompt="consent")
    assert forms(page)["op-decision"].boxes == {box(org): org == orgs[0] for org in orgs[:3]}
    allow(flow, page, **{box(orgs[0]): None, box(orgs[1]): "on"})
    assert Consent.objects.get().targets == {"organization": [str(orgs[1].pk)]}


# Thousands.


def search(flow, page, text: str = "", **changes):
    return press(flow.browser, forms(page)["op-find-organization"], **{"find.organization": text, **changes})


def test_of_thousands_a_bounded_list_is_shown_and_searched(flow, app, many):
    page = flow.authorize(app, scope="notes")
    shown = forms(page)
    assert not shown["op-decision"].boxes
    assert len(shown["op-find-organization"].buttons) == 21
    found = search(flow, page, "ORG 0777")
    assert forms(found)["op-find-organization"].buttons == [("", ""), ("add.organization", str(many[777].pk))]
    assert len(forms(search(flow, page, "org"))["op-find-organization"].buttons) == 21
    assert "Org of Bob" not in search(flow, page, "Bob").content.decode()


def test_enter_in_the_search_searches_and_neither_allows_nor_adds(flow, app, many):
    page = search(flow, flow.authorize(app, scope="notes"), **{"add.organization": str(many[7].pk)})
    form = forms(page)["op-find-organization"]
    assert form.method == "get"
    assert form.buttons[0] == ("", "")
    assert ("drop.organization", str(many[7].pk)) in form.buttons
    assert not Grant.objects.exists()


def test_the_choice_survives_searching_and_is_what_is_granted(flow, app, many):
    page = flow.authorize(app, scope="notes")
    for number in (5, 2999, 1234):
        page = search(flow, page, f"{number:04}")
        page = search(flow, page, **{"add.organization": str(many[number].pk)})
    page = search(flow, page, "no such thing")
    assert "Org 1234" in page.content.decode()
    page = search(flow, page, **{"drop.organization": str(many[5].pk)})
    assert "code" in allow(flow, page)
    assert sorted(Grant.objects.get().targets["organization"]) == sorted([str(many[2999].pk), str(many[1234].pk)])


def test_a_search_keeps_the_request_and_makes_no_other(flow, app, many):
    page = flow.authorize(app, scope="notes")
    search(flow, search(flow, page, "0001"), "0002")
    assert StoredRequest.objects.count() == 1


def test_a_foreign_object_is_neither_added_nor_granted(flow, app, many):
    page = search(flow, flow.authorize(app, scope="notes"), **{"add.organization": str(many[-1].pk)})
    assert "Org of Bob" not in page.content.decode()
    refused(flow, page, **{"kept.organization": str(many[-1].pk)})


def test_more_than_can_be_chosen_is_said(flow, app, many):
    kept = " ".join(str(org.pk) for org in many[:250])
    page = search(flow, flow.authorize(app, scope="notes"), **{"kept.organization": kept})
    assert "No more can be chosen" in page.content.decode()
    assert "Choose fewer" in refused(flow, page, **{"kept.organization": kept}).content.decode()


def test_all_of_thousands(flow, app, many):
    allow(flow, flow.authorize(app, scope="notes"), **{"mode.organization": "all"})
    assert Grant.objects.get().targets == {"organization": "*"}


def test_with_a_second_kind_each_search_keeps_the_choice_of_the_other(flow, app, many, monkeypatch, settings):
    projects = [Project.objects.create(name=f"Project {number}", org=many[number]) for number in range(3)]
    kind = targets.GrantTarget(
        "project", model=Project, queryset=lambda user: Project.objects.filter(org__members=user), label="name"
    )
    monkeypatch.setitem(targets._DISCOVERED, "project", kind)
    both = Scope("notes", "Notes", targets=("organization", "project"))
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "SCOPES": {**settings.OAUTH_PROVIDER["SCOPES"], "notes": both},
    }

    page = search(flow, flow.authorize(app, scope="notes"), "0042", **{"add.organization": str(many[42].pk)})
    page = press(flow.browser, forms(page)["op-find-project"], **{"add.project": str(projects[1].pk)})
    page = press(flow.browser, forms(page)["op-find-project"], **{"find.project": "2"})
    page = search(flow, page, "17")
    assert "Choose at least one of your projects" in refused(flow, page, **{"kept.project": None}).content.decode()
    allow(flow, page)
    assert Grant.objects.get().targets == {"organization": [str(many[42].pk)], "project": [str(projects[1].pk)]}


def test_another_persons_browser_does_not_reopen_the_page(flow, app, many, bob):
    page = flow.authorize(app, scope="notes")
    other = Browser()
    other.force_login(bob)
    response = press(other, forms(page)["op-find-organization"], **{"find.organization": "Org"})
    assert "Org 0001" not in response.content.decode()


def _statements_about_orgs(call) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code in {200, 303}
    return sum('FROM "orgs_org"' in query["sql"] for query in captured.captured_queries)


def test_statements_do_not_grow_with_the_objects(flow, app, many):
    pages = []
    assert _statements_about_orgs(lambda: pages.append(flow.authorize(app, scope="notes")) or pages[-1]) == 1
    kept = " ".join(str(org.pk) for org in many[:50])
    assert _statements_about_orgs(lambda: search(flow, pages[0], "00", **{"kept.organization": kept})) == 3
    form = forms(pages[0])["op-decision"]
    assert (
        _statements_about_orgs(lambda: press(flow.browser, form, decision="allow", **{"kept.organization": kept})) == 1
    )

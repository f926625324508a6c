"""RFC 9396 on the wire: what may be asked for, what is granted, and where it is told."""

from __future__ import annotations

import json

import pytest
from django.test import Client as Browser

from oauth_provider.keys import signing
from oauth_provider.models import AuditEvent, Consent, Grant
from tests.flow import machine_token, post_form, query_of, refresh
from tests.orgs.models import Org
from tests.targets.pages import allow, forms

pytestmark = pytest.mark.django_db


def details(*keys, **more) -> str:
    return json.dumps(
        [{"type": "organization", **({"identifiers": [str(key) for key in keys]} if keys else {}), **more}]
    )


def granted(*orgs) -> list[dict]:
    return [{"type": "organization", "identifiers": [str(getattr(org, "pk", org)) for org in orgs]}]


def choose(*orgs) -> dict[str, str]:
    return {f"pick.organization.{org.pk}": "on" for org in orgs}


def tokens(flow, app, *orgs, **changes):
    answer = allow(flow, flow.authorize(app, **{"scope": "notes", **changes}), **choose(*orgs))
    response = flow.redeem(app, answer["code"])
    assert response.status_code == 200, response.content
    return response.json()


def claims(token: str) -> dict:
    return signing.verify(token, typ="at+jwt", audience=None)


def introspected(app, token: str, resource_server) -> dict:
    return post_form(Browser(), "/introspect", {"token": token}, HTTP_AUTHORIZATION=resource_server.basic).json()


def test_metadata_names_the_types(db):
    assert Browser().get("/.well-known/oauth-authorization-server").json()["authorization_details_types_supported"] == [
        "organization"
    ]


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        "{}",
        "[]",
        "null",
        '"organization"',
        "[1]",
        "[[]]",
        '[{"identifiers": ["1"]}]',
        '[{"type": 1}]',
        '[{"type": "organization", "identifiers": []}]',
        '[{"type": "organization", "identifiers": "1"}]',
        '[{"type": "organization", "identifiers": [1]}]',
        '[{"type": "organization", "identifiers": [""]}]',
        '[{"type": "organization", "identifiers": [null]}]',
        '[{"type": "organization", "identifiers": ["1\\u0000"]}]',
        '[{"type": "organization", "identifiers": ["\\ud800"]}]',
        '[{"type": "organization", "identifiers": ["*", "1"]}]',
        '[{"type": "organization", "identifiers": ["1"]}, {"type": "organization", "identifiers": ["*"]}]',
        '[{"type": "organization", "identifiers": ["' + "1" * 201 + '"]}]',
        '[{"type": "organization", "actions": ["read"]}]',
        '[{"type": "organization", "type": "organization"}]',
        '[{"type": "organization"}], "entries": [{"type": "organization"}]',
        '[{"type": "organization"}], "more": 1',
        "[" + ",".join(['{"type": "organization"}'] * 21) + "]",
        '[{"type": "organization", "identifiers": ' + json.dumps([str(n) for n in range(201)]) + "}]",
        '[{"type": "organization", "identifiers": ' + json.dumps(["9" * 150 + str(n) for n in range(20)]) + "}]",
        "[" * 2000,
        "NaN",
        '[{"type": "planet"}]',
        '[{"type": "organization"}, {"type": "planet"}]',
        '[{"type": "\\u202e"}]',
    ],
    ids=lambda sent: sent[:50],
)
def test_rfc9396_5_what_is_malformed_or_unknown_is_invalid_authorization_details(flow, app, orgs, sent):
    answer = flow.authorize(app, scope="notes", authorization_details=sent)
    if sent == "":
        # RFC 6749 §3.1: as if it had been left out.
        assert answer.status_code == 200
        return
    assert query_of(answer["Location"])["error"] == "invalid_authorization_details"
    assert AuditEvent.objects.filter(event="authorization_refused").exists()


def test_a_value_longer_than_any_parameter_is_refused_with_a_page(flow, app, orgs):
    answer = flow.authorize(app, scope="notes", authorization_details="[" + " " * 5000 + "]")
    assert answer.status_code == 400


def test_sent_twice_is_refused(flow, app, orgs):
    page = flow.browser.get(
        f"/authorize?client_id={app.client_id}&response_type=code&redirect_uri=https://c.example/cb"
        "&authorization_details=[]&authorization_details=[]"
    )
    assert query_of(page["Location"])["error"] == "invalid_request"
    form = [("grant_type", "refresh_token"), ("authorization_details", "[]"), ("authorization_details", "[]")]
    assert post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=app.basic).json()["error"] == "invalid_request"


def test_objects_without_a_scope_about_them_are_refused(flow, app, orgs):
    answer = flow.authorize(app, scope="profile", authorization_details=details(orgs[0].pk))
    assert query_of(answer["Location"])["error"] == "invalid_authorization_details"


def test_rfc9396_7_and_9_the_answer_the_claim_and_introspection_say_what_was_granted(flow, app, orgs, resource_server):
    body = tokens(flow, app, orgs[0], orgs[2])
    assert body["authorization_details"] == granted(orgs[0], orgs[2])
    assert claims(body["access_token"])["authorization_details"] == granted(orgs[0], orgs[2])
    told = introspected(app, body["access_token"], resource_server)
    assert told["authorization_details"] == granted(orgs[0], orgs[2])


def test_all_is_told_as_a_star(flow, app, orgs):
    answer = allow(flow, flow.authorize(app, scope="notes"), **{"mode.organization": "all"})
    assert flow.redeem(app, answer["code"]).json()["authorization_details"] == granted("*")


def test_a_grant_about_nothing_says_nothing(flow, app, orgs, resource_server):
    answer = allow(flow, flow.authorize(app, scope="profile"))
    body = flow.redeem(app, answer["code"]).json()
    assert "authorization_details" not in body
    assert "authorization_details" not in claims(body["access_token"])
    assert "authorization_details" not in introspected(app, body["access_token"], resource_server)


def test_opaque_tokens_say_it_at_introspection(flow, app, orgs, resource_server):
    app.row.token_format = "opaque"
    app.row.save(update_fields=["token_format"])
    body = tokens(flow, app, orgs[1])
    told = introspected(app, body["access_token"], resource_server)
    assert told["authorization_details"] == granted(orgs[1])


# What the app asks for bounds the choice.


def test_what_is_asked_for_comes_ticked_and_nothing_else_can_be_chosen(flow, app, orgs):
    page = flow.authorize(app, scope="notes", authorization_details=details(orgs[0].pk, orgs[1].pk, orgs[3].pk, "nope"))
    form = forms(page)["op-decision"]
    assert form.boxes == {f"pick.organization.{org.pk}": True for org in orgs[:2]}
    assert form.radios == []
    for wider in (choose(orgs[2]), {"mode.organization": "all"} | dict.fromkeys(form.boxes)):
        from tests.targets.pages import press

        response = press(flow.browser, form, decision="allow", **wider)
        assert 'role="alert"' in flow.browser.get(response["Location"]).content.decode()
    assert not Grant.objects.exists()


def test_the_person_may_narrow_it(flow, app, orgs):
    page = flow.authorize(app, scope="notes", authorization_details=details(orgs[0].pk, orgs[1].pk))
    allow(flow, page, **{f"pick.organization.{orgs[0].pk}": None})
    assert Grant.objects.get().targets == {"organization": [str(orgs[1].pk)]}


@pytest.mark.parametrize(("sent", "is_ticked"), [(details(), False), (details("*"), True)])
def test_a_type_alone_leaves_the_choice_open_and_a_star_asks_for_all(flow, app, orgs, sent, is_ticked):
    form = forms(flow.authorize(app, scope="notes", authorization_details=sent))["op-decision"]
    assert ("mode.organization", "all", is_ticked) in form.radios
    assert len(form.boxes) == 3


def test_what_was_allowed_before_is_given_silently_and_more_is_asked(flow, app, orgs):
    allow(flow, flow.authorize(app, scope="notes"), **choose(orgs[0], orgs[1]))
    within = flow.authorize(app, scope="notes", authorization_details=details(orgs[1].pk))
    assert within.status_code == 303
    assert Grant.objects.latest("created_at").targets == {"organization": [str(orgs[1].pk)]}
    page = flow.authorize(app, scope="notes", authorization_details=details(orgs[2].pk))
    allow(flow, page)
    # Beside what had been chosen of others.
    assert set(Consent.objects.get().targets["organization"]) == {str(org.pk) for org in orgs[:3]}
    assert Grant.objects.latest("created_at").targets == {"organization": [str(orgs[2].pk)]}


def test_all_remembered_gives_a_named_one_silently_if_it_is_the_persons(flow, app, orgs):
    allow(flow, flow.authorize(app, scope="notes"), **{"mode.organization": "all"})
    flow.authorize(app, scope="notes", authorization_details=details(orgs[1].pk))
    assert Grant.objects.latest("created_at").targets == {"organization": [str(orgs[1].pk)]}
    foreign = flow.authorize(app, scope="notes", authorization_details=details(orgs[3].pk))
    assert "You have no orgs" in foreign.content.decode()


# Token requests.


def test_rfc9396_6_a_refresh_may_narrow_the_token_and_the_grant_keeps_what_it_has(flow, app, orgs):
    body = tokens(flow, app, orgs[0], orgs[1])
    narrow = refresh(app, body["refresh_token"], authorization_details=details(orgs[0].pk)).json()
    assert narrow["authorization_details"] == granted(orgs[0])
    assert claims(narrow["access_token"])["authorization_details"] == granted(orgs[0])
    again = refresh(app, narrow["refresh_token"]).json()
    assert again["authorization_details"] == granted(orgs[0], orgs[1])


@pytest.mark.parametrize("chosen", ["some", "all"])
def test_a_refresh_cannot_widen(flow, app, orgs, chosen):
    choice = {"mode.organization": "all"} if chosen == "all" else choose(orgs[0])
    answer = allow(flow, flow.authorize(app, scope="notes"), **choice)
    body = flow.redeem(app, answer["code"]).json()
    wider = refresh(app, body["refresh_token"], authorization_details=details("*"))
    if chosen == "all":
        assert wider.json()["authorization_details"] == granted("*")
        return
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_authorization_details")
    assert refresh(app, body["refresh_token"], authorization_details=details(orgs[1].pk)).status_code == 400
    assert refresh(app, body["refresh_token"], authorization_details='[{"type": "planet"}]').status_code == 400
    # Nothing was spent.
    assert refresh(app, body["refresh_token"]).status_code == 200


def test_a_refresh_with_fewer_scopes_loses_what_only_those_were_about(flow, app, orgs):
    body = tokens(flow, app, orgs[0], scope="profile notes")
    assert "authorization_details" not in refresh(app, body["refresh_token"], scope="profile").json()


def test_an_opaque_token_cannot_be_narrower_than_its_grant(flow, app, orgs):
    app.row.token_format = "opaque"
    app.row.save(update_fields=["token_format"])
    body = tokens(flow, app, orgs[0], orgs[1])
    narrower = refresh(app, body["refresh_token"], authorization_details=details(orgs[0].pk))
    assert narrower.json()["error"] == "invalid_authorization_details"
    assert refresh(app, body["refresh_token"], authorization_details=details()).status_code == 200


def test_a_code_may_be_exchanged_for_fewer(flow, app, orgs):
    answer = allow(flow, flow.authorize(app, scope="notes"), **choose(orgs[0], orgs[1]))
    body = flow.redeem(app, answer["code"], authorization_details=details(orgs[1].pk)).json()
    assert body["authorization_details"] == granted(orgs[1])


def test_a_machine_names_none(db, machine_client):
    answer = machine_token(machine_client, authorization_details=details("1"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_authorization_details")


def test_a_choice_that_fits_a_token_is_read_by_the_api(flow, app, alice):
    made = [Org.objects.create(name=f"Org {number}") for number in range(200)]
    for org in made:
        org.members.add(alice)
    kept = " ".join(str(org.pk) for org in made)
    answer = allow(flow, flow.authorize(app, scope="openid notes"), **{"kept.organization": kept})
    body = flow.redeem(app, answer["code"]).json()
    assert len(body["authorization_details"][0]["identifiers"]) == 200
    assert Browser().get("/userinfo", HTTP_AUTHORIZATION=f"Bearer {body['access_token']}").status_code == 200

"""A hostile app against the limits: whatever it lists, reads, writes, nests or sends in bulk, no foreign object."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from oauth_provider import targets
from oauth_provider.consent import narrow
from oauth_provider.keys import store
from oauth_provider.models import Client, Grant
from oauth_provider.testing import as_app
from tests.budgets.statements import budget
from tests.orgs.models import Badge, Note, Org, Poster, Project, Transfer

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.targets.api")]


@pytest.fixture
def notes(orgs) -> dict[str, Note]:
    """One project and one note in each organization."""
    made = {}
    for org in orgs:
        project = Project.objects.create(name=f"{org} project", org=org)
        made[org.name] = Note.objects.create(text=f"{org} note", project=project)
    return made


@pytest.fixture(params=["jwt", "opaque"])
def acme(request, client, alice, orgs, notes):
    """An app that Alice let act on Acme, and on nothing else."""
    return app_for(client, alice, {"organization": orgs[:1]}, token_format=request.param)


def app_for(client, user, chosen, *, scopes="notes", token_format="jwt"):
    registered = as_app(client, user=user, scopes=scopes).app
    registered.token_format = token_format
    registered.save(update_fields=["token_format"])
    return as_app(client, user=user, scopes=scopes, app=registered, targets=chosen)


def send(app, method, path, data):
    return getattr(app, method)(path, data, content_type="application/json")


def texts(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [note["text"] for note in response.json()]


def test_list_has_what_was_chosen(acme):
    assert texts(acme.get("/api/notes")) == ["Acme note"]


@pytest.mark.parametrize("name", ["Birch", "Dahlia"])
def test_detail_update_and_delete_of_a_foreign_object_is_404(acme, notes, name):
    path = f"/api/notes/{notes[name].pk}"
    project = notes["Acme"].project_id
    answers = [
        acme.get(path),
        send(acme, "put", path, {"text": "mine", "project": project}),
        send(acme, "patch", path, {"text": "mine"}),
        acme.delete(path),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert Note.objects.filter(text=f"{name} note").exists()


@pytest.mark.parametrize("name", ["Birch", "Dahlia"])
def test_create_and_update_cannot_name_a_foreign_object(acme, notes, name):
    own, foreign = notes["Acme"], notes[name].project_id
    answers = [
        send(acme, "post", "/api/notes", {"text": "new", "project": foreign}),
        send(acme, "patch", f"/api/notes/{own.pk}", {"project": foreign}),
        send(acme, "put", f"/api/notes/{own.pk}", {"text": "x", "project": foreign}),
        send(
            acme,
            "post",
            "/api/notes/bulk",
            [{"text": "a", "project": own.project_id}, {"text": "b", "project": foreign}],
        ),
        send(acme, "post", "/api/notes/move", {"entries": [{"note": own.pk, "project": foreign}]}),
        send(acme, "post", "/api/notes/move", {"entries": [{"note": notes[name].pk, "project": own.project_id}]}),
        send(
            acme, "post", "/api/projects", {"name": "new", "org": notes[name].project.org_id, "notes": [{"text": "n"}]}
        ),
    ]
    assert [answer.status_code for answer in answers] == [400] * 7
    # As an object that does not exist.
    assert answers[0].json()["project"] == [f'Invalid pk "{foreign}" - object does not exist.']
    assert Note.objects.count() == 4
    assert Project.objects.count() == 4
    own.refresh_from_db()
    assert own.project.org.name == "Acme"


def test_create_update_nested_and_bulk_within_the_choice_work(acme, notes):
    project, org = notes["Acme"].project_id, notes["Acme"].project.org_id
    answers = [
        send(acme, "post", "/api/notes", {"text": "new", "project": project}),
        send(acme, "post", "/api/notes/bulk", [{"text": "a", "project": project}, {"text": "b", "project": project}]),
        send(acme, "post", "/api/projects", {"name": "new", "org": org, "notes": [{"text": "n"}]}),
    ]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len(texts(acme.get("/api/notes"))) == 5


def test_the_object_permission_alone_refuses_what_is_foreign(acme, notes):
    assert acme.get(f"/api/projects/{notes['Acme'].project_id}").status_code == 200
    refused = acme.get(f"/api/projects/{notes['Birch'].project_id}")
    assert refused.status_code == 403
    assert "organization" in refused.json()["detail"]
    assert acme.delete(f"/api/projects/{notes['Birch'].project_id}").status_code == 403


def test_an_app_that_was_given_none_is_told_which_kind(client, alice, orgs, notes):
    for chosen in ({}, {"organization": []}):
        refused = app_for(client, alice, chosen).get("/api/notes")
        assert refused.status_code == 403
        assert refused.json() == {
            "detail": "This needs objects of the kind 'organization', and the app was given none.",
            "code": "insufficient_targets",
            "required_targets": ["organization"],
            "granted_targets": [],
        }
        assert refused["WWW-Authenticate"].startswith('Bearer realm="api", error="insufficient_scope"')


def test_a_missing_scope_is_told_first(client, alice, orgs, notes):
    refused = app_for(client, alice, {"organization": orgs[:1]}, scopes="profile").get("/api/notes")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


def test_a_person_with_a_session_is_limited_by_the_view_only(client, alice, notes):
    client.force_login(alice)
    assert len(texts(client.get("/api/notes"))) == 4
    assert client.get("/api/projects").status_code == 403


def test_without_a_scope_that_is_about_the_kind_there_is_nothing(client, alice, orgs):
    app = app_for(client, alice, {"organization": "*"}, scopes="profile")
    assert app.get("/api/orgs").json() == []
    assert app.get(f"/api/orgs/{orgs[0].pk}").status_code == 404


# Effective power: scopes, choice, and what the person may now.


def test_all_is_what_the_person_has_now(client, alice, orgs, notes):
    app = app_for(client, alice, {"organization": "*"})
    assert texts(app.get("/api/notes")) == ["Acme note", "Birch note", "Cedar note"]
    orgs[3].members.add(alice)
    orgs[0].members.remove(alice)
    assert texts(app.get("/api/notes")) == ["Birch note", "Cedar note", "Dahlia note"]


def test_a_lost_membership_is_felt_at_the_next_request(acme, alice, orgs, notes):
    orgs[0].members.remove(alice)
    assert texts(acme.get("/api/notes")) == []
    assert acme.get(f"/api/notes/{notes['Acme'].pk}").status_code == 404
    answer = send(acme, "post", "/api/notes", {"text": "new", "project": notes["Acme"].project_id})
    assert answer.status_code == 400


def test_an_object_named_in_the_grant_that_was_never_the_persons_is_none(client, alice, orgs, notes):
    assert texts(app_for(client, alice, {"organization": [orgs[3]]}).get("/api/notes")) == []


def test_narrowing_is_felt_at_the_next_request(client, alice, orgs, notes):
    app = app_for(client, alice, {"organization": orgs[:3]})
    assert len(texts(app.get("/api/notes"))) == 3
    narrow.to(alice, app.app, {"organization": [str(orgs[1].pk)]})
    assert texts(app.get("/api/notes")) == ["Birch note"]
    narrow.to(alice, app.app, {"organization": []})
    assert app.get("/api/notes").status_code == 403


@pytest.mark.parametrize(
    "stored",
    [None, [], "*", {"organization": None}, {"organization": "3"}, {"organization": {"3": True}}, {"org": "*"}],
)
def test_a_grant_of_another_form_is_none(client, alice, orgs, notes, stored):
    app = app_for(client, alice, {"organization": "*"})
    Grant.objects.update(targets=[] if stored is None else stored)
    assert app.get("/api/notes").status_code == 403


def test_a_machine_has_the_objects_of_its_service_account_or_none(client, alice, orgs, notes):
    machine = as_app(client, scopes="notes")
    assert machine.get("/api/notes").status_code == 403
    Client.objects.filter(pk=machine.app.pk).update(service_account=alice)
    assert texts(machine.get("/api/notes")) == ["Acme note", "Birch note", "Cedar note"]


def test_a_superusers_choice_counts_without_the_power(client, django_user_model, orgs, notes):
    boss = django_user_model.objects.create_superuser("boss")
    everything = app_for(client, boss, {"organization": "*"})
    assert texts(everything.get("/api/notes")) == []
    orgs[0].members.add(boss)
    assert texts(everything.get("/api/notes")) == ["Acme note"]


def test_where_state_is_not_checked_the_claim_counts(client, alice, orgs, notes, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never"}
    app = app_for(client, alice, {"organization": orgs[:1]})
    Grant.objects.update(targets={"organization": "*"})
    assert texts(app.get("/api/notes")) == ["Acme note"]
    orgs[0].members.remove(alice)
    assert texts(app.get("/api/notes")) == []


def test_a_jwt_without_the_claim_has_none_whatever_its_grant_says(client, alice, orgs, notes):
    app = app_for(client, alice, {})
    Grant.objects.update(targets={"organization": "*"})
    assert app.get("/api/notes").status_code == 403


def test_a_list_is_the_check_of_the_token_and_one_more_statement(acme, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 60}
    with budget(2, exactly=2):
        assert texts(acme.get("/api/notes")) == ["Acme note"]
    store.forget()


# Plain Django, and ways.


def test_plain_django_limits_by_each_way(acme, orgs, notes):
    Transfer.objects.create(giver=orgs[0], receiver=orgs[1])
    Transfer.objects.create(giver=orgs[1], receiver=orgs[0])
    poster = Poster.objects.create()
    poster.orgs.set(orgs)
    assert acme.get("/plain").json() == {
        "orgs": ["Acme"],
        "notes": ["Acme note"],
        "given": 1,
        "posters": 1,
        "targets": {"organization": [str(orgs[0].pk)]},
    }


def test_a_row_of_several_chosen_objects_is_there_once(alice, orgs):
    poster = Poster.objects.create()
    poster.orgs.set(orgs)
    found = targets.limit(Poster.objects.all(), chosen={"organization": targets.EVERY}, user=alice, through="orgs")
    assert list(found) == [poster]


def test_a_relation_to_another_column_is_followed_to_the_key(alice, orgs):
    # The numbers of the two are the keys of the other.
    for org, number in ((orgs[0], orgs[3].pk), (orgs[3], orgs[0].pk)):
        Org.objects.filter(pk=org.pk).update(number=number)
    badges = [Badge.objects.create(org_id=org.pk) for org in (orgs[0], orgs[3])]
    found = targets.limit(Badge.objects.all(), chosen={"organization": (str(orgs[0].pk),)}, user=alice)
    assert list(found) == [badges[1]]


@pytest.mark.parametrize(
    ("model", "how"),
    [
        (Transfer, {}),
        (Client, {}),
        (Note, {"through": "project"}),
        (Note, {"through": "author"}),
        (Note, {"through": "nothing__org"}),
        (Note, {"through": "text"}),
        (Note, {"kind": "planet"}),
    ],
)
def test_a_way_that_is_not_clear_is_an_error_of_the_site(alice, model, how):
    with pytest.raises(ImproperlyConfigured):
        targets.limit(model.objects.all(), chosen={"organization": targets.EVERY}, user=alice, **how)


def test_two_kinds_of_one_model_are_told_apart_by_name(alice, orgs, monkeypatch):
    other = targets.GrantTarget("billing", model=Org, queryset=lambda user: Org.objects.filter(members=user))
    monkeypatch.setitem(targets._DISCOVERED, "billing", other)
    chosen = {"billing": (str(orgs[0].pk),)}
    with pytest.raises(ImproperlyConfigured):
        targets.limit(Org.objects.all(), chosen=chosen, user=alice)
    assert list(targets.limit(Org.objects.all(), chosen=chosen, user=alice, kind="billing")) == [orgs[0]]
    assert not targets.limit(Note.objects.all(), chosen=chosen, user=alice, kind="organization").exists()


def test_nobody_has_nothing(orgs):
    assert not targets.limit(Org.objects.all(), chosen={"organization": targets.EVERY}, user=None).exists()

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from oauth_provider.models import AuditEvent, Client, ClientOrigin, ClientOwner
from tests.admin.conftest import allow

LIST = "/admin/oauth_provider/client/"


def address(client: Client) -> str:
    return f"{LIST}{client.pk}/change/"


def form_of(browser: Browser, client: Client, **changes: Any) -> dict[str, Any]:
    """What a browser would send after filling in `changes`."""
    page = browser.get(address(client))
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    for formset in page.context["inline_admin_formsets"]:
        for field in formset.formset.management_form:
            data[field.html_name] = field.value()
        for inline in formset.formset.initial_forms:
            data.update({f.html_name: f.value() for f in inline if f.value() is not None})
    data.update(changes)
    return {name: value for name, value in data.items() if value is not None}


def test_name_redirects_scopes_and_origins_are_saved_with_one_event_of_field_names(
    browser: Browser, web: Client
) -> None:
    answer = browser.post(
        address(web),
        form_of(
            browser,
            web,
            name="Better notes",
            redirect_uris="https://notes.example/cb\r\nhttps://notes.example/other",
            allowed_scopes=["read"],
            origins="https://notes.example",
            token_format="opaque",
            access_token_lifetime="120",
        ),
    )
    assert answer.status_code == 302
    web = Client.objects.get(pk=web.pk)
    assert web.name == "Better notes"
    assert web.redirect_uris == ("https://notes.example/cb", "https://notes.example/other")
    assert (web.allowed_scopes, web.token_format, web.access_token_lifetime) == (["read"], "opaque", 120)
    assert [row.origin for row in ClientOrigin.objects.filter(client=web)] == ["https://notes.example"]
    event = AuditEvent.objects.get(event="client_changed")
    assert set(event.detail["fields"]) == {
        "name", "redirect_uris", "scopes", "origins", "token_format", "access_token_lifetime",
    }  # fmt: skip
    # Where people may be sent is told; other values are not.
    assert event.detail["redirect_uris_added"] == ["https://notes.example/other"]
    assert "Better notes" not in str(event.detail)
    assert event.actor == "root"


def test_nothing_changed_writes_no_event(browser: Browser, web: Client) -> None:
    assert browser.post(address(web), form_of(browser, web)).status_code == 302
    assert not AuditEvent.objects.filter(event="client_changed").exists()


def test_read_only_columns_and_PKCE_cannot_be_posted(browser: Browser, web: Client) -> None:
    changes = {
        "profile": "machine", "status": "suspended", "client_id": "mine", "require_pkce": None, "first_party": "on",
        "auth_method": "none", "subject_type": "dot", "grant_types": '["implicit"]',
    }  # fmt: skip
    before = Client.objects.values().get(pk=web.pk)
    assert browser.post(address(web), form_of(browser, web, **changes)).status_code == 302
    assert Client.objects.values().get(pk=web.pk) == before


def test_imported_client_may_do_without_PKCE_and_keeps_what_it_had(browser: Browser, web: Client) -> None:
    Client.objects.filter(pk=web.pk).update(profile="imported", allowed_scopes=["*"])
    web.set_redirect_uris(["http://old.example/cb"])
    answer = browser.post(address(web), form_of(browser, web, require_pkce=None, name="Old"))
    assert answer.status_code == 302
    web = Client.objects.get(pk=web.pk)
    assert (web.require_pkce, web.name, web.redirect_uris) == (False, "Old", ("http://old.example/cb",))
    assert web.allowed_scopes == ["*"]
    refused = browser.post(
        address(web), form_of(browser, web, redirect_uris="http://old.example/cb\nhttp://new.example/cb")
    )
    assert list(refused.context["adminform"].form.errors) == ["redirect_uris"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"redirect_uris": "http://a.example/cb"}, "redirect_uris"),
        ({"redirect_uris": ""}, "redirect_uris"),
        ({"policy_uri": "javascript:alert(1)"}, "policy_uri"),
        ({"tos_uri": "http://a.example/"}, "tos_uri"),
        ({"origins": "https://a.example/path"}, "origins"),
        ({"origins": "http://a.example"}, "origins"),
        ({"origins": "http://localhost.a.example"}, "origins"),
        ({"origins": "http://[::1].a.example"}, "origins"),
        ({"origins": "https://[a"}, "origins"),
        ({"origins": "*"}, "origins"),
        ({"allowed_scopes": ["*"]}, "allowed_scopes"),
        ({"allowed_scopes": ["read"], "default_scopes": ["write"]}, "default_scopes"),
        ({"resources": ["https://elsewhere.example"]}, "resources"),
        ({"access_token_lifetime": "0"}, "access_token_lifetime"),
        ({"access_token_lifetime": "99999999999999999999"}, "access_token_lifetime"),
        ({"refresh_token_leeway": "3600"}, "refresh_token_leeway"),
        ({"name": "a\u202eb"}, "name"),
    ],
)
def test_AS2_C64_refused_value_stands_at_its_field(browser: Browser, web: Client, changes: Any, field: str) -> None:
    answer = browser.post(address(web), form_of(browser, web, **changes))
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not AuditEvent.objects.filter(event="client_changed").exists()


@pytest.mark.parametrize(
    "origin",
    ["https://a.example", "https://a.example:8443", "http://localhost:3000", "http://127.0.0.1:5", "http://[::1]:3000"],
)
def test_origin_as_a_browser_sends_it_is_accepted(browser: Browser, web: Client, origin: str) -> None:
    assert browser.post(address(web), form_of(browser, web, origins=origin)).status_code == 302
    assert ClientOrigin.objects.get().origin == origin


def test_owner_is_a_user_or_a_group_never_both(
    browser: Browser, web: Client, superuser: Any, django_user_model: Any
) -> None:
    from django.contrib.auth.models import Group

    group = Group.objects.create(name="Payments")
    both = {"owners-0-user": superuser.pk, "owners-0-group": group.pk, "owners-TOTAL_FORMS": 1}
    assert browser.post(address(web), form_of(browser, web, **both)).status_code == 200
    assert not ClientOwner.objects.exists()
    one = {"owners-0-group": group.pk, "owners-TOTAL_FORMS": 1}
    assert browser.post(address(web), form_of(browser, web, **one)).status_code == 302
    assert ClientOwner.objects.get().group == group
    assert AuditEvent.objects.get(event="client_changed").detail == {"fields": ["owners"]}
    gone = {"owners-0-id": ClientOwner.objects.get().pk, "owners-0-DELETE": "on"}
    assert browser.post(address(web), form_of(browser, web, **gone)).status_code == 302
    assert not ClientOwner.objects.exists()
    assert AuditEvent.objects.filter(event="client_changed", detail={"fields": ["owners"]}).count() == 2


def test_viewer_sees_the_page_and_may_change_nothing(staff: Any, web: Client) -> None:
    ClientOrigin.objects.replace(web, ["https://notes.example"])
    viewer = staff(only=("view_client",))
    page = viewer.get(address(web))
    text = page.content.decode()
    assert page.status_code == 200
    assert "https://notes.example/cb" in text
    assert 'name="_save"' not in text
    for button in ("Add a secret", "Suspend…", "End all tokens…", "/revoke/"):
        assert button not in text
    assert viewer.post(address(web), {"name": "x"}).status_code == 403


def test_change_needs_its_permission(staff: Any, web: Client) -> None:
    lacking = staff("change_client")
    assert lacking.post(address(web), {"name": "x"}).status_code == 403
    assert Client.objects.get().name == "Notes"
    nobody = staff(only=())
    assert nobody.get(address(web)).status_code == 403
    assert nobody.get(LIST).status_code == 403


def test_no_one_deletes_a_client(browser: Browser, web: Client) -> None:
    assert browser.get(f"{LIST}{web.pk}/delete/").status_code == 403
    assert browser.post(f"{LIST}{web.pk}/delete/", {"post": "yes"}).status_code == 403
    browser.post(LIST, {"action": "delete_selected", "_selected_action": [web.pk], "post": "yes"})
    assert Client.objects.filter(pk=web.pk).exists()
    assert "delete_selected" not in browser.get(LIST).content.decode()


def test_list_finds_by_name_and_client_id_and_filters(browser: Browser, web: Client) -> None:
    other, _secret = Client.objects.register(name="Nightly", profile="machine")
    for query, found in (
        ("q=note", web), (f"q={other.client_id}", other), ("profile__exact=machine", other),
    ):  # fmt: skip
        assert list(browser.get(f"{LIST}?{query}").context["cl"].result_list) == [found]
    assert not browser.get(f"{LIST}?status__exact=suspended").context["cl"].result_list
    assert browser.get(f"{LIST}?q=%00").status_code in {200, 302}


def test_page_of_client_leads_to_its_grants_consents_and_events(browser: Browser, web: Client, people: Any) -> None:
    allow(web, people("ada"))
    page = browser.get(address(web)).content.decode()
    assert "Live grants: 1. People: 1." in page
    for model in ("grant", "consent"):
        link = f"/admin/oauth_provider/{model}/?client__id__exact={web.pk}"
        assert link in page
        assert browser.get(link).context["cl"].result_count == 1
    assert browser.get(f"/admin/oauth_provider/auditevent/?q={web.client_id}").context["cl"].result_count == 1


def test_queries_of_the_page_do_not_grow_with_secrets_origins_owners_or_grants(
    browser: Browser, web: Client, people: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from oauth_provider.models import ClientSecret

    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            user = people(f"user{number}")
            allow(web, user)
            ClientSecret.objects.add(web)
            ClientOwner.objects.create(client=web, user=user)
        ClientOrigin.objects.replace(web, [f"https://{n}.example" for n in range(end)])

    fill(0, 3)
    browser.get(address(web))  # content types are read once per process
    with CaptureQueriesContext(connection) as few:
        assert browser.get(address(web)).status_code == 200
    fill(3, 30)
    with django_assert_num_queries(len(few)):
        assert browser.get(address(web)).status_code == 200

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from oauth_provider.models import AuditEvent, Client, ClientOrigin, ClientOwner, ClientSecret
from tests.admin.conftest import allow
from tests.admin.filled import LIST, TABS, base, form_of


def test_each_tab_saves_its_own_fields_with_one_event_of_names(browser: Browser, web: Client) -> None:
    settings = form_of(browser, web, name="Better notes", token_format="opaque", access_token_lifetime="120")
    assert browser.post(base(web) + "change/", settings).status_code == 302
    uris = form_of(
        browser,
        web,
        "redirect-uris/",
        redirect_uris="https://notes.example/cb\r\nhttps://notes.example/other",
        origins="https://notes.example",
    )
    assert browser.post(base(web) + "redirect-uris/", uris).status_code == 302
    assert browser.post(base(web) + "scopes/", form_of(browser, web, "scopes/", scopes=["read"])).status_code == 302
    web = Client.objects.get(pk=web.pk)
    assert web.name == "Better notes"
    assert web.redirect_uris == ("https://notes.example/cb", "https://notes.example/other")
    assert (web.allowed_scopes, web.token_format, web.access_token_lifetime) == (["read"], "opaque", 120)
    assert [row.origin for row in ClientOrigin.objects.filter(client=web)] == ["https://notes.example"]
    events = AuditEvent.objects.filter(event="client_changed").order_by("pk")
    assert [event.detail["fields"] for event in events] == [
        ["access_token_lifetime", "name", "token_format"],
        ["origins", "redirect_uris"],
        ["scopes"],
    ]
    # Where people may be sent is told; other values are not.
    assert events[1].detail["redirect_uris_added"] == ["https://notes.example/other"]
    assert "Better notes" not in str([event.detail for event in events])
    assert {event.actor for event in events} == {"root"}
    messages = " ".join(LogEntry.objects.values_list("change_message", flat=True))
    assert "redirect_uris" in messages
    assert "https://" not in messages


def test_a_tab_leaves_alone_what_another_tab_holds(browser: Browser, web: Client) -> None:
    stale = form_of(browser, web, name="Renamed")
    Client.objects.filter(pk=web.pk).update(allowed_scopes=["write"], resource_server_for=["*"])
    web.set_redirect_uris(["https://notes.example/new"])
    assert browser.post(base(web) + "change/", stale).status_code == 302
    web = Client.objects.get(pk=web.pk)
    assert (web.name, web.allowed_scopes, web.resource_server_for) == ("Renamed", ["write"], ["*"])
    assert web.redirect_uris == ("https://notes.example/new",)


@pytest.mark.parametrize("tab", ["change/", "redirect-uris/", "scopes/"])
def test_nothing_changed_writes_no_event_and_no_log(browser: Browser, web: Client, tab: str) -> None:
    assert browser.post(base(web) + tab, form_of(browser, web, tab)).status_code == 302
    assert not AuditEvent.objects.filter(event="client_changed").exists()
    assert not LogEntry.objects.exists()


def test_read_only_columns_and_PKCE_cannot_be_posted(browser: Browser, web: Client) -> None:
    changes = {
        "profile": "machine", "status": "suspended", "client_id": "mine", "require_pkce": "", "first_party": "on",
        "auth_method": "none", "grant_types": '["implicit"]',
    }  # fmt: skip
    before = Client.objects.values().get(pk=web.pk)
    for tab in ("change/", "redirect-uris/", "scopes/"):
        assert browser.post(base(web) + tab, form_of(browser, web, tab, **changes)).status_code == 302
    assert Client.objects.values().get(pk=web.pk) == before


def test_imported_client_may_do_without_PKCE_and_keeps_what_it_had(browser: Browser, web: Client) -> None:
    Client.objects.filter(pk=web.pk).update(profile="imported", allowed_scopes=["*"])
    web.set_redirect_uris(["http://old.example/cb"])
    answer = browser.post(base(web) + "change/", form_of(browser, web, require_pkce=None, name="Old"))
    assert answer.status_code == 302
    web = Client.objects.get(pk=web.pk)
    assert (web.require_pkce, web.name, web.redirect_uris) == (False, "Old", ("http://old.example/cb",))
    assert web.allowed_scopes == ["*"]
    refused = browser.post(
        base(web) + "redirect-uris/",
        form_of(browser, web, "redirect-uris/", redirect_uris="http://old.example/cb\nhttp://new.example/cb"),
    )
    assert list(refused.context["form"].errors) == ["redirect_uris"]


@pytest.mark.parametrize(
    ("tab", "changes", "field"),
    [
        ("redirect-uris/", {"redirect_uris": "http://a.example/cb"}, "redirect_uris"),
        ("redirect-uris/", {"redirect_uris": ""}, "redirect_uris"),
        ("redirect-uris/", {"origins": "https://a.example/path"}, "origins"),
        ("redirect-uris/", {"origins": "http://a.example"}, "origins"),
        ("redirect-uris/", {"origins": "http://localhost.a.example"}, "origins"),
        ("redirect-uris/", {"origins": "http://[::1].a.example"}, "origins"),
        ("redirect-uris/", {"origins": "https://[a"}, "origins"),
        ("redirect-uris/", {"origins": "*"}, "origins"),
        ("change/", {"policy_uri": "javascript:alert(1)"}, "policy_uri"),
        ("change/", {"tos_uri": "http://a.example/"}, "tos_uri"),
        ("change/", {"logo_uri": "data:image/png;base64,AAAA"}, "logo_uri"),
        ("change/", {"contacts": "no address"}, "contacts"),
        ("change/", {"access_token_lifetime": "0"}, "access_token_lifetime"),
        ("change/", {"access_token_lifetime": "99999999999999999999"}, "access_token_lifetime"),
        ("change/", {"refresh_token_leeway": "3600"}, "refresh_token_leeway"),
        ("change/", {"name": "a\u202eb"}, "name"),
        ("change/", {"default_max_age": "-1"}, "default_max_age"),
        ("change/", {"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg"),
        ("change/", {"userinfo_signed_response_alg": "HS256"}, "userinfo_signed_response_alg"),
        ("change/", {"allowed_users": "permission"}, "allowed_users"),
        ("change/", {"allowed_users": "permission", "allowed_permission": "auth.fly"}, "allowed_permission"),
        ("change/", {"allowed_users": "nobody"}, "allowed_users"),
        ("change/", {"owner_users": "nobody-here"}, "owner_users"),
        ("scopes/", {"scopes": ["*"]}, "scopes"),
        ("scopes/", {"scopes": ["read"], "default_scopes": ["write"]}, "default_scopes"),
        ("scopes/", {"resources": ["https://elsewhere.example"]}, "resources"),
    ],
)
def test_AS2_C64_refused_value_stands_at_its_field_and_nothing_entered_is_lost(
    browser: Browser, web: Client, tab: str, changes: Any, field: str
) -> None:
    sent = form_of(browser, web, tab, **changes)
    answer = browser.post(base(web) + tab, sent)
    form = answer.context["form"]
    assert answer.status_code == 200
    assert list(form.errors) == [field]
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert {name: form[name].value() for name in sent} == sent
    assert not AuditEvent.objects.filter(event="client_changed").exists()


def test_what_only_another_tab_can_mend_is_said_with_the_name_of_that_tab(browser: Browser, web: Client) -> None:
    Client.objects.filter(pk=web.pk).update(allowed_scopes=["gone"])
    page = browser.post(base(web) + "change/", form_of(browser, web, name="New")).content.decode()
    assert "Scopes: These scopes do not exist: gone." in page


@pytest.mark.parametrize(
    "origin",
    ["https://a.example", "https://a.example:8443", "http://localhost:3000", "http://127.0.0.1:5", "http://[::1]:3000"],
)
def test_origin_as_a_browser_sends_it_is_accepted(browser: Browser, web: Client, origin: str) -> None:
    form = form_of(browser, web, "redirect-uris/", origins=origin)
    assert browser.post(base(web) + "redirect-uris/", form).status_code == 302
    assert ClientOrigin.objects.get().origin == origin


def test_owners_are_users_and_groups_and_change_with_the_other_settings_in_one_event(
    browser: Browser, web: Client, people: Any
) -> None:
    group, ada = Group.objects.create(name="Payments"), people("ada")
    form = form_of(browser, web, owner_users="ada\nroot", owner_groups=[str(group.pk)], name="Owned")
    assert browser.post(base(web) + "change/", form).status_code == 302
    assert ClientOwner.objects.filter(user=ada).count() == ClientOwner.objects.filter(group=group).count() == 1
    assert AuditEvent.objects.get(event="client_changed").detail == {"fields": ["name", "owners"]}
    browser.post(base(web) + "change/", form_of(browser, web, owner_users="", owner_groups=None))
    assert not ClientOwner.objects.exists()
    assert AuditEvent.objects.filter(event="client_changed", detail={"fields": ["owners"]}).count() == 1


def test_who_may_use_it_by_group_permission_function_and_owners(browser: Browser, web: Client, settings: Any) -> None:
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "ALLOWED_USERS_FUNCTIONS": {"staff": "tests.admin.filled.form_of"},
    }
    group = Group.objects.create(name="Payments")
    for wanted in (
        {"allowed_users": "groups", "allowed_groups": [str(group.pk)]},
        {"allowed_users": "permission", "allowed_permission": "auth.view_user"},
        {"allowed_users": "function", "allowed_function": "staff"},
        {"allowed_users": "owners"},
    ):
        assert browser.post(base(web) + "change/", form_of(browser, web, **wanted)).status_code == 302
        assert Client.objects.get().allowed_users == wanted["allowed_users"]
    stored = Client.objects.get()
    assert (list(stored.allowed_groups.all()), stored.allowed_permission) == ([group], "auth.view_user")
    assert stored.allowed_function == "staff"


def test_machine_has_no_people_to_choose_and_no_redirect(browser: Browser, db: None) -> None:
    machine, _secret = Client.objects.register(name="M", profile="machine")
    fields = browser.get(base(machine) + "change/").context["form"].fields
    assert not {"allowed_users", "refresh_token_leeway", "require_pkce", "logo_uri"} & set(fields)
    assert "redirect_uris" not in browser.get(base(machine) + "redirect-uris/").context["form"].fields


def test_owners_get_a_mail_about_a_new_redirect_uri_of_a_live_client(
    browser: Browser, web: Client, people: Any, django_capture_on_commit_callbacks: Any
) -> None:
    ada = people("ada")
    type(ada).objects.filter(pk=ada.pk).update(email="ada@people.example")
    ClientOwner.objects.create(client=web, user=ada)
    form = form_of(browser, web, "redirect-uris/", redirect_uris="https://notes.example/cb\nhttps://new.example/cb")
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(base(web) + "redirect-uris/", form).status_code == 302
    (sent,) = mail.outbox
    assert sent.to == ["ada@people.example"]
    assert "https://new.example/cb" in sent.body


def test_viewer_sees_the_tabs_without_a_form_and_may_change_nothing(staff: Any, web: Client, superuser: Any) -> None:
    ClientOrigin.objects.replace(web, ["https://notes.example"])
    ClientOwner.objects.create(client=web, user=superuser)
    viewer = staff(only=("view_client",))
    pages = {tab: viewer.get(base(web) + tab) for tab in TABS[:4]}
    assert {page.status_code for page in pages.values()} == {200}
    texts = {tab: page.content.decode() for tab, page in pages.items()}
    assert "https://notes.example/cb" in texts["redirect-uris/"]
    assert ">https://notes.example<" in texts["redirect-uris/"]
    assert "read – Read your notes" in texts["scopes/"]
    assert ">root<" in texts["change/"]
    for text in texts.values():
        # Signing out is the admin's own, and "would this match?" changes nothing.
        assert text.count('method="post"') == text.count('id="logout-form"') == 1
        for button in ("Add a secret", "Suspend…", "Revoke access…", "Archive…", "Retire…", "Grants</a>", "Events</a>"):
            assert button not in text
    for tab in ("change/", "redirect-uris/", "scopes/"):
        assert viewer.post(base(web) + tab, {"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("tab", "permissions"),
    [("grants/", ("view_grant", "revoke_grant")), ("events/", ("view_event",))],
)
def test_tabs_that_name_people_need_their_own_permission(
    staff: Any, web: Client, tab: str, permissions: tuple[str, ...]
) -> None:
    lacking = staff(*permissions)
    assert lacking.get(base(web) + tab).status_code == 403
    assert f'{tab}"' not in lacking.get(base(web) + "change/").content.decode()
    for permission in permissions:
        enough = staff(only=("view_client", permission))
        assert enough.get(base(web) + tab).status_code == 200
        assert f'{tab}"' in enough.get(base(web) + "change/").content.decode()


def test_change_needs_its_permission(staff: Any, web: Client) -> None:
    lacking = staff("change_client")
    for tab in ("change/", "redirect-uris/", "scopes/"):
        assert lacking.post(base(web) + tab, {"name": "x"}).status_code == 403
    assert lacking.get(base(web) + "move/").status_code == 403
    assert Client.objects.get().name == "Notes"
    nobody = staff(only=())
    for tab in TABS:
        assert nobody.get(base(web) + tab).status_code == 403
    assert nobody.get(LIST).status_code == 403


def test_no_tab_is_saved_without_a_csrf_token(web: Client, superuser: Any) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(superuser)
    for path in ("change/", "redirect-uris/", "scopes/", "submit/", "approve/", "send-back/", "grants/revoke/"):
        assert strict.post(base(web) + path, {"name": "x"}).status_code == 403
    assert Client.objects.get().name == "Notes"


def test_GET_of_any_page_changes_nothing(browser: Browser, web: Client, people: Any) -> None:
    allow(web, people("ada"))
    before = (Client.objects.values().get(), list(ClientSecret.objects.values()), AuditEvent.objects.count())
    secret = ClientSecret.objects.get()
    for path in (
        *TABS, "suspend/", "reactivate/", "revoke-access/", "archive/", "restore/", "delete/", "move/", "submit/",
        "approve/", "send-back/", "secrets/add/", f"secrets/{secret.pk}/revoke/", "grants/revoke/",
    ):  # fmt: skip
        answer = browser.get(base(web) + path, {"confirmed": "yes", "typed": "Notes", "profile": "spa"})
        assert answer.status_code in {200, 302, 405}, path
    assert before == (Client.objects.values().get(), list(ClientSecret.objects.values()), AuditEvent.objects.count())


def test_unknown_client_is_404_on_every_page(browser: Browser) -> None:
    for path in (*TABS, "suspend/", "delete/", "move/"):
        assert browser.get(f"{LIST}999999/{path}").status_code == 404
    for pk in ("nonsense", "²", "99999999999999999999999"):
        assert browser.get(f"{LIST}{pk}/change/").status_code == 404


def test_list_finds_by_name_and_client_id_and_filters(browser: Browser, web: Client) -> None:
    other, _secret = Client.objects.register(name="Nightly", profile="machine")
    for query, found in (
        ("q=note", web), (f"q={other.client_id}", other), ("profile__exact=machine", other),
    ):  # fmt: skip
        assert list(browser.get(f"{LIST}?{query}").context["cl"].result_list) == [found]
    assert not browser.get(f"{LIST}?status=suspended").context["cl"].result_list
    assert browser.get(f"{LIST}?q=%00").status_code in {200, 302}


def test_archived_client_is_out_of_the_list_until_it_is_asked_for(browser: Browser, web: Client) -> None:
    other, _secret = Client.objects.register(name="Nightly", profile="machine")
    web.archive()
    for query, found in (
        ("", [other]), ("status=archived", [web]), ("status=all", [other, web]), ("q=note", [web]),
        ("status=active", [other]), ("status=nonsense", [other]),
    ):  # fmt: skip
        assert list(browser.get(f"{LIST}?{query}").context["cl"].result_list) == found, query
    assert "delete_selected" not in browser.get(LIST).content.decode()


def test_head_says_name_status_profile_and_what_is_not_well(browser: Browser, web: Client) -> None:
    page = browser.get(base(web) + "secrets/").content.decode()
    for words in ("Notes", web.client_id, "Active", "Web application with a server", "1 warning:", "no active owner"):
        assert words in page
    assert page.count('secrets/" aria-current="page">Secrets</a>') == 1


def test_queries_of_each_tab_are_bounded_and_do_not_grow(
    browser: Browser, staff: Any, web: Client, people: Any
) -> None:
    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            user = people(f"user{number}")
            allow(web, user)
            ClientSecret.objects.add(web)
            ClientOwner.objects.create(client=web, user=user)
            web.allowed_groups.add(Group.objects.create(name=f"group{number}"))
            AuditEvent.objects.record("token_issued", client=web, user=user)  # type: ignore[arg-type]
        ClientOrigin.objects.replace(web, [f"https://{n}.example" for n in range(end)])

    def counted() -> dict[str, int]:
        numbers = {}
        for tab in TABS:
            with CaptureQueriesContext(connection) as queries:
                assert clerk.get(base(web) + tab).status_code == 200
            numbers[tab] = len(queries)
        return numbers

    # Somebody who is not a superuser: their permissions are read too.
    clerk = staff()
    fill(0, 3)
    counted()  # content types are read once per process
    few = counted()
    fill(3, 40)
    assert counted() == few
    assert max(few.values()) <= 15, few


def test_optional_scopes_and_purposes_are_kept_as_they_are_written(browser: Browser, web: Client) -> None:
    lines = "write = So that you can = tick things off.\nread=To show them."
    form = form_of(browser, web, "scopes/", optional_scopes=["write"], purposes=lines)
    assert browser.post(base(web) + "scopes/", form).status_code == 302
    web.refresh_from_db()
    assert web.optional_scopes == ["write"]
    assert web.purposes == {"write": "So that you can = tick things off.", "read": "To show them."}
    assert form_of(browser, web, "scopes/")["purposes"].splitlines() == [
        "read = To show them.",
        "write = So that you can = tick things off.",
    ]


@pytest.mark.parametrize("lines", ["write", "admin = x", f"write = {'x' * 141}", "write =", "= x"])
def test_purpose_that_cannot_be_shown_stands_with_its_reason_beside_the_field(
    browser: Browser, web: Client, lines: str
) -> None:
    page = browser.post(base(web) + "scopes/", form_of(browser, web, "scopes/", purposes=lines))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["purposes"]
    web.refresh_from_db()
    assert web.purposes == {}


def test_approval_with_fewer_scopes_takes_what_was_said_of_the_others(browser: Browser, web: Client) -> None:
    Client.objects.filter(pk=web.pk).update(
        status="submitted", requested_scopes=["read", "write"], optional_scopes=["write"], purposes={"write": "Why."}
    )
    assert browser.post(base(web) + "approve/", {"wanted": ["read"]}).status_code == 302
    web.refresh_from_db()
    assert (web.allowed_scopes, web.optional_scopes, web.purposes) == (["read"], [], {})

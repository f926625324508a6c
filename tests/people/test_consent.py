"""The consent page: what it says, what can be left out, and what the client gets then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import timezone

from oauth_provider.clients import change, owners
from oauth_provider.models import AuditEvent, Client, Consent, Grant, StoredRequest
from oauth_provider.scopes import Scope
from oauth_provider.tokens import revoke
from tests.flow import Flow, Registered, post_form, query_of, refresh
from tests.people.conftest import fields_of, go_on, send, text_of

pytestmark = pytest.mark.django_db

ASKED = "notes:write notes:share"


def tokens(flow: Flow, client: Registered, location: str) -> dict[str, Any]:
    answer = flow.redeem(client, query_of(location)["code"])
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_page_says_what_is_asked_in_groups_with_what_it_includes_and_what_it_is_for(
    flow: Flow, notes: Registered
) -> None:
    page = flow.authorize(notes, scope="read notes:write notes:share pay")
    text = text_of(page)
    assert "Notes says: So that you can tick things off." in text
    assert "Change your notes This includes: Read your notes" in text
    assert "Pay in your name Sensitive" in text
    headings = [line for line in ("Money", "Share your notes") if line in text]
    assert headings == ["Money", "Share your notes"]
    # What has no group stands first, under no heading.
    assert text.index("Notes will be able to:") < text.index("Read your notes") < text.index("Money")


def test_purpose_is_text_and_never_markup(flow: Flow, notes: Registered) -> None:
    Client.objects.filter(pk=notes.row.pk).update(purposes={"notes:write": "<b>you</b> & <script>x</script>"})
    page = flow.authorize(notes, scope="notes:write").content.decode()
    assert "&lt;b&gt;you&lt;/b&gt; &amp; &lt;script&gt;" in page
    assert "<script" not in page


def test_optional_scope_is_not_ticked_before_it_was_allowed_once(flow: Flow, notes: Registered) -> None:
    page = flow.authorize(notes, scope=ASKED)
    assert "scope.notes:share" not in fields_of(page)
    assert 'name="scope.notes:share"' in page.content.decode()
    assert 'name="scope.notes:write"' not in page.content.decode()
    go_on(flow.browser, send(flow.browser, page, ticks=("notes:share",)))
    page = flow.authorize(notes, scope=ASKED, prompt="consent")
    assert fields_of(page)["scope.notes:share"] == "on"


@pytest.mark.parametrize(("ticks", "granted"), [((), "notes:write"), (("notes:share",), ASKED)])
def test_client_gets_what_was_chosen_and_is_told(flow: Flow, notes: Registered, ticks: Any, granted: str) -> None:
    page = flow.authorize(notes, scope=ASKED)
    body = tokens(flow, notes, go_on(flow.browser, send(flow.browser, page, ticks=ticks)))
    assert body["scope"] == granted
    grant, consent = Grant.objects.get(), Consent.objects.get()
    assert sorted(grant.scopes) == sorted(granted.split())
    assert sorted(consent.scopes) == sorted(granted.split())
    assert consent.declined_scopes == ([] if ticks else ["notes:share"])
    assert AuditEvent.objects.get(event="authorization_issued").detail["scopes"] == grant.scopes


def test_what_was_left_out_is_not_asked_at_each_sign_in(flow: Flow, notes: Registered) -> None:
    go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope=ASKED)))
    answer = flow.authorize(notes, scope=ASKED)
    assert answer.status_code == 303
    assert tokens(flow, notes, answer["Location"])["scope"] == "notes:write"


def test_what_was_left_out_is_asked_when_the_client_cannot_do_without_it_any_more(
    flow: Flow, notes: Registered
) -> None:
    go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope=ASKED)))
    change.change(notes.row, optional_scopes=[])
    page = flow.authorize(notes, scope=ASKED)
    assert page.status_code == 200
    assert 'type="checkbox"' not in page.content.decode()
    assert tokens(flow, notes, go_on(flow.browser, send(flow.browser, page)))["scope"] == ASKED
    assert Consent.objects.get().declined_scopes == []


def test_leaving_out_later_takes_it_from_what_is_remembered(flow: Flow, notes: Registered) -> None:
    go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope=ASKED), ticks=("notes:share",)))
    page = flow.authorize(notes, scope=ASKED, prompt="consent")
    data = {name: value for name, value in fields_of(page).items() if name != "scope.notes:share"}
    location = go_on(flow.browser, post_form(flow.browser, "/authorize/decision", {**data, "decision": "allow"}))
    assert tokens(flow, notes, location)["scope"] == "notes:write"
    consent = Consent.objects.get()
    assert (consent.scopes, consent.declined_scopes) == (["notes:write"], ["notes:share"])


def test_nothing_chosen_shows_the_page_again_and_decides_nothing(flow: Flow, notes: Registered) -> None:
    answer = send(flow.browser, flow.authorize(notes, scope="notes:share"))
    assert answer.status_code == 303
    assert StoredRequest.objects.get().decided_at is None
    page = flow.browser.get(answer["Location"])
    assert "Choose at least one permission, or deny." in text_of(page)
    assert 'role="alert"' in page.content.decode()
    location = go_on(flow.browser, send(flow.browser, page, ticks=("notes:share",)))
    assert tokens(flow, notes, location)["scope"] == "notes:share"


def test_forged_tick_adds_nothing_that_was_not_asked(flow: Flow, notes: Registered) -> None:
    page = flow.authorize(notes, scope="notes:write")
    location = go_on(flow.browser, send(flow.browser, page, ticks=("pay", "notes:share", "*")))
    assert tokens(flow, notes, location)["scope"] == "notes:write"


def test_second_click_gets_the_first_answer_whatever_it_ticks(flow: Flow, notes: Registered) -> None:
    page = flow.authorize(notes, scope=ASKED)
    first = go_on(flow.browser, send(flow.browser, page))
    assert go_on(flow.browser, send(flow.browser, page, ticks=("notes:share",))) == first
    assert Grant.objects.get().scopes == ["notes:write"]


def test_new_permission_is_marked_beside_those_allowed_before(flow: Flow, notes: Registered) -> None:
    page = flow.authorize(notes, scope="notes:write")
    assert "You have allowed" not in text_of(page)
    go_on(flow.browser, send(flow.browser, page))
    text = text_of(flow.authorize(notes, scope="notes:write read"))
    assert "You have allowed Notes before. What it asks for now is marked “New”." in text
    assert "Read your notes New" in text
    assert "Change your notes New" not in text


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ("openid", "will recognise you by your provider.example account, and gets nothing else from it."),
        ("openid profile", "account, see your name, and get nothing else from it."),
        ("openid email", "account, see your e-mail address, and get nothing else from it."),
        ("openid profile email", "account, see your name and e-mail address, and get nothing else from it."),
    ],
)
def test_sign_in_is_not_access(flow: Flow, notes: Registered, scope: str, sentence: str) -> None:
    page = flow.authorize(notes, scope=scope)
    text = text_of(page)
    assert "Sign in to Notes?" in text
    assert sentence in text
    assert "will be able to" not in text
    assert page.content.decode().count("<button") == 2


def test_by_whom_it_is_registered_is_a_name_and_never_a_user_name(flow: Flow, notes: Registered, bob: Any) -> None:
    bob.username = "bob@people.example"
    bob.save()
    owners.replace(notes.row, [bob])
    page = flow.authorize(notes)
    assert "bob@people.example" not in page.content.decode()
    assert "Registered here since" in text_of(page)
    bob.first_name, bob.last_name = "Bob", "Moss"
    bob.save()
    assert "Registered by Bob Moss, here since" in text_of(flow.authorize(notes))
    owners.replace(notes.row, [bob, Group.objects.create(name="Web team")])
    assert "Registered by Web team, here since" in text_of(flow.authorize(notes))


class TestSensitivePermissionOfAnAppNobodyChecked:
    """A second page asks again, and nothing is decided by the first."""

    def test_first_yes_leads_to_a_second_page(self, flow: Flow, stranger: Registered) -> None:
        again = send(flow.browser, flow.authorize(stranger, scope="read pay notes:share"), ticks=("notes:share",))
        assert again.status_code == 200
        text = text_of(again)
        assert "Are you sure about Notes?" in text
        assert "Pay in your name" in text
        assert "Read your notes" not in text
        assert StoredRequest.objects.get().decided_at is None
        assert not Grant.objects.exists()
        location = go_on(flow.browser, send(flow.browser, again))
        assert tokens(flow, stranger, location)["scope"] == "read pay notes:share"

    def test_second_page_can_say_no(self, flow: Flow, stranger: Registered) -> None:
        again = send(flow.browser, flow.authorize(stranger, scope="read pay"))
        assert query_of(go_on(flow.browser, send(flow.browser, again, "deny")))["error"] == "access_denied"
        assert not Grant.objects.exists()

    @pytest.mark.parametrize("sure", ["", "on", "no", "YES"])
    def test_first_page_cannot_be_sure(self, flow: Flow, stranger: Registered, sure: str) -> None:
        data = {**fields_of(flow.authorize(stranger, scope="pay")), "sure": sure, "decision": "allow"}
        assert post_form(flow.browser, "/authorize/decision", data).status_code == 200
        assert not Grant.objects.exists()

    def test_sensitive_one_that_is_only_implied_counts(self, flow: Flow, stranger: Registered, settings: Any) -> None:
        scopes = {**settings.OAUTH_PROVIDER["SCOPES"], "read": Scope("read", "Read", implies=("pay",))}
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SCOPES": scopes}
        again = send(flow.browser, flow.authorize(stranger, scope="read"))
        assert "Are you sure" in text_of(again)

    def test_sensitive_one_left_out_asks_once(self, flow: Flow, stranger: Registered) -> None:
        change.change(stranger.row, optional_scopes=["pay"])
        location = go_on(flow.browser, send(flow.browser, flow.authorize(stranger, scope="read pay")))
        assert tokens(flow, stranger, location)["scope"] == "read"

    def test_registered_by_the_site_asks_once(self, flow: Flow, notes: Registered) -> None:
        location = go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope="pay")))
        assert tokens(flow, notes, location)["scope"] == "pay"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"optional_scopes": ["openid"]}, "optional_scopes"),
        ({"optional_scopes": ["introspection"]}, "optional_scopes"),
        ({"purposes": {"introspection": "Why not."}}, "purposes"),
        ({"purposes": {"read": "x" * 141}}, "purposes"),
        ({"purposes": {"read": " "}}, "purposes"),
        ({"purposes": {"read": "safe\u202eevil"}}, "purposes"),
        ({"purposes": {"read": "two\nlines"}}, "purposes"),
    ],
)
def test_what_people_would_misread_is_not_registered(notes: Registered, arguments: Any, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        change.change(notes.row, **arguments)
    assert list(refused.value.error_dict) == [field]


def test_machine_has_nobody_who_could_leave_something_out(machine_client: Registered) -> None:
    with pytest.raises(ValidationError):
        change.change(machine_client.row, optional_scopes=["write"])


def test_withdrawn_consent_forgets_what_was_left_out(flow: Flow, notes: Registered) -> None:
    go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope=ASKED)))
    revoke.withdraw_consent(Consent.objects.get(), reason="test")
    page = flow.authorize(notes, scope=ASKED)
    assert page.status_code == 200
    assert "You have allowed" not in text_of(page)
    go_on(flow.browser, send(flow.browser, page, ticks=("notes:share",)))
    consent = Consent.objects.get()
    assert (sorted(consent.scopes), consent.declined_scopes) == (["notes:share", "notes:write"], [])


def test_answer_that_is_too_old_is_asked_again(flow: Flow, notes: Registered) -> None:
    go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope=ASKED)))
    Consent.objects.update(remembered_until=timezone.now() - timedelta(seconds=1))
    assert flow.authorize(notes, scope=ASKED).status_code == 200


def test_optional_permission_taken_away_later_is_not_asked_at_the_next_sign_in(flow: Flow, notes: Registered) -> None:
    go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope=ASKED), ticks=("notes:share",)))
    address = f"/connected-apps/{notes.row.pk}/"
    assert flow.browser.post(address, {"scope": "notes:share"}).status_code == 303
    answer = flow.authorize(notes, scope=ASKED)
    assert answer.status_code == 303
    assert tokens(flow, notes, answer["Location"])["scope"] == "notes:write"


def test_what_is_unticked_is_taken_from_earlier_grants_too(flow: Flow, notes: Registered) -> None:
    page = flow.authorize(notes, scope=ASKED)
    before = tokens(flow, notes, go_on(flow.browser, send(flow.browser, page, ticks=("notes:share",))))
    page = flow.authorize(notes, scope=ASKED, prompt="consent")
    data = {name: value for name, value in fields_of(page).items() if name != "scope.notes:share"}
    go_on(flow.browser, post_form(flow.browser, "/authorize/decision", {**data, "decision": "allow"}))
    assert refresh(notes, before["refresh_token"]).json()["scope"] == "notes:write"
    assert {tuple(scopes) for scopes in Grant.objects.values_list("scopes", flat=True)} == {("notes:write",)}


def test_app_of_this_site_signs_in_whatever_was_allowed_before_it_became_one(flow: Flow, notes: Registered) -> None:
    go_on(flow.browser, send(flow.browser, flow.authorize(notes, scope="read")))
    Client.objects.filter(pk=notes.row.pk).update(first_party=True)
    answer = flow.authorize(notes, scope="read notes:write")
    assert answer.status_code == 303
    assert tokens(flow, notes, answer["Location"])["scope"] == "read notes:write"

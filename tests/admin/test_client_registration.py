from __future__ import annotations

import html
import re
import shlex
import string
from base64 import b64encode
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser

from oauth_provider import credentials
from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.values import Profile
from tests.admin.conftest import EVIL
from tests.admin.filled import TABS

ADD = "/admin/oauth_provider/client/add/"
FORM = {
    "name": "Notes",
    "profile": "web",
    "redirect_uris": "https://a.example/cb\nhttps://a.example/cb2\n",
    "scopes": ["read"],
}


def once(browser: Browser) -> str:
    page = browser.get(f"{ADD}?profile=web").content.decode()
    return str(re.findall(r'name="once" value="([0-9a-f]{32})"', page)[0])


def secret_in(page: str) -> str:
    return str(re.findall(r'id="oauth-client-secret"[^>]* value="([^"]+)"', page)[0])


def blocks(page: str) -> list[str]:
    """What the result page offers to copy: `.env`, curl, Python, JavaScript."""
    return [html.unescape(text) for text in re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page)]


def everything_stored() -> str:
    """Every row of every table, as text."""
    found: list[str] = []
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # a name from the schema
            found.extend(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall())
    return "\n".join(found)


def test_add_answers_the_post_itself_with_id_secret_env_and_curl(browser: Browser) -> None:
    answer = browser.post(ADD, {**FORM, "once": once(browser)})
    page = answer.content.decode()
    client = Client.objects.get()
    secret = secret_in(page)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert credentials.is_kind(secret, credentials.Kind.CLIENT_SECRET)
    assert ClientSecret.objects.get().digest == credentials.digest(secret)
    assert f"CLIENT_ID={client.client_id}\nCLIENT_SECRET={secret}" in page
    assert "https://provider.example/token" in page
    assert client.redirect_uris == ("https://a.example/cb", "https://a.example/cb2")
    assert client.allowed_scopes == ["read"]
    assert client.registration_source == "admin"
    event = AuditEvent.objects.get(event="client_registered")
    assert (event.actor, event.client_id, event.address) == ("root", client.client_id, "127.0.0.1")


def test_secret_stands_in_no_table_session_message_header_cache_or_later_page(browser: Browser) -> None:
    answer = browser.post(ADD, {**FORM, "once": once(browser)})
    secret = secret_in(answer.content.decode())
    client = Client.objects.get()
    assert LogEntry.objects.count() == 1
    assert secret not in everything_stored()
    assert secret not in repr(dict(browser.session))
    assert secret not in repr(answer.headers) + repr(browser.cookies)
    assert secret not in repr(getattr(cache, "_cache", ""))
    for address in (
        *(f"/admin/oauth_provider/client/{client.pk}/{page}" for page in (*TABS, "history/")),
        "/admin/oauth_provider/client/",
        "/admin/oauth_provider/auditevent/",
        "/admin/",
    ):
        page = browser.get(address)
        assert page.status_code == 200
        assert secret not in page.content.decode()


def test_marker_is_found_where_it_is_so_the_scan_above_can_fail(browser: Browser) -> None:
    browser.post(ADD, {**FORM, "once": once(browser), "name": "marker-name"})
    assert "marker-name" in everything_stored()


def test_R19_same_form_sent_twice_makes_one_client_and_shows_no_secret(browser: Browser) -> None:
    form = {**FORM, "once": once(browser)}
    first = browser.post(ADD, form).content.decode()
    second = browser.post(ADD, form)
    page = second.content.decode()
    assert second.status_code == 409
    assert "no-store" in second["Cache-Control"]
    assert Client.objects.count() == ClientSecret.objects.count() == 1
    assert Client.objects.get().client_id in page
    assert secret_in(first) not in page
    assert "cannot be shown again" in page


def test_same_form_value_of_another_person_makes_their_own_client(browser: Browser, staff: Any) -> None:
    form = {**FORM, "once": once(browser)}
    browser.post(ADD, form)
    assert staff().post(ADD, form).status_code == 200
    assert Client.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"redirect_uris": "http://a.example/cb"}, "redirect_uris"),
        ({"redirect_uris": "https://a.example/cb#x"}, "redirect_uris"),
        ({"redirect_uris": ""}, "redirect_uris"),
        ({"profile": "machine"}, "redirect_uris"),
        ({"scopes": ["nonsense"]}, "scopes"),
        ({"default_scopes": ["write"]}, "default_scopes"),
        ({"name": "  "}, "name"),
        ({"name": "safe \u202eelif"}, "name"),
        ({"profile": "imported"}, "profile"),
        ({"once": "short"}, "once"),
        ({"redirect_uris": "\n".join(f"https://a.example/{n}" for n in range(300))}, "redirect_uris"),
    ],
)
def test_AS2_refusal_stands_at_its_field_and_writes_nothing(browser: Browser, change: Any, field: str) -> None:
    answer = browser.post(ADD, {**FORM, "once": once(browser), **change})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert "errorlist" in answer.content.decode()
    assert not Client.objects.exists()
    assert not apps.get_model("oauth2_provider.Application").objects.exists()


@pytest.mark.parametrize("profile", ["spa", "native", "mcp"])
def test_public_profile_shows_no_secret(browser: Browser, profile: str) -> None:
    page = browser.post(ADD, {**FORM, "once": once(browser), "profile": profile}).content.decode()
    assert "CLIENT_SECRET" not in page
    assert "public client" in page
    assert not ClientSecret.objects.exists()


def test_machine_curl_as_a_shell_reads_it_gets_a_token(browser: Browser, settings: Any) -> None:
    scopes = ["openid", "read", "write"]
    form = {"name": "Nightly", "profile": "machine", "scopes": scopes, "once": once(browser)}
    page = browser.post(ADD, form).content.decode()
    env, curl = blocks(page)[:2]
    variables = dict(line.split("=", 1) for line in env.splitlines())
    words = shlex.split(string.Template(curl).substitute(variables))
    assert words[:2] == ["curl", "-u"]
    data = dict(word.split("=", 1) for flag, word in pairwise(words) if flag in {"-d", "--data-urlencode"})
    settings.ROOT_URLCONF = "tests.urls"
    answer = Browser(headers={"Authorization": f"Basic {b64encode(words[2].encode()).decode()}"}).post(
        words[-1].removeprefix("https://provider.example"),
        urlencode(data),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["scope"] == "read write"


def test_web_curl_quotes_the_redirect_uri_for_the_shell(browser: Browser) -> None:
    odd = "https://a.example/cb?x='$(id)'&y=;"
    page = browser.post(ADD, {**FORM, "once": once(browser), "redirect_uris": odd}).content.decode()
    curl = blocks(page)[1]
    assert f"redirect_uri={odd}" in shlex.split(curl)
    assert "$(id)" not in curl.splitlines()[1]


def test_C64_name_of_markup_is_escaped_on_every_page(browser: Browser) -> None:
    pages = [browser.post(ADD, {**FORM, "once": once(browser), "name": EVIL})]
    pk = Client.objects.get().pk
    secret = ClientSecret.objects.get().pk
    base = f"/admin/oauth_provider/client/{pk}"
    paths = (*TABS, "history/", "suspend/", "revoke-access/", "archive/", f"secrets/{secret}/revoke/")
    pages.extend(browser.get(f"{base}/{path}") for path in paths)
    pages.append(browser.get("/admin/oauth_provider/client/"))
    pages.append(browser.get("/admin/"))
    for page in pages:
        assert page.status_code == 200
        assert "<img src=x" not in page.content.decode()
        assert "&lt;img src=x" in page.content.decode()


def test_add_without_permission_is_403_and_the_form_needs_a_csrf_token(staff: Any, superuser: Any) -> None:
    lacking = staff("add_client")
    assert lacking.get(ADD).status_code == 403
    assert lacking.post(ADD, {**FORM, "once": "0" * 32}).status_code == 403
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(superuser)
    assert strict.post(ADD, {**FORM, "once": "0" * 32}).status_code == 403
    assert not Client.objects.exists()


def test_pages_hold_no_inline_script_and_nothing_of_a_third_party(browser: Browser, web: Client) -> None:
    pages = (f"/admin/oauth_provider/client/{web.pk}/{page}" for page in (*TABS, "suspend/"))
    for address in (ADD, f"{ADD}?profile=web", *pages):
        page = browser.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", page)
        assert not re.search(r"\son\w+=", page)
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


def test_first_page_offers_every_profile_but_imported_and_each_card_leads_to_its_form(browser: Browser) -> None:
    page = browser.get(ADD).content.decode()
    offered = re.findall(r'href="\?profile=(\w+)"', page)
    assert set(offered) == {profile.value for profile in Profile} - {"imported"}
    for profile in offered:
        form = browser.get(f"{ADD}?profile={profile}").content.decode()
        assert 'name="once"' in form
        assert "What this kind implies" in form


@pytest.mark.parametrize(("profile", "most"), [("machine", 3), ("web", 4)])
def test_form_of_a_profile_asks_for_few_things(browser: Browser, profile: str, most: int) -> None:
    """Two pages, the cards and this one; what is typed here stands outside the folded part."""
    page = browser.get(f"{ADD}?profile={profile}").content.decode()
    unfolded = page[page.index('id="client_form"') : page.index("<details")]
    typed = set(re.findall(r'<(?:input type="text"|textarea|select)[^>]*name="(\w+)"', unfolded))
    assert 1 <= len(typed) <= most
    assert ("redirect_uris" in typed) is (profile == "web")


def test_refused_redirect_uri_says_the_rule_and_the_corrected_value_is_one_click_away(browser: Browser) -> None:
    form = {**FORM, "once": once(browser), "redirect_uris": "http://a.example/cb\nhttps://b.example/cb"}
    page = browser.post(ADD, form).content.decode()
    assert "use https; http is for 127.0.0.1" in page
    assert "https://a.example/cb" in page
    assert not Client.objects.exists()
    corrected = browser.post(ADD, {**form, "correct": "1"})
    assert not Client.objects.exists()
    assert blocks(corrected.content.decode())[0].split() == ["https://a.example/cb", "https://b.example/cb"]
    assert 'value="Notes"' in corrected.content.decode()
    assert browser.post(ADD, {**form, "redirect_uris": blocks(corrected.content.decode())[0]}).status_code == 200
    assert Client.objects.get().redirect_uris == ("https://a.example/cb", "https://b.example/cb")


def test_who_registers_a_client_owns_it(browser: Browser, superuser: Any) -> None:
    browser.post(ADD, {**FORM, "once": once(browser)})
    assert [owner.user for owner in Client.objects.get().owners.all()] == [superuser]


def test_who_may_not_approve_gets_a_draft_that_only_they_can_use(staff: Any) -> None:
    lacking = staff("approve_client")
    assert "starts as a draft" in lacking.get(f"{ADD}?profile=web").content.decode()
    assert lacking.post(ADD, {**FORM, "once": "0" * 32}).status_code == 200
    client = Client.objects.get()
    assert client.status == "draft"
    assert client.owners.count() == 1


def test_form_sent_for_a_machine_with_a_redirect_uri_says_what_is_wrong(browser: Browser) -> None:
    page = browser.post(ADD, {**FORM, "once": once(browser), "profile": "machine"}).content.decode()
    assert "This profile has no redirect" in page

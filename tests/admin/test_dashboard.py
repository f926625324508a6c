from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from oauth_provider.keys import rotation
from oauth_provider.models import AuditEvent, Client, ClientOwner, SigningKey
from oauth_provider.values import Event
from tests.admin.conftest import EVIL

LIST = "/admin/oauth_provider/client/"
DASHBOARD = f"{LIST}dashboard/"


def issue(client: Client, number: int = 1, grant_type: str = "refresh_token") -> None:
    for _ in range(number):
        AuditEvent.objects.record(Event.TOKEN_ISSUED, client=client, detail={"grant_type": grant_type})


def refuse(client_id: str, error: str = "invalid_grant") -> None:
    AuditEvent.objects.record(Event.TOKEN_REFUSED, client_id=client_id, detail={"error": error, "cause": "a cause"})


def register(name: str) -> Client:
    return Client.objects.register(name=name, profile="web", redirect_uris=["https://app.example/cb"])[0]


def section(page: str, name: str) -> str:
    """One section of the page as text."""
    html = page.split(f'id="oauth-{name}"', 1)[1].split("</section>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_charts_and_tables_say_the_same_numbers(browser: Browser, web: Client) -> None:
    issue(web, 1234)
    issue(register("Board"), 2, grant_type="client_credentials")
    refuse(web.client_id)
    refuse("stranger", "invalid_scope")
    page = browser.get(DASHBOARD).content.decode()
    by_client = section(page, "issued-by-client")
    # Once drawn, once in the table, where the client id stands too.
    assert by_client.count("1,234") == 2
    assert "Notes " + web.client_id in by_client
    assert "99.8 %" in by_client
    assert "Refresh token refresh_token 1,234" in section(page, "issued-by-grant-type")
    assert "Token refused invalid_grant 1 50.0 %" in section(page, "refused-by-reason")
    assert "No client has this id stranger 1 50.0 %" in section(page, "refused-by-client")
    assert f'<a href="{LIST}{web.pk}/change/">Notes</a>' in page
    assert page.count('role="img"') == 4


def test_each_drawing_has_a_name_and_says_where_its_numbers_stand(browser: Browser, web: Client) -> None:
    issue(web)
    page = browser.get(DASHBOARD).content.decode()
    drawings = re.findall(r'<svg class="oauth-bars".*?</svg>', page, re.DOTALL)
    assert len(drawings) == 2
    for drawing in drawings:
        title, described = re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', drawing)
        assert f'<title id="{title}">' in drawing
        assert f'<desc id="{described}">' in drawing


def test_the_page_needs_no_style_or_script_that_a_strict_policy_refuses(browser: Browser, web: Client) -> None:
    issue(web)
    content = browser.get(DASHBOARD).content.decode().split('id="content"')[1]
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=", content)


@pytest.mark.parametrize(
    ("asked", "shown"), [("", "7d"), ("24h", "24h"), ("30d", "30d"), ("1y", "7d"), ("'; --", "7d"), ("\x00", "7d")]
)
def test_period_is_one_of_three(browser: Browser, web: Client, asked: str, shown: str) -> None:
    answer = browser.get(DASHBOARD, {"period": asked})
    assert answer.status_code == 200
    assert f'href="?period={shown}" aria-current="page"' in answer.content.decode()


def test_only_the_period_is_counted(browser: Browser, web: Client) -> None:
    issue(web, 3)
    AuditEvent.objects.filter(event=Event.TOKEN_ISSUED).update(at=timezone.now() - timedelta(days=3))
    assert "Nothing in this period." in section(
        browser.get(f"{DASHBOARD}?period=24h").content.decode(), "issued-by-client"
    )
    assert "Nothing" not in section(browser.get(f"{DASHBOARD}?period=7d").content.decode(), "issued-by-client")


def test_neglected_clients_and_keys_are_listed(browser: Browser, web: Client, superuser: Any, settings: Any) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LAST_USED_SECONDS": 60}
    ClientOwner.objects.create(client=web, user=superuser)
    old = register("Forgotten")
    old.change(created_at=timezone.now() - timedelta(days=400))
    ClientOwner.objects.create(client=old, user=superuser)
    register("Orphan")
    rotation.ensure()
    SigningKey.objects.filter(alg="ES256").update(activated_at=timezone.now() - timedelta(days=1000))
    page = browser.get(DASHBOARD).content.decode()
    assert "Forgotten never" in section(page, "unused")
    assert "Orphan" not in section(page, "unused")
    assert "Orphan" in section(page, "without-owner")
    assert "Forgotten" not in section(page, "without-owner")
    assert re.search(r"ES256 \S+ .*1000 days due .* overdue", section(page, "keys"))
    assert "RS256" in section(page, "keys")


def test_what_is_not_shown_is_one_click_away(browser: Browser, db: None) -> None:
    for number in range(12):
        register(f"Orphan {number}")
    page = browser.get(DASHBOARD).content.decode()
    assert f'<a href="{LIST}?neglected=without-owner">All 12 of them</a>' in page
    assert browser.get(f"{LIST}?neglected=without-owner").context["cl"].result_count == 12
    assert browser.get(f"{LIST}?neglected=unused").context["cl"].result_count == 0


def test_an_empty_site_has_a_page_too(browser: Browser) -> None:
    page = browser.get(DASHBOARD).content.decode()
    assert "Nothing in this period." in page
    assert "No key yet" in page


def test_dashboard_costs_at_most_15_statements_however_much_there_is(staff: Any, settings: Any) -> None:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LAST_USED_SECONDS": 60}
    browser = staff()
    browser.get(DASHBOARD)  # content types are read once per process
    for number in range(50):
        client = register(f"App {number}")
        client.change(created_at=timezone.now() - timedelta(days=400))
        issue(client)
        refuse(client.client_id)
    with CaptureQueriesContext(connection) as first:
        assert browser.get(f"{DASHBOARD}?period=24h").status_code == 200
    with CaptureQueriesContext(connection) as again:
        assert browser.get(f"{DASHBOARD}?period=24h").status_code == 200
    assert len(first) <= 15
    assert len(again) == len(first) - 9, "the numbers are kept for a minute"


@pytest.mark.parametrize(
    ("held", "status"),
    [
        (("view_client", "view_event"), 200),
        (("change_client", "view_event"), 200),
        (("view_client",), 403),
        (("view_event",), 403),
        ((), 403),
    ],
)
def test_dashboard_needs_view_client_and_view_event(staff: Any, held: tuple[str, ...], status: int) -> None:
    assert staff(only=held).get(DASHBOARD).status_code == status


def test_who_holds_everything_else_is_refused(staff: Any) -> None:
    assert staff("view_event").get(DASHBOARD).status_code == 403
    assert staff("view_client", "change_client").get(DASHBOARD).status_code == 403


def test_who_is_not_signed_in_is_sent_to_sign_in(db: None) -> None:
    answer = Browser().get(DASHBOARD)
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_the_list_leads_there_whom_it_lets_in(staff: Any, browser: Browser, web: Client) -> None:
    link = f'href="{DASHBOARD}"'
    assert link in browser.get(LIST).content.decode()
    assert link in staff(only=("view_client", "view_event")).get(LIST).content.decode()
    assert link not in staff("view_event").get(LIST).content.decode()


def test_C64_markup_in_names_and_in_what_was_sent_is_escaped(browser: Browser, web: Client) -> None:
    web.rename(EVIL)
    issue(web)
    refuse(EVIL, error=EVIL)
    page = browser.get(DASHBOARD).content.decode()
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x") >= 3


def test_names_of_255_signs_are_cut_where_they_are_drawn_and_whole_in_the_table(browser: Browser, web: Client) -> None:
    web.rename("n" * 255)
    issue(web)
    page = browser.get(DASHBOARD).content.decode()
    drawn = re.search(r'<text class="oauth-bar-label"[^>]*>([^<]*)<', page)
    assert drawn is not None
    assert len(drawn[1]) == 36
    assert ">" + "n" * 255 + "</a>" in page


def test_numbers_follow_the_language_and_lengths_do_not(browser: Browser, web: Client) -> None:
    issue(web, 1)
    issue(register("Board"), 2)
    with translation.override("de"):
        page = browser.get(DASHBOARD).content.decode()
    assert 'width="50.0%"' in page
    # Rounded, not cut.
    assert "66,7 %" in page
    assert "33,3 %" in page

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.clients.redirect_uris import match
from oauth_provider.clients.would_match import Differs, Matches, NothingRegistered, would_match
from oauth_provider.models import Client
from tests.admin.filled import base, form_of

REGISTERED = ["https://a.example/cb", "https://a.example/other?x=1", "http://127.0.0.1/cb", "com.example.app:/cb"]


@pytest.mark.parametrize(
    ("asked", "registered", "is_exact"),
    [
        ("https://a.example/cb", "https://a.example/cb", True),
        ("com.example.app:/cb", "com.example.app:/cb", True),
        ("http://127.0.0.1/cb", "http://127.0.0.1/cb", True),
        ("http://127.0.0.1:49152/cb", "http://127.0.0.1/cb", False),
    ],
)
def test_AS1_yes_names_the_registered_one_and_the_rule(asked: str, registered: str, is_exact: bool) -> None:
    assert would_match(asked, REGISTERED) == Matches(registered, is_exact=is_exact)


@pytest.mark.parametrize(
    ("asked", "nearest", "rests", "why"),
    [
        ("https://a.example/cb/", "https://a.example/cb", ("/", ""), "ends in a slash"),
        ("https://a.example/CB", "https://a.example/cb", ("CB", "cb"), "Capital and small letters differ in the path"),
        ("http://a.example/cb", "https://a.example/cb", ("://a.example/cb", "s://a.example/cb"), "The scheme is http"),
        ("https://b.example/cb", "https://a.example/cb", ("b.example/cb", "a.example/cb"), "The host is b.example"),
        (
            "https://A.example/cb",
            "https://a.example/cb",
            ("A.example/cb", "a.example/cb"),
            "letters differ in the host",
        ),
        ("https://a.example:8443/cb", "https://a.example/cb", (":8443/cb", "/cb"), "The port is 8443"),
        ("https://a.example/other?x=2", "https://a.example/other?x=1", ("2", "1"), "The query differs"),
        ("https://a.example/cb?code=x&state=y", "https://a.example/cb", ("?code=x&state=y", ""), "Leave out what"),
        ("https://a.example/cb#x", "https://a.example/cb", ("#x", ""), "no #fragment"),
        ("https://a.example/nowhere", "https://a.example/cb", ("nowhere", "cb"), "The path is /nowhere"),
        ("http://127.0.0.1:99999/cb", "http://127.0.0.1/cb", (":99999/cb", "/cb"), "cannot be read"),
        ("https://[a", "https://a.example/cb", ("[a", "a.example/cb"), "cannot be read"),
    ],
)
def test_AS1_no_marks_the_first_difference_to_the_nearest_one(
    asked: str, nearest: str, rests: tuple[str, str], why: str
) -> None:
    answer = would_match(asked, REGISTERED)
    assert isinstance(answer, Differs)
    assert (answer.nearest, answer.asked_rest, answer.nearest_rest) == (nearest, *rests)
    assert answer.same + answer.asked_rest == asked
    assert why in " ".join(answer.why)
    assert not match(asked, REGISTERED)


def test_localhost_with_another_port_says_where_ports_are_free() -> None:
    answer = would_match("http://localhost:5000/cb", ["http://localhost:3000/cb"])
    assert isinstance(answer, Differs)
    assert "127.0.0.1 and [::1]" in " ".join(answer.why)


def test_without_a_registered_one_nothing_matches() -> None:
    assert would_match("https://a.example/cb", []) == NothingRegistered()


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x"])
def test_scheme_that_is_never_followed_does_not_match_though_it_is_registered(uri: str) -> None:
    answer = would_match(uri, [uri])
    assert isinstance(answer, Differs)
    assert answer.why == ("This scheme is never followed.",)
    assert not match(uri, [uri])


def test_tester_answers_on_the_page_and_changes_nothing(browser: Browser, web: Client) -> None:
    def ask(uri: str) -> str:
        return browser.get(base(web) + "redirect-uris/", {"uri": uri}).content.decode()

    assert "sign for sign.</p>" in ask("https://notes.example/cb").replace("\n", "")
    page = ask("https://notes.example/cb/")
    assert "Only one of them ends in a slash." in page
    assert "<mark>/</mark>" in page
    assert "&lt;script&gt;" in ask("https://notes.example/<script>")
    for odd in ("\x00", "https://[", " ", "x" * 5000, "https://a.example:port/"):
        assert browser.get(base(web) + "redirect-uris/", {"uri": odd}).status_code == 200


def test_refused_uri_offers_the_corrected_value_and_the_button_only_fills_it_in(browser: Browser, web: Client) -> None:
    given = "https://notes.example/cb\nhttp://other.example/cb#x"
    form = form_of(browser, web, "redirect-uris/", redirect_uris=given)
    page = browser.post(base(web) + "redirect-uris/", form).content.decode()
    assert "it must have no #fragment" in page
    assert "https://other.example/cb</bdi>" in page
    filled = browser.post(base(web) + "redirect-uris/", {**form, "correct": "1"})
    assert filled.context["form"]["redirect_uris"].value() == "https://notes.example/cb\nhttps://other.example/cb"
    assert Client.objects.get().redirect_uris == ("https://notes.example/cb",)
    form["redirect_uris"] = filled.context["form"]["redirect_uris"].value()
    assert browser.post(base(web) + "redirect-uris/", form).status_code == 302
    assert Client.objects.get().redirect_uris == ("https://notes.example/cb", "https://other.example/cb")

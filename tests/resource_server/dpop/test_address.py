"""DP1: the address of a proof (RFC 3986 §6.2), and the proxy."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from oauth_provider.sender_constraint import htu
from tests.resource_server.dpop.sending import (
    HERE,
    assert_let_in,
    assert_refused,
    send,
    show,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@pytest.mark.parametrize(
    "htu",
    [
        "HTTP://TESTSERVER/notes/a~b",
        "http://testserver:80/notes/a~b",
        "http://testserver/notes/a%7Eb",
        "http://testserver/notes/a%7eb",
        "http://testserver/notes/./x/../a~b",
        "http://testserver/%6eotes/a~b",
        "http://testserver/notes/a~b?page=2",
        "http://testserver/notes/a~b#top",
        "http://testserver:/notes/a~b",
    ],
)
def test_DP1_two_spellings_of_one_address_are_the_same(bound: Any, htu: str) -> None:
    assert show(bound, "/notes/a~b", claims={"htu": htu}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/notes/%C3%BC", "/notes/a%20b", "/notes/a%2Fb", "/notes/%FF", "/notes/a%25b", "/notes/a;b"]
)
def test_DP1_address_with_escapes_is_as_the_client_wrote_it(bound: Any, path: str) -> None:
    assert show(bound, path).status_code == 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example", "https://a.example/"),
        ("https://a.example:443/x", "https://A.example/x"),
        ("https://[::1]:443/x", "https://[::1]/x"),
        ("https://a.example/x/..", "https://a.example/"),
        ("https://a.example/x/y/.", "https://a.example/x/y/"),
        ("https://a.example/../x", "https://a.example/x"),
    ],
)
def test_addresses_that_are_the_same(one: str, other: str) -> None:
    assert htu.of_claim(one) == htu.of_claim(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example:444/x", "https://a.example/x"),
        ("https://a.example//x", "https://a.example/x"),
        ("http://a.example:443/x", "https://a.example/x"),
    ],
)
def test_addresses_that_differ(one: str, other: str) -> None:
    assert htu.of_claim(one) != htu.of_claim(other)


def test_DP1_behind_a_proxy_the_operator_reads_both_addresses_and_the_setting(bound: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO, logger="oauth_provider")
    assert_refused(show(bound, "/notes", claims={"htu": "https://testserver/notes"}), "other_request")
    assert "'https://testserver/notes'" in caplog.text
    assert "'http://testserver/notes'" in caplog.text
    assert "SECURE_PROXY_SSL_HEADER" in caplog.text


def test_DP1_proxy_that_the_site_trusts_says_the_scheme(bound: Any, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    secure = {"htu": "https://testserver/notes"}
    assert_let_in(show(bound, "/notes", claims=secure, HTTP_X_FORWARDED_PROTO="https", HTTP_HOST="testserver"))
    assert_refused(show(bound, "/notes", claims=secure), "other_request")


def test_RS11_proof_and_token_are_in_no_log_and_no_line_is_forged(bound: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    made = bound.prover.proof("GET", f"{HERE}/notes\nINFO forged", token=bound.token)
    send(bound.client, "/notes", token=bound.token, proof=made)
    show(bound, "/notes/x%0aINFO forged", claims={"htu": "x\r\ny"})
    bound.get("/notes")
    assert made not in caplog.text
    assert bound.token not in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("oauth_provider")]
    assert ours
    assert not any("\n" in line or "\r" in line for line in ours)

from __future__ import annotations

import pytest
from django.test import override_settings

from tests.checks.sites import AT_ROOT, NOTHING, UNDER_PREFIX, UNDER_PREFIX_WITH_WELL_KNOWN, found


def site(urls, issuer=None, *, debug=False):
    given = {} if issuer is None else {"ISSUER": issuer}
    return override_settings(ROOT_URLCONF=urls, OAUTH_PROVIDER=given, DEBUG=debug)


def test_issuer_where_the_urls_are_is_silent():
    with site(AT_ROOT, "https://a.example"):
        assert found() == {}
    with site(AT_ROOT, "http://127.0.0.1:8000", debug=True):
        assert found() == {}
    with site(UNDER_PREFIX_WITH_WELL_KNOWN, "https://a.example/o"):
        assert found() == {}


def test_E010_no_issuer_without_debug():
    with site(AT_ROOT):
        assert list(found()) == ["E010"]
    with site(AT_ROOT, debug=True):
        assert found() == {}


def test_no_issuer_is_no_error_before_the_urls_are_included():
    with site(NOTHING):
        assert found() == {}


def test_E011_issuer_is_not_https():
    with site(AT_ROOT, "http://a.example"):
        assert "http://a.example" in found()["E011"]


@pytest.mark.parametrize(
    "issuer",
    [
        "https://a.example/",
        "https://a.example?tenant=1",
        "https://a.example#x",
        "https://ada@a.example",
        "https://A.example",
        "https://a.example:port",
        "https://[::1",
        "a.example",
        "/o",
        "ftp://a.example",
    ],
)
def test_E012_issuer_with_more_than_scheme_host_port_and_path(issuer):
    with site(AT_ROOT, issuer):
        assert issuer in found()["E012"]


@pytest.mark.parametrize(
    ("urls", "issuer", "wanted"),
    [
        (AT_ROOT, "https://a.example/o", "https://a.example"),
        (UNDER_PREFIX_WITH_WELL_KNOWN, "https://a.example", "https://a.example/o"),
    ],
)
def test_E013_issuer_elsewhere_than_the_urls_shows_both(urls, issuer, wanted):
    with site(urls, issuer):
        text = found()["E013"]
    assert repr(issuer) in text
    assert repr(wanted) in text
    assert "/token" in text


def test_E014_under_a_prefix_the_metadata_must_be_served_at_the_root():
    with site(UNDER_PREFIX, "https://a.example/o"):
        assert "/.well-known/oauth-authorization-server/o" in found()["E014"]

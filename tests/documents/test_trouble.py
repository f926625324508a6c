"""What goes wrong on the way to a document; to the person it all looks the same."""

from __future__ import annotations

import time

import pytest

from oauth_provider.models import Client
from tests.documents.published import Ask, refused
from tests.internet import http

pytestmark = pytest.mark.django_db


def test_C59_document_inside_is_refused_and_the_listener_sees_nobody(internet, flow, change):
    change(CLIENT_ID_METADATA_HOSTS=["*"])
    inside = internet.inside()
    for number, address in enumerate(
        ["127.0.0.1", "169.254.169.254", "::ffff:7f00:1", "64:ff9b:1::7f00:1", "10.0.0.1"]
    ):
        internet.name(f"app{number}.example", [address])
        page = refused(flow.authorize(Ask(f"https://app{number}.example/c")))
        # To a stranger every trouble looks the same.
        assert "could not be read" in page
        assert address not in page
    assert (inside.connections, internet.connected) == (0, [])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http(status="301 Moved", Location="https://app.example/other"), id="301"),
        pytest.param(http(status="500 Trouble"), id="500"),
        pytest.param(http(status="201 Created"), id="201"),
        pytest.param(http(b"x" * 16_385), id="longer than 16 KB"),
        pytest.param(http(b"x", Content_Encoding="gzip"), id="packed"),
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
    ],
)
def test_C61_answer_that_is_no_document_is_refused(internet, flow, answer):
    internet.site("app.example", answer)
    page = refused(flow.authorize(Ask()))
    assert "could not be read" in page
    assert not Client.objects.exists()


def test_C61_certificate_of_another_name_is_refused(internet, flow):
    site = internet.site("app.example", certificate="evil.example")
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert site.requests == []


def test_C61_slow_document_ends_within_the_deadline_and_the_next_request_does_not_wait(internet, flow, conf_client):
    def drip(connection, asked):
        for _ in range(60):
            connection.sendall(b"H")
            time.sleep(1)

    internet.site("app.example", drip)
    begin = time.monotonic()
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert time.monotonic() - begin < 15
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert internet.lookups == ["app.example"]
    assert flow.authorize(conf_client).status_code == 200

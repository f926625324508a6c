"""The walk from outside: against the project's own site, against one that is wrong in one thing, and over TLS."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError

from oauth_provider.insight import doctor
from oauth_provider.insight.doctor.as_client import transport
from oauth_provider.insight.doctor.as_client.asking import Site
from oauth_provider.outbound import visit as visiting
from oauth_provider.outbound.refused import Refused
from tests.clients.live_site import LiveSite, running_site
from tests.doctor.fake_site import ANY_PAGE, METADATA, Answer, FakeSite
from tests.doctor.told import run
from tests.internet import ADDRESS, http

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Iterator[LiveSite]:
    with running_site(tmp_path_factory.mktemp("doctor")) as running:
        yield running


@pytest.fixture(scope="module")
def _fake() -> Iterator[FakeSite]:
    site = FakeSite()
    yield site
    site.stop()


@pytest.fixture
def fake(_fake) -> FakeSite:
    _fake.answers, _fake.date, _fake.bodies = _fake.right_answers(), None, []
    return _fake


def wrong(address: str) -> dict[str, str]:
    """What is not ok, by name, with its sentence."""
    return {
        found.name: f"{found.state.value}: {found.sentence}"
        for found in doctor.examine_as_client(address)
        if found.state != "ok"
    }


@pytest.mark.live
def test_our_own_site_is_well(live):
    status, said = run("--as-client", live.url)
    assert status == 0, said
    assert said.splitlines()[-1].endswith(" ok, 0 warning, 0 problem")
    for name in ("openid-configuration", "/jwks", "/authorize", "401 invalid_client", "405 invalid_request", "/login"):
        assert name in said
    # A slash at the end is how people write it.
    assert run("--as-client", f"{live.url}/")[0] == 0


@pytest.mark.live
def test_our_own_site_under_another_address_is_not(live):
    status, said = run("--as-client", live.url.replace("127.0.0.1", "localhost"))
    assert status == 1
    # ALLOWED_HOSTS of that site does not name it.
    assert "instead of metadata" in said


def test_a_site_that_is_right_is_well(fake):
    assert wrong(fake.url) == {}


def changed(fake: FakeSite, key: str, **values: Any) -> None:
    answer = fake.answers[key]
    for name, value in values.items():
        setattr(answer, name, value)


def document(fake: FakeSite, **members: Any) -> None:
    for path in METADATA:
        fake.answers[f"GET {path}"].body.update(members)


BROKEN = {
    "issuer": lambda fake: document(fake, issuer=f"{fake.url}/"),
    "discovery": lambda fake: fake.answers.pop(f"GET {METADATA[1]}"),
    "discovery-cors": lambda fake: changed(fake, f"GET {METADATA[0]}", headers={}),
    "endpoints": lambda fake: document(fake, revocation_endpoint="http://inside.example/revoke"),
    "jwks": lambda fake: changed(fake, "GET /jwks", body={"keys": []}),
    "protected-resource": lambda fake: fake.answers.update(
        {"GET /.well-known/oauth-protected-resource": Answer(200, {"authorization_servers": ["https://o.example"]})}
    ),
    "authorize": lambda fake: changed(
        fake, "GET /authorize", status=302, headers={"Location": "https://doctor.invalid/callback?code=1"}
    ),
    "frames": lambda fake: changed(fake, "GET /authorize", headers={}),
    "token-method": lambda fake: changed(fake, "GET /token", body="<h1>405"),
    "token-client": lambda fake: changed(fake, "POST /token", headers={"Cache-Control": "max-age=60"}),
    "cors": lambda fake: changed(fake, "OPTIONS /token", headers=dict(ANY_PAGE)),
    "cors-public": lambda fake: changed(fake, "GET /jwks", headers={}),
    "challenge": lambda fake: changed(fake, "GET /userinfo", status=302, headers={"Location": "/login"}),
    "clock": lambda fake: setattr(fake, "date", "Mon, 01 Jan 2024 00:00:00 GMT"),
    "sign-in": lambda fake: changed(fake, "GET /login", status=500),
    "cookies": lambda fake: changed(fake, "GET /login", headers={"Set-Cookie": "csrftoken=hidden-value; Path=/"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_site_that_is_wrong_in_one_thing(fake, name):
    BROKEN[name](fake)
    found = wrong(fake.url)
    assert name in found
    assert set(found) <= {name, "frames"}
    status, said = run("--as-client", fake.url, "--strict")
    assert status == 1
    assert "→" in said
    assert "hidden-value" not in said


@pytest.mark.parametrize(
    ("key", "values", "name", "sentence"),
    [
        ("POST /token", {"status": 200}, "token-client", "200"),
        ("POST /token", {"body": {"error": "server_error"}}, "token-client", "'server_error'"),
        ("GET /jwks", {"body": {"keys": [{"kty": "RSA", "d": "x"}]}}, "jwks", "private key"),
        ("GET /jwks", {"status": 502, "body": "<h1>"}, "jwks", "502"),
        ("GET /authorize", {"status": 200}, "authorize", "200"),
        ("GET /authorize", {"status": 302, "headers": {"Location": "/login?next=x"}}, "authorize", "'/login'"),
        ("GET /authorize", {"status": 500}, "authorize", "500"),
        (
            "OPTIONS /token",
            {"headers": ANY_PAGE | {"Access-Control-Allow-Credentials": "true"}},
            "cors",
            "problem: ",
        ),
        ("GET /login", {"headers": {"Set-Cookie": "sessionid=x; SameSite=Lax"}}, "cookies", "without httponly"),
        (
            "GET /connected-apps/",
            {"headers": {"Location": "http://inside.example/login?next=secret"}},
            "sign-in",
            "'http://inside.example/login'",
        ),
    ],
)
def test_other_ways_to_be_wrong(fake, key, values, name, sentence):
    changed(fake, key, **values)
    assert sentence in wrong(fake.url)[name]


def test_both_issuers_are_named(fake):
    document(fake, issuer="https://other.example")
    said = wrong(fake.url)["issuer"]
    assert "'https://other.example'" in said
    assert repr(fake.url) in said


def test_a_site_that_sends_no_date(fake):
    fake.date = ""
    assert wrong(fake.url)["clock"].startswith("warning: ")


def test_nothing_that_is_sent_is_anybodys(fake):
    list(doctor.examine_as_client(fake.url))
    assert [body for body in fake.bodies if body] == [
        "grant_type=client_credentials&client_id=oauth_doctor_no_such_client&client_secret=none"
    ]


def test_where_nobody_answers():
    status, said = run("--as-client", "http://127.0.0.1:9")
    assert status == 1
    assert "no answer" in said


def test_as_json(fake):
    changed(fake, "GET /authorize", status=200)
    status, said = run("--as-client", fake.url, "--format", "json")
    assert status == 1
    found = json.loads(said)
    (bad,) = [one for one in found if one["state"] == "problem"]
    assert (bad["group"], bad["name"]) == ("endpoints", "authorize")
    assert bad["fix"]


@pytest.mark.parametrize("address", ["provider.example", "ftp://provider.example", "https://", "https://a.example?b=c"])
def test_what_is_no_address_is_said(address):
    with pytest.raises(CommandError, match="--as-client"):
        run("--as-client", address)


def test_from_dot_is_not_seen_from_outside():
    with pytest.raises(CommandError, match="--from-dot"):
        run("--as-client", "https://a.example", "--from-dot")


# ── Over TLS ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_certificate_that_ends_tomorrow_and_no_hsts(internet):
    internet.site("provider.test", http(b"{}"))
    found = wrong("https://provider.test")
    # Those of the test's authority hold for a day.
    assert "in 0 days" in found["tls"]
    assert found["tls"].startswith("problem: The certificate is trusted")
    assert found["hsts"].startswith("warning: ")


def test_hsts_and_a_cookie_that_is_not_secure(internet):
    answer = http(
        b"{}", Strict_Transport_Security="max-age=31536000", Set_Cookie="sessionid=hidden-value; SameSite=Lax; HttpOnly"
    )
    internet.site("provider.test", answer)
    found = wrong("https://provider.test")
    assert "hsts" not in found
    assert "'sessionid'" in found["cookies"]
    assert "secure" in found["cookies"]
    assert "hidden-value" not in str(found)


def test_a_certificate_of_another_name(internet):
    internet.site("provider.test", http(b"{}"), certificate="other.test")
    found = wrong("https://provider.test")
    assert "certificate is refused" in found["discovery"]


@pytest.mark.parametrize(("days", "state"), [(3, "problem"), (14, "warning"), (60, "ok")])
def test_a_certificate_is_renewed_in_time(days, state):
    ends = datetime.now(tz=UTC) + timedelta(days=days, hours=1)
    seen = visiting.Visited("https://provider.test", 200, {}, (), b"", ends)
    (found,) = transport.certificate(Site("https://provider.test", visited=[seen]))
    assert found.state == state
    assert f"in {days} days" in found.sentence


@pytest.mark.parametrize(
    ("status", "location", "state"),
    [
        (301, "https://provider.test/", "ok"),
        (302, "https://provider.test/", "warning"),
        (200, "", "problem"),
        (301, "https://elsewhere.test/", "problem"),
    ],
)
def test_http_leads_to_https(internet, fake, status, location, state):
    internet.site("provider.test", http(b"{}"))
    internet.plain[ADDRESS] = fake.server.server_port
    fake.answers["GET /"] = Answer(status, "", {"Location": location} if location else {})
    found = wrong("https://provider.test").get("http", "ok")
    assert found.startswith(state)


def test_http_on_another_machine_is_a_problem(internet):
    internet.names["provider.test"] = [["127.0.0.1"]]
    assert "not https" in wrong("http://provider.test:9")["tls"]


# ── The visit itself ──────────────────────────────────────────────────────────────────────────────────────


def test_a_redirect_is_not_followed(fake):
    changed(fake, "GET /jwks", status=302, headers={"Location": "https://elsewhere.example/"})
    answer = visiting.visit(f"{fake.url}/jwks")
    assert (answer.status, answer.headers["location"]) == (302, "https://elsewhere.example/")


def test_a_long_answer_is_refused(fake):
    changed(fake, "GET /jwks", body="x" * (visiting.MAX_BYTES + 1))
    with pytest.raises(Refused, match="longer"):
        visiting.visit(f"{fake.url}/jwks")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "http://user:password@127.0.0.1/", "gopher://a/"])
def test_only_http(url):
    with pytest.raises(Refused):
        visiting.visit(url)


def test_who_never_answers_is_over_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Refused, match=r"longer than 0\.3 seconds"):
        visiting.visit(f"http://127.0.0.1:{silent.getsockname()[1]}/", deadline=0.3)

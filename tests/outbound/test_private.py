"""URLs the operator wrote: inside the network, and only as far as the operator wrote them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from oauth_provider import outbound
from tests.internet import http


@pytest.fixture
def inside():
    """A plain http server of this machine; `seen` are method, path, headers and body of what arrives."""
    seen: list = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer()

        def do_POST(self):
            self._answer()

        def _answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append((self.command, self.path, dict(self.headers), body))
            if self.path == "/away":
                self.send_response(307)
                self.send_header("Location", "/there")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    server.seen = seen
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    server.server_close()


def refusal(url: str, **wanted) -> str:
    with pytest.raises(outbound.Refused) as refused:
        outbound.fetch(url, **wanted)
    return refused.value.reason


def test_loopback_is_reached_without_tls_when_the_operator_wrote_it_and_never_else(inside):
    assert outbound.fetch(f"{inside.url}/x?y=1", private=True).body == b"{}"
    assert inside.seen[0][:2] == ("GET", "/x?y=1")
    assert inside.seen[0][2]["Host"] == inside.url.removeprefix("http://")
    assert "https" in refusal(f"{inside.url}/x")
    assert len(inside.seen) == 1


def test_localhost_by_name_is_this_machine(inside):
    port = inside.server_address[1]
    assert outbound.fetch(f"http://localhost:{port}/", private=True).status == 200


def test_form_arrives_as_a_post_with_its_authorization(inside):
    form = outbound.Form(b"token=abc", "Basic eDp5")
    assert outbound.fetch(f"{inside.url}/introspect", form=form, private=True).status == 200
    method, path, headers, body = inside.seen[0]
    assert (method, path, body) == ("POST", "/introspect", b"token=abc")
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/x-www-form-urlencoded", "Basic eDp5")


def test_form_and_its_authorization_are_in_no_repr():
    assert "secret" not in repr(outbound.Form(b"secret", "Basic secret"))


def test_redirect_of_a_post_is_refused_and_not_followed(inside):
    assert "redirects" in refusal(f"{inside.url}/away", form=outbound.Form(b"token=abc", "Basic x"), private=True)
    assert [path for _, path, *_ in inside.seen] == ["/away"]


def test_form_goes_to_a_public_host_by_tls(internet):
    def answer(connection, asked):
        # Who closes with something unread resets the connection.
        while not asked.endswith(b"a=b"):
            asked += connection.recv(100)
        connection.sendall(http(b"{}"))

    site = internet.site("app.example", answer)
    assert outbound.fetch("https://app.example/introspect", form=outbound.Form(b"a=b", "Basic x")).status == 200
    assert site.requests[0].startswith(b"POST /introspect HTTP/1.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.7", "[::1]", "keycloak", "login.internal"])
def test_private_address_that_nobody_wrote_stays_closed(host):
    assert refusal(f"https://{host}/x")


def test_private_name_is_reached_by_tls_and_on_any_port_when_the_operator_wrote_it(internet):
    site = internet.site("keycloak.internal", http(b"{}"), address="10.0.0.7")
    assert outbound.fetch("https://keycloak.internal/x", private=True).status == 200
    assert outbound.fetch("https://keycloak.internal:8443/x", private=True).status == 200
    assert b"Host: keycloak.internal:8443" in site.requests[1]
    assert internet.connected == ["10.0.0.7", "10.0.0.7"]


def test_private_name_without_tls_is_refused_off_this_machine(internet):
    internet.names["keycloak.internal"] = [["10.0.0.7"]]
    assert "without TLS" in refusal("http://keycloak.internal:8080/x", private=True)
    assert internet.connected == []


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254", "168.63.129.16",  # noqa: S104
        "fd00:ec2::254",
    ],
)  # fmt: skip
def test_SSRF_metadata_of_the_machine_stays_closed_to_private_names_too(internet, address):
    internet.names["keycloak.internal"] = [[address]]
    assert "no server" in refusal("https://keycloak.internal/x", private=True)
    assert internet.connected == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/x", "http://user:pw@127.0.0.1/x", "http://127.0.0.1/x#y", "http:///x", "http://127.0.0.1:x/",
        "127.0.0.1/x", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/ü",
    ],
)  # fmt: skip
def test_odd_private_urls_are_refused(url):
    assert refusal(url, private=True)

"""What other servers may do to us while we listen to them (C61): nothing of it lasts, and nobody else waits."""

from __future__ import annotations

import gc
import gzip
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection as database
from django.db import transaction

from oauth_provider import outbound
from oauth_provider.outbound import crowd
from tests.internet import ADDRESS, ADDRESS6, Authority, http

URL = "https://app.example/client.json"
OTHER = "8.8.8.8"
# Far above what is waited for, far below what a drip would take.
CEILING = 15


def refusal(url: str = URL, **wanted) -> str:
    with pytest.raises(outbound.Refused) as refused:
        outbound.fetch(url, **wanted)
    return refused.value.reason


def drip(head: bytes, byte: bytes = b"x"):
    """One byte a second, for longer than anybody should wait."""

    def answer(connection, asked):
        connection.sendall(head)
        for _ in range(3 * CEILING):
            connection.sendall(byte)
            time.sleep(1)

    return answer


def test_answer_of_the_right_name_arrives_with_status_headers_and_body(internet):
    site = internet.site("app.example", http(b'{"a": 1}', Cache_Control="max-age=60"))
    fetched = outbound.fetch(f"{URL}?version=1", accept="application/json")
    assert (fetched.status, fetched.body) == (200, b'{"a": 1}')
    assert fetched.headers["cache-control"] == "max-age=60"
    head = site.requests[0].decode().split("\r\n")
    assert head[0] == "GET /client.json?version=1 HTTP/1.1"
    assert {"Host: app.example", "Accept: application/json", "Accept-Encoding: identity"} <= set(head)
    assert not [line for line in head if line.lower().startswith(("cookie", "authorization", "referer"))]


def test_error_answer_is_an_answer(internet):
    internet.site("app.example", http(b"gone", status="410 Gone"))
    assert (outbound.fetch(URL).status, outbound.fetch(URL).body) == (410, b"gone")


def test_chunked_answer_and_one_that_ends_with_the_connection_are_read(internet):
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n3\r\n 1}\r\n0\r\n\r\n'
    internet.site("app.example", chunked)
    assert outbound.fetch(URL).body == b'{"a": 1}'
    internet.site("app.example", http(b'{"a": 1}', length=False))
    assert outbound.fetch(URL).body == b'{"a": 1}'


def test_C61_certificate_of_another_name_is_refused_before_anything_is_asked(internet):
    site = internet.site("app.example", certificate="evil.example")
    assert "spoken to" in refusal()
    assert site.requests == []


def test_C61_certificate_for_the_address_does_not_count_for_the_name(internet):
    site = internet.site("app.example", certificate=ADDRESS)
    assert "spoken to" in refusal()
    assert site.requests == []


def test_C61_certificate_of_a_ca_nobody_trusts_is_refused(internet, tmp_path):
    internet.authority = Authority(tmp_path)
    site = internet.site("app.example")
    assert "spoken to" in refusal()
    assert site.requests == []


@pytest.mark.parametrize(
    ("head", "byte"),
    [
        pytest.param(b"", b"H", id="status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"x", id="header"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", b"\r", id="continue"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x", id="body with a length"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x", id="body without a length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", b"x", id="chunk"),
    ],
)
def test_C61_slow_drip_ends_at_the_deadline_and_others_go_on_meanwhile(internet, head, byte):
    internet.site("app.example", drip(head, byte))
    internet.site("other.example", http(b"[]"), address=OTHER)
    begin = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(refusal, deadline=1.5)
        while not internet.connected:
            time.sleep(0.01)
        assert outbound.fetch("https://other.example/x").body == b"[]"
        assert not slow.done()
        assert slow.result(CEILING) == "it took longer than 1.5 seconds"
    assert time.monotonic() - begin < CEILING


def test_C61_silent_server_and_silent_handshake_end_at_the_deadline(internet):
    internet.site("app.example", lambda *_: time.sleep(CEILING))
    assert "longer than 0.5 seconds" in refusal(deadline=0.5)
    silent = internet.site("other.example", address=OTHER)
    silent._speak = lambda connection: (time.sleep(2), connection.close())
    assert "longer than 0.5 seconds" in refusal("https://other.example/x", deadline=0.5)


def test_C61_slow_dns_ends_at_the_deadline_and_other_names_are_found(internet):
    internet.slow_names["app.example"] = threading.Event()
    internet.site("other.example", address=OTHER)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(refusal, deadline=1)
        while not internet.lookups:
            time.sleep(0.01)
        assert outbound.fetch("https://other.example/x").status == 200
        assert slow.result(CEILING) == "its name was not looked up in time"
    assert internet.connected == [OTHER]


def test_slow_names_take_no_more_than_their_threads(internet):
    names = [f"slow{number}.example" for number in range(12)]
    internet.slow_names.update({name: threading.Event() for name in names})
    with ThreadPoolExecutor(12) as pool:
        reasons = list(pool.map(lambda name: refusal(f"https://{name}/x", deadline=0.5), names))
    assert len(internet.lookups) == 8
    assert len(reasons) == 12
    # Names that were not looked up because of the others are not in trouble.
    assert sum("too many names" in reason for reason in reasons) == len(reasons) - len(internet.lookups)
    assert len(crowd._trouble) == len(internet.lookups)
    for waiting in internet.slow_names.values():
        waiting.set()
    internet.site("app.example")
    assert outbound.fetch(URL).status == 200


def test_C61_packed_answer_is_refused_and_never_unpacked(internet):
    bomb = gzip.compress(b"\x00" * 10_000_000)
    assert len(bomb) < 16_384
    for encoding in ("gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip"):
        internet.site("app.example", http(bomb, Content_Encoding=encoding))
        assert "packed" in refusal()
    internet.site("app.example", http(b"{}", Content_Encoding="identity"))
    assert outbound.fetch(URL).body == b"{}"


@pytest.mark.parametrize("length", [True, False])
def test_C61_answer_longer_than_allowed_is_refused(internet, length):
    internet.site("app.example", http(b"x" * 65_537, length=length))
    assert "longer than 65536 bytes" in refusal()
    internet.site("app.example", http(b"x" * 65_536, length=length))
    assert len(outbound.fetch(URL).body) == 65_536
    assert "longer than 100 bytes" in refusal(max_bytes=100)


def test_C61_endless_answer_is_left_early(internet):
    def endless(connection, asked):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    internet.site("app.example", endless)
    assert "longer than 65536 bytes" in refusal(deadline=CEILING)


def test_C61_flood_of_headers_is_refused(internet):
    many = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n{}"
    internet.site("app.example", many)
    assert "cannot be read" in refusal()
    long = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}"
    internet.site("app.example", long)
    assert "cannot be read" in refusal()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
def test_C61_redirect_is_refused(internet, status):
    site = internet.site("app.example", http(status=f"{status} There", Location="https://app.example/there"))
    assert "redirects" in refusal()
    assert site.paths == ["/client.json"]


# urllib3 leaves the file of an answer with two lengths to the garbage collector; its connection has ended by then.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\x01\x02",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n{}",
    ],
)
def test_answer_that_is_no_http_is_refused(internet, answer):
    internet.site("app.example", answer)
    assert refusal(deadline=2)
    gc.collect()


def test_only_two_are_at_one_host_at_once_and_other_hosts_do_not_notice(internet):
    at_once, most = [0], [0]
    lock, go = threading.Lock(), threading.Event()

    def count(connection, asked):
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        go.wait(CEILING)
        with lock:
            at_once[0] -= 1
        connection.sendall(http())

    internet.site("app.example", count)
    internet.site("other.example", address=OTHER)
    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(outbound.fetch, f"{URL}?{number}", deadline=CEILING) for number in range(5)]
        while at_once[0] < 2:
            time.sleep(0.01)
        assert outbound.fetch("https://other.example/x").status == 200
        assert "waiting for its host" in refusal(f"{URL}?late", deadline=0.3)
        go.set()
        assert [answer.result(CEILING).status for answer in answers] == [200] * 5
    assert most == [2]
    assert crowd._under_way == {}


def test_host_in_trouble_is_left_alone_for_a_while_and_errors_are_not_remembered(internet, monkeypatch):
    internet.name("app.example", ["127.0.0.1"])
    refusal()
    assert "less than 30 seconds ago" in refusal()
    assert "less than 30 seconds ago" in refusal("https://app.example/another")
    assert len(internet.lookups) == 1
    site = internet.site("other.example", http(status="404 Not Found"), address=OTHER)
    assert [outbound.fetch("https://other.example/x").status for _ in range(3)] == [404] * 3
    assert site.connections == 3
    monkeypatch.setattr(crowd, "TROUBLE_SECONDS", 0)
    refusal()
    assert internet.lookups.count("app.example") == 2


def test_slow_document_does_not_speak_for_its_whole_host(internet):
    def answer(connection, asked):
        if b"/slow" in asked:
            drip(b"HTTP/1.1 200 OK\r\nX: ")(connection, asked)
        connection.sendall(http())

    internet.site("app.example", answer)
    assert "longer than" in refusal("https://app.example/slow", deadline=0.5)
    assert "less than 30 seconds ago" in refusal("https://app.example/slow")
    assert outbound.fetch("https://app.example/fast").status == 200


def test_what_is_remembered_of_hosts_is_bounded(internet):
    for number in range(1000):
        crowd.note_trouble(f"host{number}.example", "unreachable")
    assert len(crowd._trouble) == 256
    with pytest.raises(outbound.Refused):
        crowd.check("host999.example")
    crowd.check("host0.example")


def test_next_address_is_tried_where_one_cannot_be_reached(internet):
    internet.site("app.example")
    internet.name("app.example", [ADDRESS6, OTHER, ADDRESS])
    assert outbound.fetch(URL).status == 200
    assert internet.connected == [ADDRESS6, OTHER, ADDRESS]
    internet.name("nobody.example", [ADDRESS6, OTHER])
    assert "cannot be reached" in refusal("https://nobody.example/x")


def test_proxies_of_the_environment_are_not_used(internet, monkeypatch):
    proxy = internet.inside()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    internet.site("app.example")
    assert outbound.fetch(URL).status == 200
    assert (internet.connected, proxy.connections) == ([ADDRESS], 0)


class Proxy:
    """Takes CONNECT and pipes; what it was asked is kept."""

    def __init__(self, listener=None, status: bytes = b"200 OK") -> None:
        self.asked: list[bytes] = []
        self._listener, self._status = listener, status
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return self.socket.getsockname()[1]

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._pipe, args=(here,), daemon=True).start()

    def _pipe(self, here: socket.socket) -> None:
        with here:
            self.asked.append(here.recv(65_536))
            here.sendall(b"HTTP/1.1 " + self._status + b"\r\n\r\n")
            if self._listener is None:
                return
            with socket.create_connection(("127.0.0.1", self._listener.port)) as there:
                back = threading.Thread(target=_copy, args=(there, here), daemon=True)
                back.start()
                _copy(here, there)
                back.join(CEILING)


def _copy(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.fixture
def proxied(settings):
    made = []

    def use(proxy: Proxy, login: str = "") -> Proxy:
        made.append(proxy)
        settings.OAUTH_PROVIDER = {
            **settings.OAUTH_PROVIDER,
            "EGRESS_PROXY": f"http://{login}127.0.0.1:{proxy.port}",
        }
        return proxy

    yield use
    for proxy in made:
        proxy.socket.close()


def test_egress_proxy_gets_the_name_and_tls_goes_through_it_to_the_host(internet, proxied):
    site = internet.site("app.example")
    proxy = proxied(Proxy(site), login="provider:p%40ss@")
    internet.name("app.example", ["10.0.0.1"])
    assert outbound.fetch(URL).status == 200
    assert proxy.asked[0].startswith(b"CONNECT app.example:443 ")
    assert b"proxy-authorization: Basic cHJvdmlkZXI6cEBzcw==" in proxy.asked[0].replace(b"Proxy-A", b"proxy-a")
    assert internet.lookups == []
    assert b"uthorization" not in site.requests[0]
    outbound.check(URL, resolve=True)
    assert internet.lookups == []


def test_egress_proxy_cannot_answer_for_the_host(internet, proxied):
    proxied(Proxy(internet.site("app.example", certificate="evil.example")))
    assert "spoken to" in refusal()


def test_refusal_of_the_egress_proxy_is_a_refusal(internet, proxied):
    proxied(Proxy(status=b"403 Forbidden"))
    assert "403" in refusal()


def test_rules_of_urls_hold_behind_the_egress_proxy_too(internet, proxied):
    proxy = proxied(Proxy())
    for url in ("https://127.0.0.1/x", "https://localhost/x", "http://app.example/x"):
        refusal(url)
    assert proxy.asked == []


@pytest.mark.django_db
def test_nothing_is_fetched_within_a_transaction(internet):
    site = internet.site("app.example")
    assert database.in_atomic_block
    assert outbound.fetch(URL).status == 200
    with transaction.atomic():
        assert "transaction is open" in refusal()
        with pytest.raises(outbound.Refused, match="transaction is open"):
            outbound.check(URL, resolve=True)
        outbound.check(URL)
    assert site.connections == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_fetched_within_the_outermost_transaction(internet):
    site = internet.site("app.example")
    with transaction.atomic():
        assert "transaction is open" in refusal()
    assert outbound.fetch(URL).status == 200
    assert site.connections == 1


def test_each_refusal_is_one_line_without_the_query(internet, caplog):
    with caplog.at_level(logging.WARNING, logger="oauth_provider.outbound"):
        refusal("https://127.0.0.1/client.json?secret=xyz\r\nX")
        refusal("https://ada:xyz@app.example/client.json#xyz")
        with pytest.raises(outbound.Refused):
            outbound.check("http://app.example/" + "x" * 5000)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 3
    assert all("\n" not in line and len(line) < 400 and "xyz" not in line for line in lines)
    assert "not fetched: 'https://127.0.0.1/client.json'" in lines[0]
    assert "not fetched: 'https://app.example/client.json'" in lines[1]


def test_nothing_is_left_behind(internet):
    """Threads, sockets: as many as before."""

    def handles() -> int:
        folder = Path("/proc/self/fd")
        return len(list(folder.iterdir())) if folder.is_dir() else 0

    internet.site("app.example")
    outbound.fetch(URL)
    time.sleep(0.2)
    threads, open_files = threading.active_count(), handles()
    for _ in range(20):
        outbound.fetch(URL)
    begin = time.monotonic()
    while (threading.active_count() > threads or handles() > open_files) and time.monotonic() - begin < CEILING:
        time.sleep(0.05)
    assert threading.active_count() <= threads
    assert handles() <= open_files

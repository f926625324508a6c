"""Every trick of security 4.5 to reach a place inside; the listener there must see no connection (C59)."""

from __future__ import annotations

import pytest

from oauth_provider import outbound
from oauth_provider.outbound import addresses
from tests.internet import ADDRESS, ADDRESS6, http

# Spelled so that some library, somewhere, takes it for 127.0.0.1 or ::1.
LITERALS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",  # noqa: S104
    "2130706433",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "00000177.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::1:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[fe80::1%25lo]",
    "[v1.a]",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "127\uff0e0\uff0e0\uff0e1",
    "\u2460\u2461\u2466.0.0.1",
    "127.0.0.1%00.app.example",
    "127%2e0%2e0%2e1",
]
WRONG = [
    "",
    "app.example",
    "//app.example/x",
    "http://app.example/x",
    "ftp://app.example/x",
    "file:///etc/passwd",
    "gopher://app.example/x",
    "javascript:alert(1)",
    "https:/app.example/x",
    "https:///x",
    "https://",
    "https://app.example/x#y",
    "https://app.example/#",
    "https://user@app.example/x",
    "https://user:pw@app.example/x",
    "https://@app.example/x",
    "https://127.0.0.1@app.example/",
    "https://app.example@127.0.0.1/",
    "https://app.example\\@127.0.0.1/",
    "https://app.example\\.evil.example/",
    "https://app.example /x",
    "https://app.example/x y",
    "https://app.example\t/x",
    "https://app.example/x\r\nHost: inside",
    "https://app.example\x00/x",
    "https://app.example./x",
    "https://app..example/x",
    "https://.app.example/x",
    "https://-app.example/x",
    "https://app_1.example/x",
    "https://localhost/x",
    "https://intranet/x",
    "https://printer.local/x",
    "https://metadata.google.internal/x",
    "https://router.home.arpa/x",
    "https://app.localhost/x",
    "https://app.example:80/x",
    "https://app.example:8443/x",
    "https://app.example:0/x",
    "https://app.example:99999/x",
    "https://app.example:port/x",
    "https://app.example:443:443/x",
    "https://äpp.example/x",
    "https://app.exampl\u0435/x",
    "https://app.example/\u202ex",
    "https://" + "a" * 64 + ".example/x",
    "https://" + ".".join(["a" * 60] * 5) + ".example/x",
    "https://app.example/" + "x" * 2000,
]
# What a name of a stranger may lead to.
INSIDE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::7f00:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("host", LITERALS)
def test_C59_ip_address_in_any_spelling_is_refused_before_anything_is_looked_up(internet, host):
    inside = [internet.inside(), internet.inside("::1")]
    for listener in inside:
        for url in (f"https://{host}/", f"https://{host}:{listener.port}/", f"http://{host}:{listener.port}/"):
            with pytest.raises(outbound.Refused):
                outbound.fetch(url, ports=(443, listener.port))
            with pytest.raises(outbound.Refused):
                outbound.check(url, resolve=True, ports=(443, listener.port))
    assert [listener.connections for listener in inside] == [0, 0]
    assert internet.connected == []


@pytest.mark.parametrize("url", WRONG)
def test_C59_url_that_is_no_plain_https_url_of_a_named_host_is_refused(internet, url):
    site = internet.site("app.example")
    for ask in (outbound.fetch, outbound.check):
        with pytest.raises(outbound.Refused):
            ask(url)
    assert (internet.lookups, internet.connected, site.connections) == ([], [], 0)


@pytest.mark.parametrize("address", INSIDE)
def test_C59_name_that_leads_inside_is_refused_and_the_listener_sees_nobody(internet, address):
    inside = [internet.inside(), internet.inside("::1")]
    internet.name("app.example", [address])
    for listener in inside:
        url = f"https://app.example:{listener.port}/x"
        with pytest.raises(outbound.Refused, match="not a public address"):
            outbound.fetch(url, ports=(listener.port,))
        with pytest.raises(outbound.Refused, match="not a public address"):
            outbound.check(url, resolve=True, ports=(listener.port,))
    assert [listener.connections for listener in inside] == [0, 0]
    assert internet.connected == []


@pytest.mark.parametrize("answer", [[ADDRESS, "127.0.0.1"], ["127.0.0.1", ADDRESS], [ADDRESS6, "::1", ADDRESS]])
def test_C59_one_inner_address_among_public_ones_refuses_the_name(internet, answer):
    site = internet.site("app.example")
    internet.name("app.example", answer)
    with pytest.raises(outbound.Refused, match="not a public address"):
        outbound.fetch("https://app.example/x")
    assert (internet.connected, site.connections) == ([], 0)


def test_C59_rebinding_name_is_looked_up_once_and_the_checked_address_is_connected_to(internet):
    site, inside = internet.site("app.example"), internet.inside()
    internet.name("app.example", [ADDRESS], ["127.0.0.1"])
    assert outbound.fetch("https://app.example/x").status == 200
    assert (internet.lookups, internet.connected) == (["app.example"], [ADDRESS])
    assert (site.connections, inside.connections) == (1, 0)
    with pytest.raises(outbound.Refused, match="not a public address"):
        outbound.fetch("https://app.example/x")
    assert (site.connections, inside.connections) == (1, 0)


def test_C59_redirect_inside_is_refused_and_not_followed(internet):
    inside = internet.inside()
    for status in ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent"):
        internet.site("app.example", http(status=status, Location=f"https://127.0.0.1:{inside.port}/x"))
        with pytest.raises(outbound.Refused, match="redirects"):
            outbound.fetch("https://app.example/x", ports=(443, inside.port))
    assert inside.connections == 0
    assert set(internet.connected) == {ADDRESS}


def test_C59_listener_inside_is_reached_where_nothing_is_checked(internet, monkeypatch):
    """The tests above could not fail if nobody could get there."""
    monkeypatch.setattr(addresses, "is_public", bool)
    inside = internet.inside()
    internet.name("app.example", ["127.0.0.1"])
    with pytest.raises(outbound.Refused, match=r"spoken to|cannot be read"):
        outbound.fetch(f"https://app.example:{inside.port}/x", ports=(inside.port,))
    assert inside.connections == 1


def test_address_of_one_of_our_own_interfaces_is_refused(internet, monkeypatch):
    """127.0.0.1 stands for a public address that an interface of this machine has: the route says so."""
    monkeypatch.setattr(addresses, "_DENIED", ())
    assert addresses._is_our_own(addresses.ipaddress.ip_address("127.0.0.1"))
    assert addresses._is_our_own(addresses.ipaddress.ip_address("127.0.0.5")) is False
    assert addresses._is_our_own(addresses.ipaddress.ip_address(ADDRESS)) is False


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS6, "8.8.8.8", "2620:fe::fe"])
def test_public_address_is_public(address):
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example",
        "https://app.example/",
        "https://app.example:443/x",
        "https://APP.example/x",
        "https://xn--pp-via.example/x?y=1",
        "https://a.b.c.d.app.example/.well-known/x",
        "https://1and1.example/x",
    ],
)
def test_url_of_a_named_host_is_fetched(internet, url):
    site = internet.site("app.example")
    for name in ("xn--pp-via.example", "a.b.c.d.app.example", "1and1.example"):
        if name in url:
            site = internet.site(name)
    outbound.check(url, resolve=True)
    assert outbound.fetch(url).status == 200
    assert site.connections == 1


def test_name_without_an_address_and_a_damaged_answer_are_refused(internet):
    internet.name("app.example", [])
    with pytest.raises(outbound.Refused, match="was not found"):
        outbound.check("https://app.example/x", resolve=True)
    assert not addresses.is_public("not-an-address")


def test_without_resolve_nothing_is_looked_up(internet):
    internet.name("app.example", ["127.0.0.1"])
    outbound.check("https://app.example/x")
    assert internet.lookups == []

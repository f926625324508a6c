"""Looking a name up, and judging every address it has: one that is not public refuses the name."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from typing import TYPE_CHECKING

from oauth_provider.outbound.refused import Busy, Refused

if TYPE_CHECKING:
    from oauth_provider.outbound.deadline import Deadline

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# The system's resolver cannot be told to hurry: a look-up that takes too long is left to end by itself.
_LOOKUPS_AT_ONCE = 8
_lookups = threading.BoundedSemaphore(_LOOKUPS_AT_ONCE)

# What IANA has given out to anybody (RFC 4291 §2.4); all of ::/96, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10,
# fec0::/10 and ff00::/8 lie outside.
_IPV6_UNICAST = ipaddress.ip_network("2000::/3")
# On top of `is_global`, which has learned of some of these only in later Pythons, and of others never.
_DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared (RFC 6598), and some clouds' metadata
        "168.63.129.16/32",  # a public address that is the platform itself for a machine in Azure
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",  # NAT64 (RFC 6052): an IPv4 address inside
        "64:ff9b:1::/48",  # NAT64 of one's own network (RFC 8215)
        "2001::/23",  # Teredo, benchmarks, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
        "fec0::/10",
        "ff00::/8",
    )
)

# The machine's metadata where it has no link-local address (Azure, Alibaba; AWS over IPv6).
_METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")))


def public_addresses(host: str, port: int, *, deadline: Deadline) -> tuple[str, ...]:
    """Every address of the name, in the resolver's order; raises Refused when there is none, or one is not public.

    A name with both kinds is refused too: nobody needs it, and it is how one is swapped for the other.
    """
    found = _look_up(host, port, deadline=deadline)
    inside = [address for address in found if not is_public(address)]
    if inside:
        raise Refused(f"its name leads to {inside[0]}, which is not a public address")
    if not found:
        raise Refused("its name has no address")
    return found


def private_addresses(host: str, port: int, *, deadline: Deadline) -> tuple[str, ...]:
    """Every address of a name the operator wrote; raises Refused when there is none, or one that is never a server's.

    Link-local ones stay closed: the machine's own metadata (and credentials) is behind one of them in most clouds.
    """
    found = _look_up(host, port, deadline=deadline)
    closed = [address for address in found if not _is_server(address)]
    if closed:
        raise Refused(f"its name leads to {closed[0]}, where no server of anybody is")
    if not found:
        raise Refused("its name has no address")
    return found


def is_loopback(address: str) -> bool:
    """Whether the address is this machine itself and cannot be reached from elsewhere."""
    return ipaddress.ip_address(address).is_loopback


def _is_server(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip.ipv4_mapped is not None:  # noqa: PLR2004  # the protocol's number
        ip = ip.ipv4_mapped
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in _METADATA)


def is_public(address: str) -> bool:
    """Whether anybody on the internet can be reached there, and not this machine itself."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local:
        return False
    if ip.version == 6 and ip not in _IPV6_UNICAST:  # noqa: PLR2004  # the protocol's number
        return False
    return not any(ip in network for network in _DENIED) and not _is_our_own(ip)


def _is_our_own(ip: _Address) -> bool:
    """Whether a network interface of this machine has the address: only then does it send from where it sends to.

    Nothing is sent: to connect a datagram socket only chooses a route. An address that others translate to this
    machine cannot be known here.
    """
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6  # noqa: PLR2004  # as above
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(ip), 9))
            return ipaddress.ip_address(probe.getsockname()[0]) == ip
    except (OSError, ValueError):  # no route there
        return False


def _look_up(host: str, port: int, *, deadline: Deadline) -> tuple[str, ...]:
    if not _lookups.acquire(timeout=deadline.left()):
        raise Busy("too many names are being looked up")
    answer: queue.SimpleQueue[tuple[str, ...] | Refused] = queue.SimpleQueue()
    try:
        threading.Thread(target=_ask_resolver, args=(host, port, answer), daemon=True).start()
    except RuntimeError as error:  # the machine has no thread left
        _lookups.release()
        raise Busy("its name was not looked up: no thread is free") from error
    try:
        found = answer.get(timeout=deadline.left())
    except queue.Empty as error:
        raise Refused("its name was not looked up in time") from error
    if isinstance(found, Refused):
        raise found
    return found


def _ask_resolver(host: str, port: int, answer: queue.SimpleQueue[tuple[str, ...] | Refused]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answer.put(tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)))
    except (OSError, UnicodeError) as error:
        answer.put(Refused(f"its name was not found: {error}"))
    finally:
        _lookups.release()

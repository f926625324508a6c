"""An internet of the test's own: names, addresses and https servers with certificates of a CA only it trusts.

The provider's code runs as it stands. What is replaced lies outside of it: the system's resolver, the cable (an
address of the outside is connected to a listener on 127.0.0.1) and the list of trusted CAs (`SSL_CERT_FILE`).
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from urllib3.util import connection as wire

# Public ones of the real internet: nothing less passes.
ADDRESS = "93.184.216.34"
ADDRESS6 = "2606:2800:220:1:248:1893:25c8:1946"

Answer = Callable[[ssl.SSLSocket, bytes], None]


def http(body: bytes = b"{}", *, status: str = "200 OK", length: bool = True, **headers: str) -> bytes:
    """An HTTP answer; `_` in the name of a header is `-`."""
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if length:
        given.setdefault("Content-Length", str(len(body)))
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


PLAIN = http()


@dataclass
class Listener:
    """A TCP server on 127.0.0.1 (or ::1) that counts who comes. With a TLS context it speaks, else it only counts."""

    context: ssl.SSLContext | None = None
    answer: Answer | bytes = b""
    host: str = "127.0.0.1"
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.create_server((self.host, 0), family=family)
        self._stopped = False
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return self._socket.getsockname()[1]

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.split(b" ")[1].decode() for asked in self.requests]

    def stop(self) -> None:
        self._stopped = True
        with contextlib.suppress(OSError):
            socket.create_connection((self.host, self.port), timeout=1).close()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if self._stopped:
                connection.close()
                return
            self.connections += 1
            threading.Thread(target=self._speak, args=(connection,), daemon=True).start()

    def _speak(self, connection: socket.socket) -> None:
        # A client that goes away in the middle of a word is what half of the tests are about.
        with contextlib.suppress(OSError), connection:
            if self.context is None:
                return
            connection.settimeout(20)
            with self.context.wrap_socket(connection, server_side=True) as secure:
                asked = b""
                while not _is_whole(asked) and (more := secure.recv(65_536)):
                    asked += more
                self.requests.append(asked)
                if callable(self.answer):
                    self.answer(secure, asked)
                else:
                    secure.sendall(self.answer)


def _is_whole(asked: bytes) -> bool:
    """Whether a request is there with as much of a body as it announces."""
    head, end, body = asked.partition(b"\r\n\r\n")
    announced = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end) and len(body) >= (int(announced[1]) if announced else 0)


class Authority:
    """A CA: who trusts its file trusts the certificates it makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        ski = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self._certificate = (
            _builder(name, name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(ski, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def context_for(self, name: str) -> ssl.SSLContext:
        """A server's TLS with a certificate for this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            _builder(subject, self._certificate.subject, key)
            .add_extension(x509.SubjectAlternativeName([_general_name(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(aki, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self._folder / f"{name}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _usage(**given: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    rest = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: given.get(name, False) for name in (*names, *rest)})


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Internet:
    """Which names lead where, and who listens there."""

    def __init__(self, authority: Authority, monkeypatch) -> None:
        self.authority = authority
        # Name to the answers of the resolver, one after the other; the last one stays.
        self.names: dict[str, list[list[str]]] = {}
        self.lookups: list[str] = []
        self.connected: list[str] = []
        self._cables: dict[str, Listener] = {}
        self._listeners: list[Listener] = []
        # Which port of this machine speaks http for an address.
        self.plain: dict[str, int] = {}
        # What the resolver waits for before it answers about this name.
        self.slow_names: dict[str, threading.Event] = {}
        self._getaddrinfo = socket.getaddrinfo
        self._connect = wire.create_connection
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)
        monkeypatch.setattr(wire, "create_connection", self._dial)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))

    def name(self, name: str, *answers: list[str]) -> None:
        """Let the name lead to these addresses."""
        self.names[name] = list(answers)

    def site(
        self,
        name: str,
        answer: Answer | bytes = PLAIN,
        *,
        address: str = ADDRESS,
        certificate: str = "",
    ) -> Listener:
        """Serve https under the name, with what is to be sent, or a function that speaks."""
        listener = Listener(self.authority.context_for(certificate or name), answer)
        self._listeners.append(listener)
        self.names.setdefault(name, [[address]])
        self._cables[address] = listener
        return listener

    def inside(self, host: str = "127.0.0.1") -> Listener:
        """A service of the own machine that nobody from outside may reach."""
        listener = Listener(host=host)
        self._listeners.append(listener)
        return listener

    def stop(self) -> None:
        for waiting in self.slow_names.values():
            waiting.set()
        for listener in self._listeners:
            listener.stop()

    def _resolve(self, host, port, *args, **kwargs):
        if host not in self.names and host not in self.slow_names:
            return self._getaddrinfo(host, port, *args, **kwargs)
        self.lookups.append(host)
        if host in self.slow_names:
            self.slow_names[host].wait(20)
        answers = self.names.get(host) or [[]]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = [self._getaddrinfo(address, port, *args, **kwargs) for address in addresses]
        return [one for each in found for one in each]

    def _dial(self, address, *args, **kwargs):
        host, port = address
        if host in self.names:  # whoever lets the connection look the name up
            host = self.names[host][0][0]
        self.connected.append(host)
        if port == 80 and host in self.plain:
            return self._connect(("127.0.0.1", self.plain[host]), *args, **kwargs)
        listener = self._cables.get(host)
        if listener is not None:
            return self._connect(("127.0.0.1", listener.port), *args, **kwargs)
        if not ip_address(host).is_loopback:
            raise ConnectionRefusedError(f"nobody listens on {host}:{port}")
        return self._connect((host, port), *args, **kwargs)

"""The provider as a process of its own on a real socket, with a SQLite file of its own and everything registered.

A server thread in the test process would share the tests' in-memory database between threads.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import EmailMessage

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class LiveClient:
    """A client of the running site."""

    client_id: str
    secret: str | None


@dataclass(frozen=True)
class LiveSite:
    """Where the site is, who has an account there (`alice`, `bob`), and what is registered."""

    url: str
    clients: Mapping[str, LiveClient]
    log: Path

    def mails(self) -> list[EmailMessage]:
        """The mails the site has sent, the newest last."""
        written = sorted((self.log.parent / "mails").glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        # Django ends each with a line of dashes.
        texts = [file.read_bytes().rpartition(b"\n" + b"-" * 79)[0] for file in written]
        return [cast("EmailMessage", message_from_bytes(text, policy=policy.default)) for text in texts]


@contextmanager
def running_site(folder: Path, *, certificate: Path | None = None, **environment: str) -> Iterator[LiveSite]:
    """Start the site, wait until it answers, and end it; its log is the reason when it does not start.

    With a certificate and its key in one file, beside that of its `Authority`, it speaks https.
    """
    port, log = free_port(), folder / "site.log"
    url = f"{'http' if certificate is None else 'https'}://127.0.0.1:{port}"
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.clients.serve", str(port)],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.clients.site_settings",
                "LIVE_DATABASE": str(folder / "site.sqlite3"),
                "LIVE_URL": url,
                "LIVE_CERTIFICATE": "" if certificate is None else str(certificate),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline() or "{}")
            assert said, f"The site did not start:\n{log.read_text()[-2000:]}"
            _wait_for(url, process, None if certificate is None else certificate.with_name("authority.pem"))
            clients = {name: LiveClient(*registered) for name, registered in said.items()}
            yield LiveSite(url, clients, log)
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()


def free_port() -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[str], authority: Path | None = None) -> None:
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "The site ended before it answered."
        try:
            with opener.open(f"{url}/jwks", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"The site did not answer within {START_SECONDS} s.")

"""The two sites of the demo, each a process of its own: the tour and the apps speak HTTP, as anybody would."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from demo_project.settings import BASE_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_START_SECONDS = 30
_STOP_SECONDS = 10


class SiteFailed(Exception):
    """A site did not start."""


def is_free(port: int) -> bool:
    """Whether a site could listen there."""
    with socket.socket() as listener:
        # As the server itself: an address that only just became free counts as free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    port: int, *, settings: str, environment: Mapping[str, str], asgi: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """A site on this port of 127.0.0.1, up and answering; stopped at the end. Raises SiteFailed.

    `asgi` names the application of a site that needs an ASGI server.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", *(_under_uvicorn(asgi, port) if asgi else _under_runserver(port))],
        cwd=BASE_DIR,
        env={
            **os.environ,
            **environment,
            "DJANGO_SETTINGS_MODULE": settings,
            "PYTHONPATH": os.pathsep.join([str(BASE_DIR), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_until_up(process, port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _under_runserver(port: int) -> list[str]:
    return ["django", "runserver", "--noreload", "--skip-checks", f"127.0.0.1:{port}"]


def _under_uvicorn(asgi: str, port: int) -> list[str]:
    # An agent may keep a connection open for as long as it likes; Ctrl-C need not wait for it.
    quiet = ["--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "2"]
    return ["uvicorn", asgi, "--host", "127.0.0.1", "--port", str(port), "--lifespan", "on", *quiet]


def wait_for_the_first_end(*processes: subprocess.Popen[bytes]) -> int:
    """Wait until one of the sites ends by itself, and return its status."""
    while True:
        for process in processes:
            if (status := process.poll()) is not None:
                return status
        time.sleep(0.5)


def _wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SiteFailed(f"The site on port {port} ended with status {process.returncode} before it answered.")
        try:
            with opener.open(f"http://127.0.0.1:{port}/", timeout=_START_SECONDS):
                return
        except urllib.error.HTTPError as error:
            error.close()
            raise SiteFailed(f"The front page on port {port} answers {error.code}.") from error
        except OSError:
            time.sleep(0.1)
    raise SiteFailed(f"The site on port {port} did not answer within {_START_SECONDS} seconds.")

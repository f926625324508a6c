"""Another Django site, in a process and with a database of its own, made of what the recipe says."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 60
HOST = "shop.example"
URL = f"https://{HOST}"

_SETTINGS = f"""\
from pathlib import Path

SECRET_KEY = "a relying party has one too"
ALLOWED_HOSTS = ["{HOST}"]
ROOT_URLCONF = "urls"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": Path(__file__).with_name("shop.sqlite3")}}}}
"""
_URLS = """\
import json

import jwt
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import path


def home(request):
    if not request.user.is_authenticated:
        return HttpResponse("Nobody is signed in.")
    claims = jwt.decode(request.session["oidc_id_token"], options={"verify_signature": False})
    return HttpResponse(
        f"<pre>{json.dumps(claims)}</pre><p>{request.user.email}</p><form method=post action=/oidc/logout/>"
        f"<input name=csrfmiddlewaretoken value={get_token(request)}><button>Sign out</button></form>"
    )


urlpatterns = [path("", home)]

"""
_SERVE = """\
import sys

import django
import uvicorn
from django.core.asgi import get_asgi_application
from django.core.management import call_command

django.setup()
call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
uvicorn.run(get_asgi_application(), host="127.0.0.1", port=int(sys.argv[1]), ssl_certfile=sys.argv[2],
            log_level="warning", timeout_graceful_shutdown=1)
"""


@dataclass(frozen=True)
class RelyingSite:
    """Where its files are."""

    folder: Path

    def users(self) -> list[str]:
        """The e-mail addresses of its accounts."""
        with closing(sqlite3.connect(self.folder / "shop.sqlite3")) as database:
            return [row[0] for row in database.execute("SELECT email FROM auth_user ORDER BY email")]


@contextmanager
def running_relying_site(
    folder: Path, recipe: tuple[str, str, str], *, port: int, certificate: Path
) -> Iterator[RelyingSite]:
    """The site with the three texts of the recipe where they belong; it speaks https."""
    settings, module, urls = recipe
    (folder / "settings.py").write_text(_SETTINGS + settings)
    (folder / "oidc_sign_out.py").write_text(module)
    (folder / "urls.py").write_text(_URLS + urls)
    log = folder / "shop.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(port), str(certificate)],
            cwd=folder,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(folder), "NO_PROXY": "*"},
            stdin=subprocess.DEVNULL, stdout=written, stderr=written,
        )  # fmt: skip
        try:
            _wait_for(port, process, log)
            yield RelyingSite(folder)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"The relying party did not start:\n{log.read_text()[-2000:]}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError(f"The relying party did not answer within {START_SECONDS} s.")

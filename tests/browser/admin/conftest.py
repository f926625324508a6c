"""The admin in Chromium, as Django's own and as django-unfold's."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.live_site import ROOT, LiveSite, free_port, running_site
from tests.clients.live_site import _wait_for as wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.person import Person

LIST = "/admin/oauth_provider/client/"


@pytest.fixture(scope="session", params=["stock", "unfold"])
def site(request, tmp_path_factory) -> Iterator[LiveSite]:
    if request.param == "unfold":
        pytest.importorskip("unfold", reason="django-unfold is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    environment = {"DJANGO_SETTINGS_MODULE": "tests.browser.admin.site_settings", "LIVE_LOOK": request.param}
    with running_site(folder, **environment) as running:
        yield running


@pytest.fixture
def second_process(site) -> Iterator[str]:
    """The address of another process of the same site, as behind a balancer: it hears of nothing but the database."""
    port = free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.browser.admin.site_settings",
        "LIVE_LOOK": "stock",
        "LIVE_DATABASE": str(site.log.parent / "site.sqlite3"),
        "LIVE_URL": site.url,
    }
    command = [sys.executable, "-m", "django", "runserver", str(port), "--noreload", "--skip-checks"]
    with (site.log.parent / "second.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def look(request) -> str:
    """`stock` or `unfold`."""
    return str(request.node.callspec.params["site"])


@pytest.fixture
def sign_in() -> Callable[..., None]:
    """`sign_in(person)`, as the superuser `root` unless another name is given."""

    def as_staff(person: Person, name: str = "root") -> None:
        person.open("/admin/")
        person.page.locator("[name=username]").fill(name)
        person.page.locator("[name=password]").fill(f"{name}-password")
        with person.page.expect_navigation():
            person.page.locator("[type=submit]").click()

    return as_staff


@pytest.fixture
def page_of() -> Callable[..., str]:
    """`page_of(person, "Payroll", "secrets/")`: the address of a page about a client, found in the list."""

    def find(person: Person, name: str, page: str = "change/") -> str:
        person.open(f"{LIST}?status=all&q={name}")
        href: Any = person.page.locator("#result_list tbody a").first.get_attribute("href")
        return str(href).partition("?")[0].removesuffix("change/") + page

    return find

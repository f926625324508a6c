"""oidc-client-ts in Chromium: an app in the browser, on an origin of its own, both by https."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import launched
from tests.clients import node
from tests.clients.live_site import LiveSite, running_site
from tests.flow import query_of
from tests.internet import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.npm, pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

HERE = Path(__file__).parent / "oidc-client-ts"


@dataclass
class App:
    """The app: its origin, and its files by path; whatever else is asked for gets the page."""

    origin: str
    script: bytes
    page: bytes = b""


@contextmanager
def serving(context: Any, script: bytes) -> Iterator[App]:
    """The app by https."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path.endswith(".js")
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(app.script if is_script else app.page)

        def log_message(self, *arguments: object) -> None:
            del arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    app = App(f"https://127.0.0.1:{server.server_port}", script)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = node.install(HERE, tmp_path_factory.mktemp("oidc-client-ts"))
    script = folder / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with serving(authority.context_for("127.0.0.1"), script.read_bytes()) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, app: App) -> Iterator[LiveSite]:
    """The provider by https: a browser app may be remembered, and its frames get the person's cookie."""
    folder = tmp_path_factory.mktemp("https-site")
    Authority(folder).context_for("127.0.0.1")
    certificate = folder / "127.0.0.1.pem"
    with running_site(folder, certificate=certificate, LIVE_BROWSER_APP=app.origin) as running:
        situation = json.dumps({"authority": running.url, "client_id": running.clients["spa"].client_id})
        app.page = (HERE / "app.html").read_text().replace("SITUATION", situation).encode()
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@pytest.fixture
def page(chromium, site) -> Iterator[Any]:
    context = chromium.new_context(ignore_https_errors=True, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def sign_in(page, app) -> dict[str, Any]:
    """`signinRedirect` with a person; what `getUser` knows afterwards."""
    page.goto(app.origin)
    page.evaluate("() => { manager.signinRedirect() }")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("alice-password")
    page.get_by_role("button", name="Sign in").click()
    allow = page.get_by_role("button", name="Allow Notes in the browser")
    allow.or_(page.get_by_role("heading", name="The app")).wait_for()
    if allow.is_visible():  # once for all tests: it is remembered
        allow.click()
    page.wait_for_url(f"{app.origin}/callback?*")
    return user_of(page)


def user_of(page) -> dict[str, Any]:
    refused = page.evaluate("done.then((result) => result?.refused ?? null)")
    assert refused is None
    return page.evaluate("manager.getUser().then((user) => user && ({ ...user, claims: user.profile }))")


def test_sign_in_with_pkce_reads_who_it_is_from_id_token_and_userinfo(page, app, site):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    user = sign_in(page, app)
    sent = query_of(next(url for url in asked if urlsplit(url).path == "/authorize"))
    assert (sent["code_challenge_method"], sent["response_type"]) == ("S256", "code")
    assert user["claims"]["iss"] == site.url
    assert user["claims"]["email"] == "alice@people.example"
    assert user["claims"]["preferred_username"] == "alice"
    assert user["scope"].split() == ["openid", "profile", "email", "read"]
    assert user["refresh_token"]


def test_renews_silently_in_a_frame_after_one_consent(page, app):
    """docs/openid.md: silent after one consent, for public clients with https redirect URIs."""
    before = sign_in(page, app)
    frames = []
    page.on("frameattached", lambda frame: frames.append(frame.url))
    renewed = page.evaluate("manager.signinSilent({ forceIframeAuth: true }).then((user) => ({ ...user }))")
    assert len(frames) == 1
    assert renewed["access_token"] != before["access_token"]
    assert renewed["profile"]["sub"] == before["claims"]["sub"]
    assert renewed["profile"]["auth_time"] == before["claims"]["auth_time"]


def test_renews_with_its_refresh_token_without_a_frame(page, app):
    before = sign_in(page, app)
    frames = []
    page.on("frameattached", lambda frame: frames.append(frame.url))
    renewed = page.evaluate("manager.signinSilent().then((user) => ({ ...user }))")
    assert frames == []
    assert renewed["refresh_token"] != before["refresh_token"]
    assert renewed["profile"]["sub"] == before["claims"]["sub"]


def test_nobody_signed_in_is_said_in_the_frame_and_no_page_is_shown(page, app):
    page.goto(app.origin)
    answered = []
    page.on("response", lambda response: answered.append((urlsplit(response.url).path, response.status)))
    refused = page.evaluate("manager.signinSilent({ forceIframeAuth: true }).catch((error) => error.error)")
    assert refused == "login_required"
    assert [status for path, status in answered if path == "/authorize"] == [303]


def test_another_clients_origin_may_not_call_the_token_endpoint(page, app, site):
    """AS21: the browser is told of no other origin than the registered one."""
    call = "url => fetch(url, { method: 'POST', body: new URLSearchParams() }).then(({ status }) => status, String)"
    page.goto(app.origin)
    assert page.evaluate(call, f"{site.url}/token") in {400, 401}
    page.goto(app.origin.replace("127.0.0.1", "localhost"))
    assert "TypeError" in str(page.evaluate(call, f"{site.url}/token"))

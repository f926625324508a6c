"""mozilla-django-oidc: a second Django site that was registered, and configured, by the recipe in guided add."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.clients.http_browser import HttpBrowser
from tests.clients.live_site import ROOT, LiveSite, free_port, running_site
from tests.clients.relying_site import HOST, URL, RelyingSite, running_relying_site
from tests.connect_proxy import ConnectProxy
from tests.internet import Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.live, pytest.mark.slow]

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOLD_SECONDS = 10
# Run beside the site, on its database: what its keys have signed.
_SIGN = """\
import json, sys, time
import django
django.setup()
from oauth_provider.keys import signing
for claims in json.load(sys.stdin):
    print(signing.sign({"iat": int(time.time()), "jti": "j", **claims}, alg="RS256", typ="logout+jwt"))
"""


@dataclass(frozen=True)
class Pair:
    """The provider, the relying party, and how its name is reached."""

    site: LiveSite
    shop: RelyingSite
    proxy: ConnectProxy
    authority: Path
    client_id: str

    def visitor(self) -> HttpBrowser:
        """Somebody's browser as far as it speaks to the relying party."""
        return HttpBrowser(URL, "", "", proxy=self.proxy.url, authority=str(self.authority))

    def signed(self, *claims: dict[str, Any]) -> list[str]:
        """JWTs signed by the provider's keys."""
        folder = self.site.log.parent
        done = subprocess.run(
            [sys.executable, "-c", _SIGN], cwd=ROOT, input=json.dumps(claims), text=True, check=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.clients.site_settings", "PYTHONPATH": str(ROOT),
                 "LIVE_DATABASE": str(folder / "site.sqlite3"), "LIVE_URL": self.site.url},
        )  # fmt: skip
        return done.stdout.split()


def registered(site: LiveSite) -> tuple[str, tuple[str, str, str]]:
    """Guided add over HTTP: the client id, and the three texts."""
    root = HttpBrowser(site.url, "root", "root-password")
    root.press(root.go(f"{site.url}/admin/"), having="username", username="root", password="root-password")
    form = root.go(f"{site.url}/admin/oauth_provider/client/add/?recipe=django")
    done = root.press(form, having="once", base_url=f"{URL}/")
    root.close()
    client_id = re.search(r'id="oauth-client-id"[^>]* value="([^"]+)"', done.text)[1]
    settings, module, urls = map(html.unescape, re.findall(r"<textarea[^>]*>([^<]*)</textarea>", done.text))
    return client_id, (settings, module, urls)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    port, folder = free_port(), tmp_path_factory.mktemp("shop")
    authority = Authority(folder)
    authority.context_for(HOST)
    proxy = ConnectProxy(port)
    with running_site(tmp_path_factory.mktemp("site"), LIVE_PROXY=proxy.url, SSL_CERT_FILE=str(authority.file)) as site:
        client_id, texts = registered(site)
        with running_relying_site(folder, texts, port=port, certificate=folder / f"{HOST}.pem") as shop:
            yield Pair(site, shop, proxy, authority.file, client_id)
    proxy.stop()


@pytest.fixture
def shopper(pair) -> Iterator[HttpBrowser]:
    """Alice at the shop, not signed in yet."""
    visitor = pair.visitor()
    yield visitor
    visitor.close()


@pytest.fixture
def browser(pair) -> Iterator[HttpBrowser]:
    """Alice at the provider."""
    person = HttpBrowser(pair.site.url, "alice", "alice-password")
    yield person
    person.close()


@pytest.fixture
def sign_in(shopper, browser) -> Callable[[], dict[str, Any]]:
    """Alice signs in at the shop; the claims of the ID token it keeps."""

    def walk() -> dict[str, Any]:
        home = shopper.go(browser.decide(shopper.go(f"{URL}/oidc/authenticate/")))
        assert isinstance(home, requests.Response), home
        assert "alice@people.example" in home.text, home.text
        return json.loads(re.search(r"<pre>(.*)</pre>", home.text)[1])

    return walk


def tell(pair: Pair, logout_token: str) -> int:
    """The status of the relying party's answer to a logout token."""
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            f"{URL}/oidc/backchannel-logout/", {"logout_token": logout_token},
            proxies={"https": pair.proxy.url}, verify=str(pair.authority), timeout=30,
        ).status_code  # fmt: skip


def is_signed_in(shopper: HttpBrowser) -> bool:
    return "Nobody is signed in" not in shopper.go(f"{URL}/").text


def test_sign_in_makes_one_account_of_the_claims_in_userinfo(pair, sign_in, shopper):
    first = sign_in()
    assert (first["iss"], first["aud"]) == (pair.site.url, pair.client_id)
    assert first["sid"]
    assert "email" not in first
    assert is_signed_in(shopper)
    assert sign_in()["sub"] == first["sub"]
    assert pair.shop.users() == ["alice@people.example"]


def test_request_is_made_with_pkce_and_nonce(shopper):
    address = shopper.go(f"{URL}/oidc/authenticate/")
    assert "code_challenge_method=S256" in address
    assert "nonce=" in address


def test_answer_to_another_session_signs_nobody_in(pair, shopper, browser):
    answer = browser.decide(shopper.go(f"{URL}/oidc/authenticate/"))
    other = pair.visitor()
    other.go(answer)
    assert not is_signed_in(other)
    other.close()


def test_logout_token_ends_the_session_it_names_and_no_other(pair, sign_in, shopper, browser):
    """OpenID Connect Back-Channel Logout §2.6, as the view of the recipe does it."""
    about = {"iss": pair.site.url, "aud": pair.client_id, "sid": sign_in()["sid"], "events": {EVENT: {}}}
    without_sid = {name: value for name, value in about.items() if name != "sid"}
    right, stranger, *refused = pair.signed(
        about, {**about, "sid": "somebody-elses"},
        {**about, "aud": "another"}, {**about, "iss": "https://other.example"}, {**about, "nonce": "n"},
        {**about, "events": {}}, without_sid,
    )  # fmt: skip
    head, body, signature = right.split(".")
    for token in ("", "junk", f"{head}.{body}.{signature[:-4]}AAAA", f"eyJhbGciOiJub25lIn0.{body}.", *refused):
        assert tell(pair, token) == 400, token
    assert tell(pair, stranger) == 200
    assert is_signed_in(shopper)
    assert tell(pair, right) == 200
    assert not is_signed_in(shopper)


def test_sign_out_at_the_shop_ends_both_sessions_and_leads_back(pair, sign_in, shopper, browser):
    """OpenID Connect RP-Initiated Logout §2: the hint is the ID token that the shop kept."""
    sign_in()
    address = shopper.press(shopper.go(f"{URL}/"))
    assert isinstance(address, str)
    assert address.startswith(f"{pair.site.url}/end_session?"), address
    page = browser.go(address)
    landed = page if isinstance(page, str) else browser.press(page)
    assert landed == f"{URL}/"
    assert not is_signed_in(shopper)
    again = browser.go(f"{shopper.go(f'{URL}/oidc/authenticate/')}&prompt=none")
    assert "error=login_required" in str(again)


def test_sign_out_at_the_provider_ends_the_session_at_the_shop(pair, sign_in, shopper, browser):
    """OpenID Connect Back-Channel Logout: told by the provider, over https, with a token the view verifies."""
    sign_in()
    assert is_signed_in(shopper)
    assert "You are signed out" in browser.press(browser.go(f"{pair.site.url}/signed-out")).text
    deadline = time.monotonic() + TOLD_SECONDS
    while is_signed_in(shopper) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_signed_in(shopper)

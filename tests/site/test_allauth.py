"""django-allauth as the site's sign-in: the request comes back after the password, and after a second factor."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sqlite3
import struct
import time
from contextlib import closing
from importlib.util import find_spec
from urllib.parse import urlencode, urlsplit

import jwt
import pytest
import requests

from tests.clients.http_browser import HttpBrowser
from tests.clients.live_site import running_site
from tests.clients.serve import CALLBACK
from tests.flow import pkce, query_of

FRESH_SECONDS = 3
pytestmark = [pytest.mark.live, pytest.mark.slow]

# Bob's authenticator app; the same value stands in allauth_provide, which needs the site's process.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for module in ("allauth", "fido2", "qrcode"):
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed (django-allauth[mfa])")
    with running_site(
        tmp_path_factory.mktemp("allauth"),
        DJANGO_SETTINGS_MODULE="tests.site.allauth_settings",
        LIVE_FRESH_SECONDS=str(FRESH_SECONDS),
    ) as running:
        yield running


def asked_of(site, **changes: str) -> str:
    parameters = {
        "response_type": "code",
        "client_id": site.clients["web"].client_id,
        "redirect_uri": CALLBACK,
        "scope": "openid read",
        "state": "a&b=c",
        "code_challenge": pkce()[1],
        "code_challenge_method": "S256",
        "prompt": "consent",
        **changes,
    }
    return f"{site.url}/authorize?{urlencode(parameters)}"


def tokens_of(site, answer: str, verifier: str) -> dict:
    web = site.clients["web"]
    form = {
        "grant_type": "authorization_code",
        "code": query_of(answer)["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
        "client_id": web.client_id,
        "client_secret": web.secret,
    }
    return requests.post(f"{site.url}/token", form, timeout=30).json()


def userinfo(site, tokens: dict) -> requests.Response:
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    return requests.get(f"{site.url}/userinfo", headers=header, timeout=30)


def signed_in_as(site, answer: str, verifier: str) -> tuple[dict, dict]:
    """What the app is told of a sign-in: the claims of the ID token, and userinfo."""
    tokens = tokens_of(site, answer, verifier)
    told = userinfo(site, tokens).json()
    return jwt.decode(tokens["id_token"], options={"verify_signature": False}), told


def one_time_code() -> str:
    """RFC 6238, as any authenticator app."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(SECRET), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def test_request_comes_back_after_the_password(site):
    browser = HttpBrowser(site.url, "alice", "alice-password")
    page = browser.go(asked_of(site))
    assert path_of(page) == "/accounts/login/"
    consent = browser.press(page, having="password", login="alice", password="alice-password")
    assert path_of(consent) == "/authorize"
    answer = query_of(browser.press(consent, decision="allow"))
    assert (answer["state"], answer["iss"]) == ("a&b=c", site.url)
    assert "code" in answer
    browser.close()


def test_request_comes_back_after_the_second_factor_and_the_app_is_told_of_it(site):
    browser, (verifier, challenge) = HttpBrowser(site.url, "bob", "bob-password"), pkce()
    asked = asked_of(site, scope="openid email", code_challenge=challenge)
    page = browser.go(asked)
    second = browser.press(page, having="password", login="bob", password="bob-password")
    assert path_of(second) == "/accounts/2fa/authenticate/"
    # Not signed in yet: asking again leads to the second factor, not past it.
    second = browser.go(asked)
    assert path_of(second) == "/accounts/2fa/authenticate/"
    consent = browser.press(second, having="code", code=one_time_code())
    assert path_of(consent) == "/authorize"
    claims, told = signed_in_as(site, browser.press(consent, decision="allow"), verifier)
    assert (claims["acr"], claims["amr"]) == ("urn:site:two-factors", ["pwd", "otp", "mfa"])
    assert told["email_verified"] is True
    browser.close()


def test_admin_asks_who_it_is_on_the_page_of_allauth_and_goes_on_with_what_was_sent(site):
    browser = HttpBrowser(site.url, "root", "root-password")
    page = browser.go(f"{site.url}/admin/oauth_provider/client/add/?profile=machine")
    form = browser.press(page, having="username", username="root", password="root-password")
    assert path_of(form) == "/admin/oauth_provider/client/add/"
    time.sleep(FRESH_SECONDS + 0.5)
    asked = browser.press(form, having="once", name="Kept")
    assert path_of(asked) == "/accounts/reauthenticate/"
    done = browser.press(asked, having="password", password="root-password")
    # The POST that was waiting has been answered: the client is there, with its secret on this page.
    assert "Kept" in done.text
    assert 'id="oauth-client-secret"' in done.text
    browser.close()


def test_our_own_page_does_not_pass_by_the_second_factor(site):
    browser = HttpBrowser(site.url, "bob", "bob-password")
    page = browser.go(f"{site.url}/login")
    assert path_of(page) == "/accounts/login/"
    browser.close()


def test_who_has_no_second_factor_is_asked_to_sign_in_again_and_told_as_they_are(site):
    browser, (verifier, challenge) = HttpBrowser(site.url, "alice", "alice-password"), pkce()
    page = browser.go(asked_of(site, scope="openid email", code_challenge=challenge))
    browser.press(page, having="password", login="alice", password="alice-password")
    time.sleep(1.1)  # a sign-in of the same second is one of now
    asked = asked_of(site, scope="openid email", code_challenge=challenge, acr_values="urn:site:two-factors")
    page = browser.go(asked)
    # allauth sends back who is signed in already; the provider ends that session then.
    assert path_of(page) == "/accounts/login/"
    consent = browser.press(page, having="password", login="alice", password="alice-password")
    claims, told = signed_in_as(site, browser.press(consent, decision="allow"), verifier)
    assert (claims["acr"], claims["amr"]) == ("urn:site:one-factor", ["pwd"])
    assert told["email_verified"] is False
    browser.close()


def test_new_account_is_made_on_the_page_of_allauth(site):
    browser = HttpBrowser(site.url, "carol", "")
    page = browser.go(asked_of(site, prompt="create"))
    assert path_of(page) == "/accounts/signup/"
    browser.close()


def test_signing_out_and_a_new_password_on_the_pages_of_allauth_end_the_sign_in_at_the_app(site):
    browser, old, new = HttpBrowser(site.url, "dora", ""), "dora-Password-1", "dora-Password-2"
    browser.press(
        browser.go(f"{site.url}/accounts/signup/"), having="password1", username="dora", password1=old, password2=old
    )
    for page_of_allauth, filled_in, reason in (
        ("password/change", {"oldpassword": old, "password1": new, "password2": new}, "password_changed"),
        ("logout", {}, "signed_out"),
    ):
        verifier, challenge = pkce()
        page = browser.go(asked_of(site, code_challenge=challenge))
        tokens = tokens_of(site, browser.press(page, decision="allow"), verifier)
        assert userinfo(site, tokens).status_code == 200
        browser.press(
            browser.go(f"{site.url}/accounts/{page_of_allauth}/"), having=next(iter(filled_in), ""), **filled_in
        )
        assert userinfo(site, tokens).status_code == 401
        sid = jwt.decode(tokens["id_token"], options={"verify_signature": False})["sid"]
        with closing(sqlite3.connect(site.log.parent / "site.sqlite3")) as database:
            ended = database.execute("SELECT reason FROM oauth_provider_session WHERE sid = ?", [sid]).fetchall()
        assert ended == [(reason,)]
    browser.close()

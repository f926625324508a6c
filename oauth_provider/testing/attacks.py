"""OAuthAttackTests: attacks on your own site, with its settings, URLs, middleware and templates.

class AttackTests(OAuthAttackTests, TestCase):
    protected_url = "/api/notes"
    protected_scopes = "read"
"""

from __future__ import annotations

import base64
import json
import logging
import unittest
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.shortcuts import resolve_url
from django.test import Client as Browser
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from oauth_provider import scopes as known_scopes
from oauth_provider.conf import conf
from oauth_provider.models import Client, Grant
from oauth_provider.testing.app_client import as_app
from oauth_provider.testing.flow import App, get, is_secure, location_of, post, query_of, request_id_of, url
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    _Base = unittest.TestCase
else:
    _Base = object

_ELSEWHERE = "evil.example"
_PASSWORD = "a password of the attack tests 4711"
# Addresses that some parser takes for another site (RFC 9700 §4.11).
_FOREIGN = (
    f"https://{_ELSEWHERE}/",
    f"http://{_ELSEWHERE}/",
    f"//{_ELSEWHERE}/",
    f"///{_ELSEWHERE}/",
    f"/\\{_ELSEWHERE}/",
    f"\\\\{_ELSEWHERE}/",
    f"https:{_ELSEWHERE}",
    f"https:/{_ELSEWHERE}/",
    f"\thttps://{_ELSEWHERE}/",
    f"https://testserver@{_ELSEWHERE}/",
    f"javascript:alert('{_ELSEWHERE}')",
)


class OAuthAttackTests(_Base):
    """Mix into a TestCase with a database; works in Django's and under pytest. Each attack must be refused.

    Without `protected_url` the attacks on the API are skipped. Names of attributes and tests are stable.
    """

    # A view of the API that answers a GET with `protected_scopes` by 200; its `resource` where RESOURCES has several.
    protected_url: ClassVar[str] = ""
    protected_scopes: ClassVar[str] = ""
    resource: ClassVar[str | None] = None
    # What the apps of these tests ask people for; empty: `protected_scopes`, or the first scope the site has.
    scopes: ClassVar[str] = ""
    redirect_uri: ClassVar[str] = "https://app.example/callback"
    # Where people sign in and out; empty: LOGIN_URL, or our own page; Django's and ours.
    login_url: ClassVar[str] = ""
    logout_url: ClassVar[str] = ""

    # ── what a site may say otherwise ───────────────────────────────────────────────────────────────────────

    def make_user(self, name: str, **more: Any) -> Any:
        """A user of the site who can sign in with `_PASSWORD`; override it for a model that needs more."""
        model = get_user_model()
        column = model.USERNAME_FIELD
        user = model(**{column: f"{name}@{_ELSEWHERE}" if "mail" in column else name, **more})
        user.set_password(_PASSWORD)
        user.save()
        return user

    def sign_in(self, browser: Browser, user: Any) -> None:
        """Sign a person in; override it where a session needs more than Django's."""
        browser.force_login(user)

    def login_data(self, user: Any) -> dict[str, str]:
        """What the sign-in form is sent with."""
        return {"username": user.get_username(), "password": _PASSWORD}

    # ── help ────────────────────────────────────────────────────────────────────────────────────────────────

    def _scope(self) -> str:
        wanted = self.scopes or self.protected_scopes
        if wanted:
            return wanted
        known = known_scopes.registered()
        names = [
            name for name in known if name not in known_scopes.ABOUT_PERSON and not known_scopes.targets_of([name])
        ]
        return names[0] if names else known_scopes.OPENID

    def _app(self, name: str = "attacked", *, profile: str = Profile.FIRST_PARTY, more: tuple[str, ...] = ()) -> App:
        """A confidential client; one of this site is not asked about, so that no page is in the way."""
        scopes = list(dict.fromkeys([*self._scope().split(), *more]))
        return App(
            *Client.objects.register(name=name, profile=profile, redirect_uris=[self.redirect_uri], scopes=scopes)
        )

    def _person(self, name: str = "attacked") -> Browser:
        browser = Browser()
        self.sign_in(browser, self.make_user(name))
        return browser

    def _code(self, app: App, browser: Browser, **changes: str | None) -> str:
        answer = query_of(location_of(app.authorize(browser, **changes)))
        self.assertIn("code", answer, f"The flow of these tests gets no code on this site: {answer}")
        return answer["code"]

    def _call(self, token: str, *, query: str = "", scheme: str = "Bearer") -> Any:
        headers = {"Authorization": f"{scheme} {token}"} if token else {}
        return get(Browser(raise_request_exception=False), f"{self.protected_url}{query}", headers=headers)

    def _token(self, **wanted: Any) -> str:
        if "user" not in wanted:
            wanted["user"] = self.make_user("ada")
        return as_app(Browser(), **{"scopes": self.protected_scopes, "resource": self.resource, **wanted}).token

    def _needs_api(self) -> None:
        if not self.protected_url:
            self.skipTest("protected_url names no view of the API")
        if not self.protected_scopes:
            self.fail("protected_url needs protected_scopes")

    def _assert_stays(self, response: Any, about: str) -> None:
        """No redirect and no page that goes on leads to another site."""
        self.assertLess(response.status_code, 500, f"{about}: answered {response.status_code}")
        location = location_of(response)
        self.assertNotIn(_ELSEWHERE, urlsplit(location.replace("\\", "/").strip()).netloc, about)
        self.assertFalse(location.lower().strip().startswith(("javascript:", "data:")), about)
        for start in ("//", "/\\", "\\", "https:", "http:"):
            if location.strip().startswith(start):
                self.assertNotIn(_ELSEWHERE, location.partition("?")[0], about)

    def _assert_page(self, response: Any, about: str) -> None:
        self.assertEqual(response.status_code // 100, 4, f"{about}: answered {response.status_code}")
        self.assertEqual(location_of(response), "", f"{about}: leads somewhere")

    def _assert_no_token(self, response: Any, about: str) -> None:
        self.assertEqual(response.status_code // 100, 4, f"{about}: answered {response.status_code}")
        self.assertNotIn("access_token", response.content.decode(errors="replace"), about)

    def _assert_refused(self, response: Any, about: str, *statuses: int) -> None:
        self.assertIn(response.status_code, statuses or (400, 401, 403), about)

    # ── where answers go (RFC 9700 §4.1, §4.11) ─────────────────────────────────────────────────────────────

    def test_redirect_uri_that_differs_in_one_sign_is_a_page(self) -> None:
        app, browser = self._app(), self._person()
        for variant in _variants(self.redirect_uri):
            with self.subTest(redirect_uri=variant):
                self._assert_page(app.authorize(browser, redirect_uri=variant), f"redirect_uri={variant!r}")

    def test_client_that_is_not_registered_is_a_page(self) -> None:
        app, browser = self._app(), self._person()
        for client_id in ("nobody", "", "https://app.example", f"{app.client_id}x"):
            self._assert_page(app.authorize(browser, client_id=client_id), f"client_id={client_id!r}")

    def test_sign_in_leads_to_no_other_site(self) -> None:
        page = self.login_url or _login_url()
        user = self.make_user("ada")
        for foreign in _FOREIGN:
            with self.subTest(next=foreign):
                address = f"{page}?{urlencode({'next': foreign})}"
                signing_in = Browser(raise_request_exception=False)
                self._assert_stays(post(signing_in, address, {**self.login_data(user), "next": foreign}), foreign)
                self.sign_in(signing_in, user)
                self._assert_stays(get(signing_in, address), foreign)

    def test_sign_out_leads_to_no_other_site(self) -> None:
        pages = [self.logout_url] if self.logout_url else _served("logout", "oauth_provider:signed-out", "admin:logout")
        if not pages:
            self.skipTest("nothing signs people out here; logout_url names what does")
        user = self.make_user("ada")
        for page in pages:
            for foreign in _FOREIGN:
                with self.subTest(page=page, next=foreign):
                    browser = Browser(raise_request_exception=False)
                    self.sign_in(browser, user)
                    address = f"{page}?{urlencode({'next': foreign, 'post_logout_redirect_uri': foreign})}"
                    for answer in (post(browser, address, {"next": foreign}), get(browser, address)):
                        self._assert_stays(answer, foreign)

    def test_error_leads_only_to_the_registered_address(self) -> None:
        app, browser = self._app(), self._person()
        for changes in ({"scope": "no-such-scope"}, {"response_type": "token"}, {"code_challenge": None}):
            location = location_of(app.authorize(browser, **changes))
            self.assertTrue(location.startswith(f"{self.redirect_uri}?"), f"{changes}: {location!r}")
            self.assertNotIn("code", query_of(location), str(changes))

    # ── codes (RFC 9700 §4.5, §4.8) ─────────────────────────────────────────────────────────────────────────

    def test_code_that_is_sent_again_is_refused_and_ends_its_tokens(self) -> None:
        app, browser = self._app(more=(known_scopes.OPENID,)), self._person()
        code = self._code(app, browser)
        first = app.redeem(code)
        self.assertEqual(first.status_code, 200, first.content)
        self._assert_no_token(app.redeem(code), "the code again")
        token = first.json()["access_token"]
        answer = get(Browser(), url("userinfo"), headers={"Authorization": f"Bearer {token}"})
        self._assert_refused(answer, "a token of the replayed code", 401)

    def test_code_of_another_app_is_refused(self) -> None:
        app, thief, browser = self._app(), self._app("thief"), self._person()
        code = self._code(app, browser)
        self._assert_no_token(thief.redeem(code), "another app with its own verifier")
        self._assert_no_token(thief.redeem(code, code_verifier=app.verifier), "another app with the stolen verifier")

    def test_code_is_refused_without_the_verifier_of_its_own_request(self) -> None:
        """Injection: a stolen code, put into another browser's answer."""
        app, browser = self._app(), self._person()
        injected = App(app.row, app.secret)
        code = self._code(app, browser)
        for verifier in (None, "", injected.verifier, app.challenge, app.verifier[:-1]):
            self._assert_no_token(app.redeem(code, code_verifier=verifier), f"verifier {verifier!r}")

    def test_code_is_refused_with_another_redirect_uri(self) -> None:
        app, browser = self._app(), self._person()
        code = self._code(app, browser)
        self._assert_no_token(app.redeem(code, redirect_uri=f"https://{_ELSEWHERE}/"), "another redirect_uri")

    def test_request_cannot_be_made_without_pkce_or_with_less(self) -> None:
        app, browser = self._app(), self._person()
        for changes in (
            {"code_challenge": None, "code_challenge_method": None},
            {"code_challenge": "", "code_challenge_method": ""},
            {"code_challenge": app.verifier, "code_challenge_method": "plain"},
            {"code_challenge": app.verifier, "code_challenge_method": None},
            {"code_challenge": "short"},
        ):
            with self.subTest(**{name: str(value) for name, value in changes.items()}):
                location = location_of(app.authorize(browser, **changes))
                self.assertNotIn("code", query_of(location), f"PKCE is off or weak: {changes}")

    # ── which server answered (RFC 9207) ────────────────────────────────────────────────────────────────────

    def test_every_answer_names_the_issuer_of_the_metadata(self) -> None:
        """Mix-up: an app that talks to two servers must see which one this is."""
        app, browser = self._app(), self._person()
        told = get(Browser(), url("openid-configuration")).json()
        self.assertEqual(told["issuer"], conf.ISSUER)
        for changes in ({}, {"scope": "no-such-scope"}, {"prompt": "none", "response_type": "token"}):
            answer = query_of(location_of(app.authorize(browser, **changes)))
            self.assertEqual(answer.get("iss"), told["issuer"], f"iss of the answer to {changes}")

    # ── parameters (RFC 6749 §3.1, §3.2) ────────────────────────────────────────────────────────────────────

    def test_parameter_that_is_sent_twice_is_refused(self) -> None:
        app, browser = self._app(), self._person()
        asked = list(app.parameters().items())
        for name, value in asked:
            with self.subTest(authorize=name):
                for other in (value, "another"):
                    answer = get(browser, f"{url('authorize')}?{urlencode([*asked, (name, other)])}")
                    self.assertNotIn("code", query_of(location_of(answer)), f"{name} twice")
        secret = {"client_id": app.client_id, "client_secret": app.secret or ""}
        sent = [("grant_type", "authorization_code"), ("code", self._code(app, browser)), *secret.items(),
                ("redirect_uri", self.redirect_uri), ("code_verifier", app.verifier)]  # fmt: skip
        for name, value in sent:
            with self.subTest(token=name):
                self._assert_no_token(post(Browser(), url("token"), [*sent, (name, value)]), f"{name} twice")

    # ── pages (RFC 9700 §4.16, §2.6) ────────────────────────────────────────────────────────────────────────

    def test_decision_that_another_site_sends_decides_nothing(self) -> None:
        app = self._app(profile=Profile.WEB)
        browser = Browser(enforce_csrf_checks=True)
        self.sign_in(browser, self.make_user("ada"))
        page = app.authorize(browser)
        request_id = request_id_of(page)
        self.assertTrue(request_id, "The consent page has no field named request.")
        forged = {"Origin": f"https://{_ELSEWHERE}", "Referer": f"https://{_ELSEWHERE}/"}
        for extra in ({}, {"csrfmiddlewaretoken": "x" * 64}):
            answer = post(browser, url("decision"), {"request": request_id, "decision": "allow", **extra},
                          headers=forged)  # fmt: skip
            self.assertNotIn("code", query_of(location_of(answer)))
            self.assertFalse(Grant.objects.filter(client=app.row).exists(), "A forged decision made a grant.")

    def test_pages_where_people_decide_cannot_be_framed(self) -> None:
        app = self._app(profile=Profile.WEB)
        pages = {"consent": app.authorize(self._person()), "sign-in": get(Browser(), self.login_url or _login_url())}
        for name, page in pages.items():
            policy = page.headers.get("Content-Security-Policy", "")
            frames = [part.split()[1:] for part in policy.split(";") if part.split()[:1] == ["frame-ancestors"]]
            is_denied = page.headers.get("X-Frame-Options", "").upper() in {"DENY", "SAMEORIGIN"}
            is_denied = is_denied or any(set(sources) <= {"'none'", "'self'"} for sources in frames)
            self.assertTrue(is_denied, f"The {name} page may be framed by any site.")

    def test_no_other_origin_may_read_the_authorization_endpoint(self) -> None:
        app, browser = self._app(), self._person()
        address = f"{url('authorize')}?{urlencode(app.parameters())}"
        headers = {"Origin": f"https://{_ELSEWHERE}"}
        asking = {**headers, "Access-Control-Request-Method": "GET"}
        for answer in (get(browser, address, headers=headers),
                       browser.options(address, secure=is_secure(), headers=asking)):  # fmt: skip
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    # ── the API (RFC 6750, RFC 9068) ────────────────────────────────────────────────────────────────────────

    def test_api_lets_in_a_token_with_the_scope_and_nobody_without_a_token(self) -> None:
        """Without this the attacks below would prove nothing."""
        self._needs_api()
        self.assertEqual(self._call(self._token()).status_code, 200)
        self._assert_refused(self._call(""), "no token", 401)

    def test_api_refuses_a_token_without_the_scope(self) -> None:
        self._needs_api()
        wanted = known_scopes.expand(self.protected_scopes.split())
        others = [name for name in known_scopes.registered() if not known_scopes.expand([name]) & wanted]
        self._assert_refused(self._call(self._token(scopes=others[:1])), f"a token for {others[:1]} only", 403)

    def test_api_refuses_a_token_in_the_address(self) -> None:
        self._needs_api()
        token = self._token()
        for query in (f"?access_token={token}", f"?token={token}", f"?Authorization={quote(f'Bearer {token}')}"):
            self._assert_refused(self._call("", query=query), query.partition("=")[0])

    def test_api_refuses_an_id_token(self) -> None:
        self._needs_api()
        app, browser = self._app(more=(known_scopes.OPENID,)), self._person()
        tokens = app.redeem(self._code(app, browser)).json()
        self.assertIn("id_token", tokens, "The flow of these tests gets no ID token on this site.")
        self._assert_refused(self._call(tokens["id_token"]), "an ID token", 401)

    def test_api_refuses_a_token_for_another_audience(self) -> None:
        self._needs_api()
        answer = self._call(self._token(resource=f"https://{_ELSEWHERE}/api"))
        self._assert_refused(answer, "a token for another audience", 401)

    def test_api_refuses_a_token_that_was_altered_expired_or_never_signed(self) -> None:
        self._needs_api()
        token = self._token()
        stolen = {"expired": self._token(user=self.make_user("bob"), expired=True), "cut": token[:-8], "junk": "x" * 40}
        if token.count(".") == 2:  # noqa: PLR2004  # a JWT
            header, claims, signature = token.split(".")
            unsigned = _encode({"alg": "none", "typ": "at+jwt"})
            more = _encode({**_decode(claims), "scope": " ".join(known_scopes.registered())})
            stolen |= {"unsigned": f"{unsigned}.{claims}.", "more": f"{header}.{more}.{signature}"}
        for about, value in stolen.items():
            self._assert_refused(self._call(value), f"a token that is {about}", 401)

    def test_api_refuses_a_bound_token_without_its_key(self) -> None:
        self._needs_api()
        token = self._token(dpop=True)
        self._assert_refused(self._call(token), "a bound token as Bearer", 401)
        self._assert_refused(self._call(token, scheme="DPoP"), "a bound token without a proof", 401)

    def test_admin_takes_no_token_of_a_superuser(self) -> None:
        admin = _served("admin:index")
        if not admin:
            self.skipTest("there is no admin here")
        boss = self.make_user("boss", is_staff=True, is_superuser=True)
        token = as_app(Browser(), user=boss, scopes=self._scope(), resource=self.resource).token
        answer = get(Browser(raise_request_exception=False), admin[0], headers={"Authorization": f"Bearer {token}"})
        self.assertNotEqual(answer.status_code, 200, "An app came into the admin.")

    # ── what is written down ────────────────────────────────────────────────────────────────────────────────

    def test_no_secret_is_logged(self) -> None:
        """At the levels the site has set; the whole flow, with a refused request at each step."""
        app, browser = self._app(more=(known_scopes.OPENID,)), self._person()
        with _written() as lines:
            code = self._code(app, browser)
            app.redeem(code, code_verifier="x" * 43)
            tokens = app.redeem(code).json()
            app.redeem(code)
            for value in (tokens["access_token"], tokens["id_token"]):
                get(Browser(), url("userinfo"), headers={"Authorization": f"Bearer {value}"})
                if self.protected_url:
                    self._call(value)
        told = "\n".join(lines)
        secret = {"code": code, "client_secret": app.secret or "", "code_verifier": app.verifier, **tokens}
        for name in ("code", "client_secret", "code_verifier", "access_token", "refresh_token", "id_token"):
            if secret.get(name):
                # Not shown: this would be the next place it is written down.
                self.assertFalse(secret[name] in told, f"A log line holds the {name}.")


def _variants(uri: str) -> list[str]:
    """Addresses that are not the registered one, and that some comparison takes for it (AS1)."""
    parts = urlsplit(uri)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path or "/"
    return [
        f"{uri}/", f"{uri}?x=1", f"{uri}#x", f"{uri}%00", f"{uri}%20", f"{uri} ", f" {uri}", f"{uri}/..", f"{uri};x",
        f"{origin}{path.upper()}" if path.upper() != path else f"{origin}/X",
        f"{origin}/.{path}", f"{origin}/x/..{path}", f"{origin}/{path}", f"{origin}:8443{path}", f"{origin}",
        f"http://{parts.netloc}{path}" if parts.scheme == "https" else f"https://{parts.netloc}{path}",
        f"{parts.scheme}://{parts.netloc.upper()}{path}",
        f"{parts.scheme}://www.{parts.netloc}{path}", f"{origin}.{_ELSEWHERE}{path}", f"https://{_ELSEWHERE}/{uri}",
        f"{parts.scheme}://user@{parts.netloc}{path}", f"{origin}@{_ELSEWHERE}{path}",
        f"{parts.scheme}://{_ELSEWHERE}\\@{parts.netloc}{path}", f"//{parts.netloc}{path}", path,
        f"https://{_ELSEWHERE}{path}", f"javascript:alert(1)//{parts.netloc}{path}", "http://127.0.0.1:1/callback",
    ]  # fmt: skip


def _login_url() -> str:
    page = resolve_url(settings.LOGIN_URL)
    try:
        resolve(urlsplit(page).path)
    except Resolver404:
        return url("login")
    return str(page)


def _served(*names: str) -> list[str]:
    found = []
    for name in names:
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return found


@contextmanager
def _written() -> Iterator[list[str]]:
    """Every line the site's loggers let through, wherever its handlers write it."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage() + (str(record.exc_info[1]) if record.exc_info else ""))

    keep = Keep()
    named = [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    ends = [logging.root, *(logger for logger in named if not logger.propagate)]
    for logger in ends:
        logger.addHandler(keep)
    try:
        yield lines
    finally:
        for logger in ends:
            logger.removeHandler(keep)


def _encode(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def _decode(segment: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return found

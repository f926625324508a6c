"""FakeIssuer: an authorization server of the test's own, on a thread and on 127.0.0.1.

Needs no pytest and no database:

    with FakeIssuer(preset="keycloak") as issuer:
        with override_settings(OAUTH_PROVIDER={"TRUSTED_ISSUERS": issuer.settings()}):
            client.get("/notes", headers={"Authorization": f"Bearer {issuer.token(scope='read')}"})
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote_plus

from oauth_provider.keys.algorithms import thumbprint
from oauth_provider.testing import jws, vendor_tokens
from oauth_provider.testing.jws import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

AUDIENCE = "https://api.example"
CLIENT_ID = "fake-app"
# Where the vendors' issuers have their paths.
_PATHS = {
    "keycloak": "/realms/fake",
    "auth0": "/",
    "okta": "/oauth2/default",
    "cognito": "/eu-west-1_Fake",
    "openid": "",
}
_UNSET: Any = object()


class FakeIssuer:
    """Metadata, keys, client credentials and introspection, with tokens as the vendor of `preset` writes them.

    `requests` counts what was asked for: `metadata`, `jwks`, `token`, `introspection`. `published` are the keys in its
    JWK set, the first of which signs; `cache_control` goes out with them.
    """

    def __init__(self, *, preset: str = "openid", alg: str = "RS256", audience: str = AUDIENCE) -> None:
        self.preset = preset
        self.alg = alg
        self.audience = audience
        self.introspection_client = ("fake-api", secrets.token_urlsafe(16))
        self.requests: Counter[str] = Counter()
        self.published: list[KeyPair] = [jws.key(alg)]
        self.jwk_set: list[dict[str, Any]] | None = None
        self.cache_control = ""
        self.introspection_answer: dict[str, Any] | None = None
        self.introspection_delay = 0.0
        self._rotations = 0
        self._is_down = False
        self._known: dict[str, dict[str, Any]] = {}
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"issuer": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def host(self) -> str:
        """Its origin; raises RuntimeError outside of `with`."""
        if self._server is None:
            raise RuntimeError("The issuer runs inside `with FakeIssuer() as issuer:` only.")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def issuer(self) -> str:
        """Its `iss`."""
        return self.host + _PATHS[self.preset]

    @property
    def base(self) -> str:
        """Where its addresses begin."""
        return self.issuer.rstrip("/")

    def settings(self, **more: Any) -> dict[str, dict[str, Any]]:
        """What TRUSTED_ISSUERS needs for it, and more; None takes a setting out."""
        audience = {"client_id": [CLIENT_ID]} if self.preset == "cognito" else {"audience": self.audience}
        entry = {"preset": self.preset, "private_network": True, "algorithms": [self.alg], **audience, **more}
        return {self.issuer: {name: value for name, value in entry.items() if value is not None}}

    def introspection(self, **more: Any) -> dict[str, Any]:
        """What `introspection` needs in its settings."""
        client_id, client_secret = self.introspection_client
        return {"client_id": client_id, "client_secret": client_secret, **more}

    def claims(
        self,
        *,
        sub: str = "u-1",
        scope: str = "read",
        aud: str | list[str] | None = _UNSET,
        client_id: str = CLIENT_ID,
        machine: bool = False,
        expires_in: int = 300,
        jwk: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> dict[str, Any]:
        """The claims of an access token as the vendor writes them; further ones are added, None takes one out.

        `machine` is what client credentials give. With `jwk` the token is bound to that key (RFC 9449 §6.1). `extra`
        is for claims whose name is taken here. `aud` is the issuer's `audience` where the vendor writes one.
        """
        now = int(time.time())
        made = vendor_tokens.CLAIMS[self.preset](
            sub=client_id if machine else sub,
            scope=scope,
            aud=(None if self.preset == "cognito" else self.audience) if aud is _UNSET else aud,
            client_id=client_id,
            machine=machine,
        )
        made |= {"iss": self.issuer, "iat": now, "exp": now + expires_in, "jti": secrets.token_hex(8)}
        if jwk is not None:
            made["cnf"] = {"jkt": thumbprint(dict(jwk))}
        made |= {**claims, **(extra or {})}
        return {name: value for name, value in made.items() if value is not None}

    def token(
        self,
        *,
        key: KeyPair | bytes | None = _UNSET,
        header: Mapping[str, Any] | None = None,
        **wanted: Any,
    ) -> str:
        """A signed access token; see `claims` for what may be said.

        `key` signs instead of its own (bytes are a shared secret, None signs nothing), `header` changes members of
        the header; None takes one out.
        """
        signing = self.published[0] if key is _UNSET else key
        members = {
            "alg": self.alg,
            "typ": vendor_tokens.TYP[self.preset],
            "kid": signing.kid if isinstance(signing, KeyPair) else self.published[0].kid,
            **(header or {}),
        }
        claims = self.claims(**wanted)
        value = jws.compact({name: value for name, value in members.items() if value is not None}, claims, key=signing)
        self._known[value] = {"active": True, "token_type": "Bearer", **claims}
        return value

    def id_token(self, *, client_id: str = CLIENT_ID, **claims: Any) -> str:
        """The ID token an app got beside its access token, which no API may take for one."""
        now = int(time.time())
        made = {
            "iss": self.issuer, "sub": "u-1", "aud": client_id, "iat": now, "exp": now + 300, "nonce": "n-1",
            "at_hash": "x", **vendor_tokens.OF_ID_TOKENS[self.preset], **claims,
        }  # fmt: skip
        members = {"alg": self.alg, "typ": "JWT", "kid": self.published[0].kid}
        return jws.compact(members, made, key=self.published[0])

    def opaque(self, **wanted: Any) -> str:
        """An access token that says nothing by itself; introspection knows it. See `claims`."""
        value = secrets.token_urlsafe(32)
        self._known[value] = {"active": True, "token_type": "Bearer", **self.claims(**wanted)}
        return value

    def revoke(self, token: str) -> None:
        """Say from now on that the token is not active."""
        self._known.pop(token, None)

    def rotate(self, *, keep: bool = True) -> None:
        """Sign with a new key from now on; with `keep` the old ones stay published."""
        self._rotations += 1
        self.published = [jws.key(self.alg, self._rotations), *(self.published if keep else ())]

    def down(self) -> None:
        """Answer nobody from now on."""
        self._is_down = True

    def up(self) -> None:
        """Answer again."""
        self._is_down = False

    # What the server asks.

    def answer(self, method: str, path: str, *, form: Mapping[str, str], authorization: str) -> _Answer | None:
        """Status, body and headers; None: the connection ends without a word."""
        name = self._names().get((method, path.partition("?")[0]))
        if name is not None:
            self.requests[name] += 1
        if self._is_down:
            return None
        if name is None:
            return 404, {"error": "not_found"}, {}
        if name == "metadata":
            return 200, self._metadata(), {}
        if name == "jwks":
            cached = {"Cache-Control": self.cache_control} if self.cache_control else {}
            listed = [key.jwk for key in self.published] if self.jwk_set is None else self.jwk_set
            return 200, {"keys": listed}, cached
        if name == "token":
            scope = form.get("scope", "read")
            return 200, {"access_token": self.token(machine=True, scope=scope), "token_type": "Bearer"}, {}
        return self._introspect(form.get("token", ""), authorization)

    def _introspect(self, token: str, authorization: str) -> _Answer:
        time.sleep(self.introspection_delay)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        if tuple(map(unquote_plus, pair)) != self.introspection_client:
            return 401, {"error": "invalid_client"}, {}
        if self.introspection_answer is not None:
            return 200, self.introspection_answer, {}
        return 200, self._known.get(token, {"active": False}), {}

    def _names(self) -> dict[tuple[str, str], str]:
        base = self.base.removeprefix(self.host)
        return {
            ("GET", f"{base}/.well-known/openid-configuration"): "metadata",
            ("GET", f"{base}/jwks"): "jwks",
            ("POST", f"{base}/token"): "token",
            ("POST", f"{base}/introspect"): "introspection",
        }

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.base}/jwks",
            "token_endpoint": f"{self.base}/token",
            "introspection_endpoint": f"{self.base}/introspect",
            "grant_types_supported": ["client_credentials"],
        }


_Answer = tuple[int, dict[str, Any], dict[str, str]]


class _Handler(BaseHTTPRequestHandler):
    """HTTP in, HTTP out."""

    issuer: FakeIssuer

    def do_GET(self) -> None:
        self._respond({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._respond({name: values[0] for name, values in parse_qs(body.decode()).items()})

    def _respond(self, form: Mapping[str, str]) -> None:
        authorization = self.headers.get("Authorization", "")
        answer = self.issuer.answer(self.command, self.path, form=form, authorization=authorization)
        if answer is None:
            self.close_connection = True
            return
        status, body, headers = answer
        encoded = json.dumps(body).encode()
        self.send_response(status)
        for name, value in _headers(encoded, headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # theirs
        """Say nothing in the middle of a test run."""


def _headers(body: bytes, more: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *more.items())

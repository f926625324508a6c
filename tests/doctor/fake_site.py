"""A provider of canned answers on a thread: right in everything, until a test changes one answer."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NO_STORE = {"Cache-Control": "no-store"}
ANY_PAGE = {"Access-Control-Allow-Origin": "*"}
CSP = {"Content-Security-Policy": "frame-ancestors 'none'"}
METADATA = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")


@dataclass
class Answer:
    """What is sent; a dict as JSON."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)


class FakeSite:
    """`answers` by method and path; whatever else is 404."""

    def __init__(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                site.bodies.append(self.rfile.read(length).decode())
                found = site.answers.get(f"{self.command} {self.path.partition('?')[0]}", Answer(404))
                self.send_response_only(found.status)
                if site.date is None:
                    self.send_header("Date", self.date_time_string())
                elif site.date:
                    self.send_header("Date", site.date)
                is_json = isinstance(found.body, dict)
                body = (json.dumps(found.body) if is_json else found.body).encode()
                kind = "application/json" if is_json else "text/html"
                for name, value in {"Content-Type": kind, **found.headers, "Content-Length": len(body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_OPTIONS = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.date: str | None = None
        self.bodies: list[str] = []
        self.answers = self.right_answers()
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def right_answers(self) -> dict[str, Answer]:
        document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        error = {"error": "invalid_request"}
        cookie = {"Set-Cookie": "csrftoken=hidden-value; Path=/; SameSite=Lax"}
        return {
            **{f"GET {path}": Answer(200, dict(document), dict(ANY_PAGE)) for path in METADATA},
            "GET /jwks": Answer(200, {"keys": [{"kty": "RSA", "alg": "RS256", "kid": "1", "n": "x"}]}, dict(ANY_PAGE)),
            "GET /authorize": Answer(400, "<p>no such client", dict(CSP)),
            "GET /token": Answer(405, error, dict(NO_STORE)),
            "POST /token": Answer(401, {"error": "invalid_client"}, dict(NO_STORE)),
            "OPTIONS /token": Answer(200),
            "GET /userinfo": Answer(401, {}, {"WWW-Authenticate": 'Bearer realm="api"'}),
            "GET /connected-apps/": Answer(302, "", {"Location": "/login?next=/connected-apps/"}),
            "GET /login": Answer(200, "<form>", cookie),
        }

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

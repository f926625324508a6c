"""Walks django-oauth-toolkit's endpoints and prints each answer: status, headers and body.

The same walk with and without the provider installed must print the same. What is random is counted instead.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import django

django.setup()

import oauthlib.common  # noqa: E402
import oauthlib.oauth2.rfc6749.tokens as oauthlib_tokens  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402

_numbers = itertools.count()


def counted(length: int = 30, *_: Any, **__: Any) -> str:
    return f"token{next(_numbers):0{length - 5}d}"


# oauthlib takes its random values from here, whoever asks.
for _module in (oauthlib.common, oauthlib_tokens, oauthlib_tokens.common):
    _module.generate_token = counted  # type: ignore[attr-defined]

VERIFIER = "v" * 64
CHALLENGE = "w1TpKUdYE9hUAcNSeeSRFioHDxfUxuHho_JHAfZ_vDM"
REDIRECT = "https://app.example/cb"
# What is random or the time of day, wherever it stands.
CHANGES = (
    (re.compile(r'(csrfmiddlewaretoken" value=")[^"]+'), r"\1-"),
    (re.compile(r"(csrftoken|sessionid)=[^;]+"), r"\1=-"),
    (re.compile(r"(expires=)[^;]+"), r"\1-"),
    (re.compile(r'("(?:exp|iat|auth_time)": )\d+'), r"\1-"),
    (re.compile(r'("id_token": ")[^"]+'), r"\1-"),
    (re.compile(r'("(?:user_code|device_code)": ")[^"]+'), r"\1-"),
    (re.compile(r"(user_code=)\w+"), r"\1-"),
)


def plain(text: str) -> str:
    for pattern, replacement in CHANGES:
        text = pattern.sub(replacement, text)
    return text


def shown(response: Any) -> list[Any]:
    headers = sorted(f"{name}: {plain(value)}" for name, value in response.headers.items() if name != "Content-Length")
    cookies = sorted(plain(morsel.OutputString()) for morsel in response.cookies.values())
    return [response.status_code, headers, cookies, plain(response.content.decode())]


def make_applications() -> None:
    make = get_application_model().objects.create
    make(
        client_id="web",
        client_secret="web-secret",
        name="Web",
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=REDIRECT,
        algorithm="RS256",
    )
    make(
        client_id="job",
        client_secret="job-secret",
        name="Job",
        client_type="confidential",
        authorization_grant_type="client-credentials",
    )
    make(
        client_id="tv",
        name="TV",
        client_secret="",
        client_type="public",
        authorization_grant_type="urn:ietf:params:oauth:grant-type:device_code",
    )


def walk() -> dict[str, list[Any]]:
    call_command("migrate", verbosity=0)
    ada = get_user_model().objects.create_user("ada", password="ada-password")
    make_applications()
    signed_in, nobody = Browser(), Browser()
    signed_in.force_login(ada)
    request = {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": REDIRECT,
        "scope": "openid read",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    without_pkce = {name: value for name, value in request.items() if not name.startswith("code_challenge")}
    web = {"client_id": "web", "client_secret": "web-secret"}
    seen: dict[str, list[Any]] = {}

    def see(name: str, response: Any) -> Any:
        seen[name] = shown(response)
        return response

    see("authorize, nobody", nobody.get("/o/authorize/", request, secure=True))
    see("authorize", signed_in.get("/o/authorize/", request, secure=True))
    see("authorize, no PKCE", signed_in.get("/o/authorize/", without_pkce, secure=True))
    see("authorize, other URI", signed_in.get("/o/authorize/", {**request, "redirect_uri": "https://x"}, secure=True))
    answer = see("allow", signed_in.post("/o/authorize/", {**request, "allow": "Authorize"}, secure=True))
    code = re.search(r"code=(\w+)", answer["Location"])
    assert code
    redeem = {"grant_type": "authorization_code", "code": code[1], "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    see("token, wrong secret", nobody.post("/o/token/", {**redeem, **web, "client_secret": "x"}, secure=True))
    tokens = see("token", nobody.post("/o/token/", {**redeem, **web}, secure=True)).json()
    see("token, replayed", nobody.post("/o/token/", {**redeem, **web}, secure=True))
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    see("api", nobody.get("/notes", headers=bearer, secure=True))
    see("api, no token", nobody.get("/notes", secure=True))
    see("userinfo", nobody.get("/o/userinfo/", headers=bearer, secure=True))
    see("introspect", nobody.post("/o/introspect/", {"token": tokens["access_token"], **web}, secure=True))
    renew = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **web}
    renewed = see("refresh", nobody.post("/o/token/", renew, secure=True)).json()
    see("revoke", nobody.post("/o/revoke_token/", {"token": renewed["access_token"], **web}, secure=True))
    job = {"grant_type": "client_credentials", "client_id": "job", "client_secret": "job-secret"}
    see("machine", nobody.post("/o/token/", job, secure=True))
    see("machine, unknown grant", nobody.post("/o/token/", {**job, "grant_type": "nothing"}, secure=True))
    see("device", nobody.post("/o/device-authorization/", {"client_id": "tv", "scope": "read"}, secure=True))
    see("discovery", nobody.get("/o/.well-known/openid-configuration", secure=True))
    see("keys", nobody.get("/o/.well-known/jwks.json", secure=True))
    see("preflight", nobody.options("/o/token/", headers={"origin": "https://app.example"}, secure=True))
    return seen


if __name__ == "__main__":
    print(json.dumps(walk()))

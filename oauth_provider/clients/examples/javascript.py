"""The first requests as JavaScript: a module for Node 18 or newer, for browser apps one for their own page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from oauth_provider.clients.examples.start import Start

_CHALLENGE = [
    "const base64url = (bytes) =>",
    '  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");',
    "const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));",
    "const challengeOf = async (verifier) =>",
    '  base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));',
]
_ENV = {"none": "const { CLIENT_ID } = process.env;", "post": "const { CLIENT_ID, CLIENT_SECRET } = process.env;"}


def render(begin: Start) -> str:
    """A module: save it as `start.mjs`, or put it on the page of the redirect URI."""
    if begin.in_browser and begin.flow == "code":
        return "\n".join(_browser(begin))
    lines = {"code": _code, "device": _device, "client_credentials": _client_credentials}[begin.flow](begin)
    return "\n".join([_ENV.get(begin.authentication, _ENV["post"]), *lines])


def _client_credentials(begin: Start) -> list[str]:
    return [
        *_post(begin, begin.token, {"grant_type": _text("client_credentials"), **_scope(begin)}),
        "console.log(await answer.json());",
    ]


def _code(begin: Start) -> list[str]:
    return [
        'import { webcrypto as crypto } from "node:crypto";',
        'import { createInterface } from "node:readline/promises";',
        "",
        *_CHALLENGE,
        "const [verifier, state] = [random(), random()];",
        "const query = new URLSearchParams({",
        *_members({**_query(begin, "CLIENT_ID"), "state": "state", "code_challenge": "await challengeOf(verifier)"}),
        "});",
        f'console.log("Open this address:", {_text(begin.authorize + "?")} + query);',
        "const terminal = createInterface({ input: process.stdin });",
        'console.log("Paste the address you land on:");',
        "const { value } = await terminal[Symbol.asyncIterator]().next();",
        "terminal.close();",
        "const landed = new URL(value.trim()).searchParams;",
        f'if (landed.get("state") !== state || landed.get("iss") !== {_text(begin.issuer)})',
        '  throw new Error("This answer was not meant for this program.");',
        *_post(begin, begin.token, _redeem(begin, "verifier")),
        "console.log(await answer.json());",
    ]


def _browser(begin: Start) -> list[str]:
    return [
        f"const CLIENT_ID = {_text(begin.client_id)};",
        *_CHALLENGE,
        "const landed = new URLSearchParams(location.search);",
        'if (!landed.has("code")) {',
        "  const [verifier, state] = [random(), random()];",
        "  sessionStorage.oauth = JSON.stringify({ verifier, state });",
        "  const query = new URLSearchParams({",
        *(
            f"  {line}"
            for line in _members(
                {**_query(begin, "CLIENT_ID"), "state": "state", "code_challenge": "await challengeOf(verifier)"}
            )
        ),
        "  });",
        f"  location.assign({_text(begin.authorize + '?')} + query);",
        "} else {",
        "  const { verifier, state } = JSON.parse(sessionStorage.oauth);",
        f'  if (landed.get("state") !== state || landed.get("iss") !== {_text(begin.issuer)})',
        '    throw new Error("This answer was not meant for this page.");',
        *(f"  {line}" for line in _post(begin, begin.token, _redeem(begin, "verifier"))),
        '  history.replaceState(null, "", location.pathname);',
        "  const tokens = await answer.json();",
        "  console.log(tokens);",
        "}",
    ]


def _device(begin: Start) -> list[str]:
    poll = {"grant_type": _text(GrantType.DEVICE_CODE.value), "device_code": "device.device_code"}
    return [
        *_post(begin, begin.device_authorization, _scope(begin), name="started"),
        "const device = await started.json();",
        'console.log("Open", device.verification_uri, "and enter", device.user_code);',
        "for (;;) {",
        "  await new Promise((done) => setTimeout(done, device.interval * 1000));",
        *(f"  {line}" for line in _post(begin, begin.token, poll)),
        "  const tokens = await answer.json();",
        '  if (tokens.error === "slow_down") device.interval += 5;',
        '  else if (tokens.error !== "authorization_pending") {',
        "    console.log(tokens);",
        "    break;",
        "  }",
        "}",
    ]


def _query(begin: Start, client_id: str) -> dict[str, str]:
    return {
        "response_type": _text("code"),
        "client_id": client_id,
        "redirect_uri": _text(begin.redirect_uri),
        **_scope(begin),
        "code_challenge_method": _text("S256"),
    }


def _redeem(begin: Start, verifier: str) -> dict[str, str]:
    return {
        "grant_type": _text("authorization_code"),
        "code": 'landed.get("code")',
        "redirect_uri": _text(begin.redirect_uri),
        "code_verifier": verifier,
    }


def _post(begin: Start, url: str, data: dict[str, str], *, name: str = "answer") -> list[str]:
    authentication = {
        "none": {"client_id": "CLIENT_ID"},
        "post": {"client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET"},
        "basic": {},
    }
    header = "  headers: { Authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },"
    return [
        f"const {name} = await fetch({_text(url)}, {{",
        '  method: "POST",',
        *([header] if begin.authentication == "basic" else []),
        "  body: new URLSearchParams({",
        *(f"  {line}" for line in _members({**data, **authentication[begin.authentication]})),
        "  }),",
        "});",
    ]


def _members(values: dict[str, str]) -> list[str]:
    return [f"  {name}: {value}," for name, value in values.items()]


def _scope(begin: Start) -> dict[str, str]:
    return {"scope": _text(begin.scope)} if begin.scope else {}


def _text(value: str) -> str:
    # `</` would end a script element where the module is pasted into a page.
    return json.dumps(value).replace("</", "<\\/")

"""The first requests as a Python program; it needs `requests`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from oauth_provider.clients.examples.start import Start

_ID = 'os.environ["CLIENT_ID"]'
_SECRET = 'os.environ["CLIENT_SECRET"]'
_PRINT = ["answer.raise_for_status()", "print(answer.json())"]


def render(begin: Start) -> str:
    """A program to be run where the `.env` file was read into the environment."""
    return "\n".join({"code": _code, "device": _device, "client_credentials": _client_credentials}[begin.flow](begin))


def _client_credentials(begin: Start) -> list[str]:
    return [
        "import os",
        "",
        "import requests",
        "",
        *_post(begin, begin.token, {"grant_type": _text("client_credentials"), **_scope(begin)}),
        *_PRINT,
    ]


def _code(begin: Start) -> list[str]:
    query = {"response_type": _text("code"), "client_id": _ID, "redirect_uri": _text(begin.redirect_uri),
             **_scope(begin), "state": "state", "code_challenge": "challenge",
             "code_challenge_method": _text("S256")}  # fmt: skip
    redeem = {"grant_type": _text("authorization_code"), "code": 'landed["code"]',
              "redirect_uri": _text(begin.redirect_uri), "code_verifier": "verifier"}  # fmt: skip
    return [
        "import base64",
        "import hashlib",
        "import os",
        "import secrets",
        "from urllib.parse import parse_qsl, urlencode, urlsplit",
        "",
        "import requests",
        "",
        "verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)",
        "digest = hashlib.sha256(verifier.encode()).digest()",
        'challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()',
        "query = {",
        *_members(query),
        "}",
        f'print("Open this address:", {_text(begin.authorize + "?")} + urlencode(query))',
        'landed = dict(parse_qsl(urlsplit(input("Paste the address you land on: ")).query))',
        f'if landed.get("state") != state or landed.get("iss") != {_text(begin.issuer)}:',
        '    raise SystemExit("This answer was not meant for this program.")',
        *_post(begin, begin.token, redeem),
        *_PRINT,
    ]


def _device(begin: Start) -> list[str]:
    poll = {"grant_type": _text(GrantType.DEVICE_CODE.value), "device_code": 'device["device_code"]'}
    return [
        "import os",
        "import time",
        "",
        "import requests",
        "",
        *_post(begin, begin.device_authorization, _scope(begin)),
        "answer.raise_for_status()",
        "device = answer.json()",
        'print("Open", device["verification_uri"], "and enter", device["user_code"])',
        "while True:",
        '    time.sleep(device["interval"])',
        *(f"    {line}" for line in _post(begin, begin.token, poll)),
        '    if answer.json().get("error") == "slow_down":',
        '        device["interval"] += 5',
        '    elif answer.json().get("error") != "authorization_pending":',
        "        break",
        *_PRINT,
    ]


def _post(begin: Start, url: str, data: dict[str, str]) -> list[str]:
    authentication = {"none": {"client_id": _ID}, "post": {"client_id": _ID, "client_secret": _SECRET}, "basic": {}}
    return [
        "answer = requests.post(",
        f"    {_text(url)},",
        "    data={",
        *(f"    {line}" for line in _members({**data, **authentication[begin.authentication]})),
        "    },",
        *([f"    auth=({_ID}, {_SECRET}),"] if begin.authentication == "basic" else []),
        "    timeout=10,",
        ")",
    ]


def _members(values: dict[str, str]) -> list[str]:
    return [f'    "{name}": {value},' for name, value in values.items()]


def _scope(begin: Start) -> dict[str, str]:
    return {"scope": _text(begin.scope)} if begin.scope else {}


def _text(value: str) -> str:
    """A literal in double quotes; redirect URIs and issuers hold ASCII only."""
    inside = repr(value)[1:-1]
    return repr(value) if '"' in inside or "\\" in inside else f'"{inside}"'

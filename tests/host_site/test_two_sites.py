"""Two sites with the built wheel and the documentation, and nothing else: one issues tokens, one protects an API."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.docs.markdown import ROOT, blocks, section
from tests.docs.startproject import Project, build_wheel, start

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.wheel, pytest.mark.live, pytest.mark.slow]
README, OTHER_ISSUERS, ROUTES = ROOT / "README.md", ROOT / "docs/other-issuers.md", ROOT / "docs/routes.md"


@dataclass
class Answer:
    """What a plain HTTP client sees."""

    status: int
    headers: Any
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(url: str, *, token: str | None = None, form: dict[str, str] | None = None) -> Answer:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    data = None if form is None else urlencode(form).encode()
    try:
        with urlopen(Request(url, data=data, headers=headers), timeout=30) as response:
            return Answer(response.status, response.headers, response.read().decode())
    except HTTPError as error:
        return Answer(error.code, error.headers, error.read().decode())


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """README's quick start."""
    site = start(tmp_path_factory.mktemp("provider"), build_wheel(tmp_path_factory.mktemp("wheel")))
    for block in blocks(README, text=section(README, "Quick start")):
        if block.language == "python":
            site.paste(block)
    site.run("python manage.py migrate --verbosity 0")
    with site.serving("python manage.py runserver"):
        yield site


@pytest.fixture(scope="module")
def api(provider: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """`docs/other-issuers.md`, with the provider as the other issuer. Never migrated."""
    site = start(tmp_path_factory.mktemp("api"), provider.wheel)
    settings, urls = blocks(OTHER_ISSUERS, text=section(OTHER_ISSUERS, "A site that only protects an API"))[:2]
    issuer = issuer_of(provider)
    code = settings.code.replace("https://login.example", issuer).replace("https://api.example", issuer)
    # Both sites are on this machine; the page says what a site with this package signs with.
    code = code.replace('"preset": "openid",', '"preset": "openid", "algorithms": ["ES256"], "private_network": True,')
    with (site.folder / "mysite" / "settings.py").open("a", encoding="utf-8") as file:
        file.write(code.replace("notes:read", "read"))
    (site.folder / "mysite" / "urls.py").write_text(urls.code.replace("notes:read", "read"), encoding="utf-8")
    site.run("python manage.py check --fail-level ERROR")
    with site.serving("python manage.py runserver"):
        yield site


def issuer_of(site: Project) -> str:
    return f"http://localhost:{site.port}"


def token_of(site: Project, name: str, scopes: str) -> str:
    """As somebody with the command line and HTTP gets one."""
    printed = site.run(f"python manage.py oauth_create_client {name} --profile machine --scopes {scopes}")
    found = dict(re.findall(r"^(CLIENT_\w+)=(\S+)$", printed, re.MULTILINE))
    form = {"grant_type": "client_credentials", "client_id": found["CLIENT_ID"], "scope": scopes}
    answer = call(f"{issuer_of(site)}/token", form={**form, "client_secret": found["CLIENT_SECRET"]})
    assert answer.status == 200, answer.body
    return str(answer.json["access_token"])


def test_api_of_another_site_accepts_our_token_and_nothing_less(provider: Project, api: Project) -> None:
    notes = f"http://localhost:{api.port}/notes"
    token = token_of(provider, "Report", "read")
    entered = call(notes, token=token)
    assert (entered.status, set(entered.json)) == (200, {"app", "for"}), entered.body
    assert entered.headers["Cache-Control"] == "private, no-store"
    lacking = call(notes, token=token_of(provider, "Writer", "write"))
    assert (lacking.status, lacking.json["required"], lacking.json["granted"]) == (403, ["read"], ["write"])
    head, claims, signature = token.split(".")
    assert call(notes, token=f"{head}.{claims}.{signature[::-1]}").status == 401
    # Its own API is for the same audience here.
    assert call(f"{issuer_of(provider)}/api/notes", token=token).status == 200


def test_refusal_leads_to_where_a_token_is_to_be_had(provider: Project, api: Project) -> None:
    challenge = call(f"http://localhost:{api.port}/notes").headers["WWW-Authenticate"]
    (told,) = re.findall(r'resource_metadata="([^"]+)"', challenge)
    # The metadata is told at the address the tokens are for, which is the provider's here.
    metadata = call(f"http://localhost:{api.port}/.well-known/oauth-protected-resource").json
    assert told == f"{issuer_of(provider)}/.well-known/oauth-protected-resource"
    assert metadata["authorization_servers"] == [issuer_of(provider)]
    server = call(f"{metadata['authorization_servers'][0]}/.well-known/oauth-authorization-server").json
    assert server["issuer"] == issuer_of(provider)


def test_site_that_only_protects_has_no_table(api: Project) -> None:
    made = api.folder / "db.sqlite3"
    assert not made.exists() or made.stat().st_size == 0


def test_routes_of_the_provider_are_held_to_a_baseline(provider: Project) -> None:
    table = provider.run("python manage.py oauth_routes /api/")
    assert re.search(r"GET\s+.*read", table), table
    provider.run("python manage.py oauth_routes --write-baseline")
    assert "No route is worse" in provider.run("python manage.py oauth_routes --check")
    (test,) = [block for block in blocks(ROUTES, text=section(ROUTES, "In your tests")) if block.language == "python"]
    (provider.folder / "test_routes.py").write_text(test.code, encoding="utf-8")
    tests = "test_notes.py test_routes.py"
    passed = provider.run(f"python -m pytest -q -p no:cacheprovider --rootdir . --ds mysite.settings {tests}")
    assert "2 passed" in passed


def test_doctor_names_what_a_laptop_lacks_with_a_fix_and_finds_the_rest_well(provider: Project) -> None:
    inside = provider.run("python manage.py oauth_doctor --format json || true")
    outside = provider.run(f"python manage.py oauth_doctor --format json --as-client {issuer_of(provider)} || true")
    for printed, well in ((inside, {"settings", "hosts", "migrations"}), (outside, {"discovery", "jwks"})):
        found = {one["name"]: one for one in json.loads(printed)}
        assert {name for name in well if found[name]["state"] != "ok"} == set(), printed
        assert all(one["fix"] for one in found.values() if one["state"] == "problem")
    assert {one["name"]: one["state"] for one in json.loads(inside)}["debug"] == "warning"

"""A person's browser over real HTTP: cookies, forms, redirects and the page that goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

MAX_HOPS = 12
SECONDS = 30


class _Forms(HTMLParser):
    """The forms of a page with the fields that have a value, and where the page moves to by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.actions: list[str] = []
        self.moves_to = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
            self.actions.append(values.get("action", ""))
        elif tag == "input" and values.get("type") in {"checkbox", "radio"} and "checked" not in values:
            return
        elif tag == "input" and values.get("name") and self.forms:
            self.forms[-1][values["name"]] = values.get("value", "")
        elif tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.moves_to = values["content"].partition("url=")[2]


@dataclass
class HttpBrowser:
    """One person; `site` is where their account is: what leads elsewhere is not followed."""

    site: str
    username: str
    password: str
    visited: list[str] = field(default_factory=list)
    # Where names of the outside lead, and whose certificates are believed there.
    proxy: str = ""
    authority: str = ""

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        if self.proxy:
            self._session.proxies, self._session.verify = {"https": self.proxy}, self.authority

    def go(self, url: str) -> requests.Response | str:
        """Open an address and follow it; the page it ends at, or the first address outside the site."""
        for _ in range(MAX_HOPS):
            if not url.startswith(f"{self.site}/"):
                return url
            self.visited.append(url)
            response = self._session.get(url, allow_redirects=False, timeout=SECONDS)
            target = response.headers.get("Location") or _read(response).moves_to
            if not target:
                return response
            url = urljoin(url, target)
        raise AssertionError(f"too many hops: {self.visited}")

    def press(self, page: requests.Response, *, having: str = "", **values: str) -> requests.Response | str:
        """Fill in the form that has this field, or the page's one form, send it and follow the answer."""
        forms = _read(page)
        found = [at for at, form in enumerate(forms.forms) if not having or having in form]
        assert len(found) == 1, page.text
        action = urljoin(page.url, forms.actions[found[0]])
        response = self._session.post(
            action,
            {**forms.forms[found[0]], **values},
            headers={"Referer": page.url, "Origin": self.site},
            allow_redirects=False,
            timeout=SECONDS,
        )
        target = response.headers.get("Location")
        return self.go(urljoin(action, target)) if target else response

    def sign_in_on(self, page: requests.Response | str) -> requests.Response | str:
        """Answer a sign-in page; any other page is handed back as it is."""
        if isinstance(page, str) or "password" not in _read(page).forms[0]:
            return page
        return self.press(page, username=self.username, password=self.password)

    def decide(self, url: str, decision: str = "allow") -> str:
        """Walk an authorization request, signing in where asked; the address of the client it ends at."""
        page = self.sign_in_on(self.go(url))
        if isinstance(page, str):
            return page
        assert page.status_code == 200, page.text
        answer = self.press(page, decision=decision)
        assert isinstance(answer, str), answer.text
        return answer

    def connect_device(self, url: str, *, user_code: str = "") -> str:
        """Enter the code of a device, confirm it, and hand back the page that says so."""
        page = self.sign_in_on(self.go(url))
        assert isinstance(page, requests.Response)
        confirm = self.press(page, **({"user_code": user_code} if user_code else {}))
        assert isinstance(confirm, requests.Response)
        done = self.press(confirm, decision="allow")
        assert isinstance(done, requests.Response)
        assert done.status_code == 200, done.text
        return done.text

    def close(self) -> None:
        """Leave."""
        self._session.close()


def _read(response: requests.Response) -> _Forms:
    forms = _Forms()
    if response.headers.get("Content-Type", "").startswith("text/html"):
        forms.feed(response.text)
    return forms

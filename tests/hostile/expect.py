"""What every hostile case must not leave behind, said once."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse

from oauth_provider.models import AccessToken, AuthorizationCode, Grant, RefreshToken
from tests.flow import query_of

ISSUER = "https://provider.example"


def rows() -> tuple[int, ...]:
    """How many rows there are that stand for access."""
    return tuple(model.objects.count() for model in (Grant, AuthorizationCode, RefreshToken, AccessToken))


def assert_page(response: HttpResponse, *, status: int = 400) -> None:
    """An error page of our own host: no redirect, no caches, no frames, no inner matters."""
    assert response.status_code == status, (response.status_code, response.headers)
    assert "Location" not in response.headers
    assert "http-equiv" not in response.content.decode()
    assert response["X-Frame-Options"] == "DENY"
    assert "Traceback" not in response.content.decode()


def assert_redirected(response: HttpResponse, error: str, *, to: str = "https://c.example/cb?") -> dict[str, str]:
    """An error at the registered redirect URI, with `iss` (AS10); returns its query."""
    assert response.status_code == 303, (response.status_code, response.content[:300])
    assert response["Location"].startswith(to)
    answer = query_of(response["Location"])
    assert answer["error"] == error, answer
    assert answer["iss"] == ISSUER
    assert "code" not in answer
    return answer


def assert_refused(response: HttpResponse, error: str, *, status: int = 400) -> None:
    """An error in JSON, kept by no cache, without a token."""
    assert (response.status_code, response.json()["error"]) == (status, error), response.content
    assert "token" not in set(response.json())
    assert not {"access_token", "refresh_token", "id_token"} & set(response.json())
    assert response["Cache-Control"] == "no-store"


def query(*pairs: tuple[str, str]) -> str:
    """A query in which a name may come twice."""
    return urlencode(pairs)

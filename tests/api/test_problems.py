"""Every refusal is a problem (RFC 9457): no page, no bare list, and the challenge stays where it belongs."""

from __future__ import annotations

import pytest
from django.http import UnreadablePostError
from django.test import Client as Browser

from oauth_provider.api.reading import MAX_BYTES
from tests.api.conftest import Api, problem


@pytest.fixture
def raw(machine):
    """A request with any body under any name: `raw("POST", "clients", b"…", "application/json")`."""
    api = machine()

    def send(method, path, body=b"", content_type="application/json", **headers):
        sent = {"Authorization": f"Bearer {api.token}", **headers}
        return api.browser.generic(method, f"/oauth/api/{path}", body, content_type=content_type, headers=sent)

    return send


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("", 400, "invalid_request"), ("nonsense", 401, "invalid_token"), ("a b", 400, "invalid_request")],
)
def test_wrong_token_is_a_problem_with_a_challenge(db, token, status, code):
    response = Api(token).get("clients")
    assert problem(response, status, code)["reason"]
    assert f'error="{code}"' in response["WWW-Authenticate"]


def test_token_in_the_address_is_refused(machine):
    api = machine()
    problem(Browser().get(f"/oauth/api/clients?access_token={api.token}"), 400, "invalid_request")


@pytest.mark.parametrize("path", ["", "nothing", "clients/a/b", "clients/a/secrets/x/revoke", "grants/1", "consents/1"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "TRACE"])
def test_address_that_is_none_is_a_problem(db, path, method):
    problem(Browser().generic(method, f"/oauth/api/{path}"), 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_other_method_is_a_problem_that_names_those_there_are(raw, method):
    response = raw(method, "clients")
    problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD"


def test_head_is_get_without_a_body(raw):
    response = raw("HEAD", "clients")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "text/html, image/*", "x", ";;;"])
def test_answer_is_json_or_none(raw, accept):
    problem(raw("GET", "clients", Accept=accept), 406, "not_acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json; indent=4", "text/html, */*;q=0.1"])
def test_answer_is_json(raw, accept):
    response = raw("GET", "clients", Accept=accept)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""]
)
def test_body_is_json_or_none(raw, content_type):
    problem(raw("POST", "clients", b"name=x", content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"name"', b"1", b"\xff", b'{"name": NaN}', b'{"name": 1e999}', b"[" * 100_000,
        b'{"a": ' * 50_000, b'{"name": "\\u0000"}', b'{"name": "\\ud800"}', b'{"\\ud800": 1}', b'{"a": ["\\u0000"]}',
        b'{"name": "a", "name": "b"}', b'{"name": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_body_that_is_no_object_is_a_problem(raw, body):
    problem(raw("POST", "clients", body), 400)


def test_body_is_of_decent_size(raw):
    problem(raw("POST", "clients", b'"' + b"x" * MAX_BYTES + b'"'), 413, "too_large")


def test_body_that_breaks_off_is_a_problem(raw, monkeypatch):
    def broken(*args):
        raise UnreadablePostError

    monkeypatch.setattr("django.core.handlers.wsgi.WSGIRequest.read", broken)
    problem(raw("POST", "clients", b'{"name": "x"}'), 400)


def test_operation_without_arguments_refuses_some(raw, web):
    address = f"clients/{web.client_id}/suspend"
    body = problem(raw("POST", address, b'{"why": "x"}'), 400)
    assert body["errors"].keys() == {"why"}
    assert raw("POST", address, b"{}").status_code == 200


def test_limit_of_the_site_is_a_problem(machine, monkeypatch):
    from oauth_provider.api.clients import Clients

    class Never:
        def allow_request(self, request, view):
            return False

        def wait(self):
            return 7

    monkeypatch.setattr(Clients, "throttle_classes", [Never])
    response = machine().get("clients")
    problem(response, 429, "throttled")
    assert response["Retry-After"] == "7"


def test_other_rest_framework_settings_of_the_site_change_nothing(machine, settings):
    settings.REST_FRAMEWORK = {
        "EXCEPTION_HANDLER": "tests.nothing",
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
        "DATETIME_FORMAT": "%d",
    }
    api = machine()
    (row,) = api.get("clients").json()["results"]
    assert row["created_at"].endswith("Z")
    problem(api.get("clients/nobody"), 404)


def test_no_answer_is_kept_by_a_cache(machine, web):
    api = machine()
    for path in ("clients", f"clients/{web.client_id}", "events", "schema", "nothing"):
        response = api.get(path)
        assert response["Cache-Control"] == "no-store"
    assert "Authorization" in api.get("clients")["Vary"]

"""`protect`: an ASGI application behind our tokens, and what its handlers learn of the call."""

from __future__ import annotations

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.urls import path

from oauth_provider import acting
from oauth_provider.resource_server import asgi
from oauth_provider.resource_server.asgi import InsufficientScope, current_access, protect, require_scopes
from oauth_provider.testing import as_app
from tests.asgi import DENIAL, request, websocket

pytestmark = pytest.mark.django_db
RESOURCE = "https://provider.example/mcp"


@pytest.fixture(autouse=True)
def _mcp(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "MCP": {"resource": RESOURCE}}


@pytest.fixture
def token(client, ada):
    def of(scopes="read", resource=RESOURCE, **more):
        return as_app(client, user=ada, scopes=scopes, resource=resource, **more).token

    return of


async def answer(send, body, *, headers=()):
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def notes(scope, receive, send):
    access = current_access()
    assert scope["access"] is access
    await answer(send, [access.user.get_username(), access.scope, access.client_id])


protected = protect(notes, scopes=["read"], resource=RESOURCE)


def test_application_learns_who_calls_by_one_statement_and_one_thread_hop(
    token, warm_keys, settings, monkeypatch, django_assert_num_queries
):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "MCP": {"resource": RESOURCE}}
    hops = []
    monkeypatch.setattr(asgi, "sync_to_async", lambda function: hops.append(function) or sync_to_async(function))
    value = token()
    with django_assert_num_queries(1):
        answered = request(protected, value)
    assert (answered.status, answered.json[:2]) == (200, ["ada", "read"])
    assert len(hops) == 1


def test_RS12_what_it_answers_stays_out_of_shared_caches(token):
    assert request(protected, token()).headers == {"vary": "Authorization", "cache-control": "private, no-store"}

    async def has_its_own(scope, receive, send):
        await answer(send, [], headers=[(b"Vary", b"Accept, authorization"), (b"Cache-Control", b"no-cache")])

    kept = request(protect(has_its_own, scopes=["read"], resource=RESOURCE), token()).headers
    assert kept == {"vary": "Accept, authorization", "cache-control": "no-cache"}


def test_RS5_without_a_token_the_challenge_names_scope_and_metadata_and_nothing_is_read(client):
    answered = request(protect(notes, scopes=["read", "write"], resource=RESOURCE))
    assert answered.status == 401
    assert answered.challenge.startswith(
        'Bearer realm="api", scope="read write", '
        'resource_metadata="https://provider.example/.well-known/oauth-protected-resource/mcp", DPoP realm="api", '
    )
    assert answered.json["code"] == "not_authenticated"
    assert answered.received == 0
    assert "x-request-id" in answered.headers
    assert int(answered.headers["content-length"]) == len(answered.body)


def test_RS7_bound_token_needs_a_proof_and_the_nonce_goes_out_with_both_answers(client, ada, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DPOP_NONCE": True}
    bound = as_app(client, user=ada, resource=RESOURCE, dpop=True)
    address = "https://provider.example/mcp"

    def proved(nonce):
        proof = bound.prover.proof("POST", address, token=bound.token, nonce=nonce)
        sent = {"authorization": f"DPoP {bound.token}", "dpop": proof, "host": "provider.example"}
        return request(protected, headers=[(name.encode(), value.encode()) for name, value in sent.items()])

    assert request(protected, bound.token).status == 401
    asked = proved("")
    assert (asked.status, asked.json["code"]) == (401, "use_dpop_nonce")
    assert proved(asked.headers["dpop-nonce"]).status == 200


def test_who_acts_is_known_while_the_application_runs_and_not_after_it(client, token):
    seen = []

    async def acts(scope, receive, send):
        seen.append(acting.current() is scope["access"])
        await answer(send, None)

    assert request(protect(acts, scopes=["read"], resource=RESOURCE), token()).status == 200
    assert (seen, acting.current()) == ([True], None)


@pytest.mark.parametrize("resource", [None, "https://provider.example/other"])
def test_RS2_token_for_another_audience_is_refused(token, settings, resource):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "MCP": {"resource": RESOURCE}}
    answered = request(protected, token(resource=resource))
    assert (answered.status, answered.json["reason"]) == (401, "wrong_audience")
    assert 'error="invalid_token"' in answered.challenge


def test_RS2_without_a_resource_of_its_own_it_belongs_to_the_site(token):
    of_site = protect(notes, scopes=["read"])
    assert request(of_site, token(resource=None)).status == 200
    assert request(of_site, token()).status == 401


def test_RS1_token_in_the_query_is_refused(token):
    for header in (None, token()):
        answered = request(protected, header, query=b"access_token=" + token().encode())
        assert answered.status == 400
        assert 'error="invalid_request"' in answered.challenge


def test_RS1_two_tokens_are_refused(token):
    twice = [(b"authorization", f"Bearer {token()}".encode())] * 2
    assert request(protected, headers=twice).status == 400


@pytest.mark.parametrize("value", ["nonsense", "op_at_" + "x" * 49, "x" * 9000])
def test_RS5_token_nobody_knows_gets_no_detail(client, value):
    answered = request(protected, value)
    assert answered.status == 401
    assert answered.challenge.startswith('Bearer realm="api", error="invalid_token"')


def test_RS6_person_who_is_no_longer_active(token, ada):
    value = token()
    ada.is_active = False
    ada.save()
    assert request(protected, value).status == 401


def test_token_without_the_scopes_is_told_all_that_is_needed(token):
    answered = request(protect(notes, scopes=["read", "write"], resource=RESOURCE), token("write"))
    assert answered.status == 403
    assert 'error="insufficient_scope", scope="read write"' in answered.challenge
    assert "resource_metadata=" in answered.challenge
    assert answered.json["required"] == ["read", "write"]


def test_scope_that_a_handler_asks_for_becomes_the_answer_while_it_has_not_begun(token):
    async def handler():
        await asyncio.sleep(0)
        try:
            require_scopes("write")
        except InsufficientScope as error:
            return str(error)
        raise AssertionError

    async def application(scope, receive, send):
        # As an MCP server: a task of its own finds out, and its error is what would be answered.
        await answer(send, await asyncio.create_task(handler()))

    answered = request(protect(application, scopes=["read"], resource=RESOURCE), token())
    assert answered.status == 403
    assert 'error="insufficient_scope", scope="read write"' in answered.challenge
    assert answered.types == ["http.response.start", "http.response.body"]
    assert answered.json["required"] == ["read", "write"]
    assert request(protect(application, scopes=["read"], resource=RESOURCE), token("write")).json["required"] == [
        "read"
    ]


def test_scope_that_the_token_has_changes_nothing(token):
    async def application(scope, receive, send):
        require_scopes("write")
        await answer(send, "done")

    assert request(protect(application, scopes=["read"], resource=RESOURCE), token("read write")).json == "done"


def test_application_that_lets_the_error_go_is_answered_for(token):
    async def application(scope, receive, send):
        require_scopes("write", "read")

    answered = request(protect(application, scopes=["read"], resource=RESOURCE), token())
    assert (answered.status, answered.json["required"]) == (403, ["read", "write"])


def test_answer_that_has_begun_is_not_taken_back(token):
    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            require_scopes("write")
        except InsufficientScope:
            await send({"type": "http.response.body", "body": b"too late"})

    answered = request(protect(application, scopes=["read"], resource=RESOURCE), token())
    assert (answered.status, answered.body) == (200, b"too late")

    async def lets_go(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        require_scopes("write")

    with pytest.raises(InsufficientScope):
        request(protect(lets_go, scopes=["read"], resource=RESOURCE), token())


def test_outside_of_a_protected_application_there_is_no_access(token):
    request(protected, token())
    for ask in (current_access, lambda: require_scopes("read")):
        with pytest.raises(LookupError):
            ask()


@pytest.mark.parametrize("scopes", [[], [""], ["a b"]])
def test_RS4_no_scope_is_a_programming_error(scopes):
    with pytest.raises(ImproperlyConfigured):
        protect(notes, scopes=scopes, resource=RESOURCE)


def test_RS4_requiring_nothing_is_a_programming_error_too(token):
    async def application(scope, receive, send):
        require_scopes()

    with pytest.raises(ImproperlyConfigured):
        request(protect(application, scopes=["read"], resource=RESOURCE), token())


def test_lifespan_is_the_application_s_own():
    seen = []

    async def application(scope, receive, send):
        seen.append(scope)

    scope = {"type": "lifespan"}
    asyncio.run(protect(application, scopes=["read"], resource=RESOURCE)(scope, None, None))
    assert seen == [scope]


async def socket(scope, receive, send):
    await receive()
    require_scopes("read")
    await send({"type": "websocket.accept", "headers": []})


def test_websocket_is_accepted_with_a_token(token):
    assert websocket(protect(socket, scopes=["read"], resource=RESOURCE), token()).types == ["websocket.accept"]


@pytest.mark.parametrize(("scopes", "code", "status"), [(None, 4401, 401), ("write", 4403, 403)])
def test_websocket_is_denied_before_it_is_accepted(token, scopes, code, status):
    value = None if scopes is None else token(scopes)
    application = protect(socket, scopes=["read"], resource=RESOURCE)
    assert websocket(application, value).messages == [{"type": "websocket.close", "code": code}]
    answered = websocket(application, value, extensions=DENIAL)
    assert answered.types == ["websocket.http.response.start", "websocket.http.response.body"]
    assert answered.status == status
    assert 'scope="read"' in answered.challenge


def test_RS1_websocket_with_a_token_in_the_query(token):
    application = protect(socket, scopes=["read"], resource=RESOURCE)
    answered = websocket(application, query_string=b"access_token=" + token().encode())
    assert answered.messages == [{"type": "websocket.close", "code": 4400}]


def test_challenge_names_no_metadata_that_nobody_serves(client, settings):
    settings.ROOT_URLCONF = (path("nothing", lambda _: None),)
    assert "resource_metadata" not in request(protected).challenge


def test_mounted_application_is_protected_too(token):
    assert request(protected, token(), path="/tools/mcp", root_path="/tools").status == 200

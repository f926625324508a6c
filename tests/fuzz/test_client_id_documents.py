"""A document of a stranger is used or refused; nothing in it breaks us, whatever its bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth_provider import outbound
from oauth_provider.clients import document_metadata, redirect_uris
from oauth_provider.clients.profiles import PROFILES
from tests.fuzz import strategies

pytestmark = pytest.mark.fuzz

URL = "https://app.example/client.json"
RIGHT = {
    "client_id": URL,
    "client_name": "Notes Agent",
    "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "scope": "read write",
    "client_uri": "https://app.example/",
    "logo_uri": "https://app.example/logo.png",
    "policy_uri": "https://app.example/privacy",
    "tos_uri": "https://app.example/terms",
    "contacts": ["ada@app.example"],
    "software_id": "notes",
    "software_version": "1.0",
}
_any_text = st.one_of(strategies.text, st.text(max_size=20), st.sampled_from(["\ud800", "\u202e", "\x00", "x" * 3000]))
_any_value = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _any_text),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_any_text, inner, max_size=3)),
    max_leaves=8,
)
_changed = st.dictionaries(st.sampled_from([*RIGHT, "client_secret", "jwks_uri", "#"]), _any_value, max_size=3).map(
    lambda changes: json.dumps({**RIGHT, **changes}).encode()
)


@given(
    body=st.one_of(
        _changed, _changed, st.binary(max_size=300), _any_value.map(lambda value: json.dumps(value).encode())
    )
)
def test_document_is_used_or_refused(body):
    try:
        metadata = document_metadata.read(body, client_id=URL)
    except document_metadata.InvalidDocument:
        return
    assert json.loads(body)["client_id"] == URL
    assert 0 < len(metadata.name) <= 255
    for uri in metadata.redirect_uris:
        redirect_uris.validate(uri, rules=PROFILES[document_metadata.PROFILE])
    for text in (metadata.name, *metadata.redirect_uris, *metadata.columns.values()):
        json.dumps(text).encode()
        assert "\x00" not in str(text)
        str(text).encode()


@given(
    url=st.one_of(
        strategies.text, strategies.text.map(lambda text: f"https://{text}"), st.text(alphabet="https:/.@[]0x17f%#?\\ ")
    )
)
def test_url_is_judged(url):
    try:
        outbound.check(url)
    except outbound.Refused:
        return
    assert url.lower().startswith("https://")
    assert url.isascii()

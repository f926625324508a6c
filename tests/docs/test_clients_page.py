"""docs/clients.md, run: a client is registered, told of sign-outs, and opened."""

from __future__ import annotations

from typing import Any

import pytest

from oauth_provider.clients import sign_in_and_out
from oauth_provider.models import Client
from tests.docs.markdown import ROOT, blocks, section

PAGE = ROOT / "docs" / "clients.md"


@pytest.mark.django_db
def test_page_works_as_it_is_written() -> None:
    names: dict[str, Any] = {}
    signing_out = section(PAGE, "Signing out, and signing in from here")
    first = next(block for block in blocks(PAGE) if block.language == "python")
    for block in (first, *(block for block in blocks(PAGE, text=signing_out) if block.language == "python")):
        exec(block.code, names)  # noqa: S102  the documentation under test
    client = Client.objects.get()
    assert client.post_logout_redirect_uris == ("https://notes.example/signed-out",)
    assert client.backchannel_logout_uri == "https://notes.example/sign-out"
    assert names["address"] == (
        "https://notes.example/start?iss=https%3A%2F%2Fprovider.example"
        "&target_link_uri=https%3A%2F%2Fnotes.example%2Finbox"
    )
    # Every argument of the room stands on the page.
    assert all(f"`{name}`" in signing_out for name in sign_in_and_out.NAMES)

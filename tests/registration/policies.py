"""Policies of a site, as REGISTRATION_POLICIES names them."""

from __future__ import annotations

from oauth_provider.clients.policies import Narrow, Refuse, RegistrationRequest

seen: list[RegistrationRequest] = []


def look(*, metadata, request):
    """Say nothing, remember who asked."""
    assert "redirect_uris" in metadata
    seen.append(request)


def refuse(*, metadata, request):
    """No."""
    return Refuse("Write to apps@site.example first.", detail="host is not on the list")


def refuse_statement(*, metadata, request):
    """No, and the statement is why."""
    return Refuse("Not one of ours.", error="unapproved_software_statement")


def only_read(*, metadata, request):
    """Less."""
    return Narrow(scopes={"read", "something else"})


def only_openid(*, metadata, request):
    """Less of something else."""
    return Narrow(scopes=["openid"])


def fail(*, metadata, request):
    """A policy with a mistake in it."""
    raise RuntimeError("secret-of-the-policy")


def answer_true(*, metadata, request):
    """A policy that misunderstood what to answer."""
    return True


def misspell(*, metadata, request):
    """An error RFC 7591 does not know."""
    return Refuse("No.", error="access_denied")


def change_what_it_is_given(*, metadata, request):
    """A policy must not decide by writing."""
    metadata["scope"] = "read write"


def host_is_named_twice(*, metadata, request):
    """What a policy would do with members of the site's own."""
    return None if metadata.get("x_ticket") == "OPS-1" else Refuse("Name your ticket in x_ticket.")

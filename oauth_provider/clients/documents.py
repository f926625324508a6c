"""Clients whose `client_id` is the address of a document about them (draft-ietf-oauth-client-id-metadata-document).

The document is read when a signed-in person is sent here by a client that is not known, or not known freshly: never
for a stranger, and never at the token endpoint. What it says becomes a row like that of every client.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from oauth_provider import credentials, limits, outbound
from oauth_provider import mcp as mcp_setting
from oauth_provider import scopes as known_scopes
from oauth_provider.clients import document_metadata, known, mcp, registration, unconfirmed
from oauth_provider.clients import metadata as of_wire
from oauth_provider.clients.document_metadata import InvalidDocument, Metadata
from oauth_provider.conf import conf
from oauth_provider.errors import UnknownClient
from oauth_provider.models import AuditEvent, Client, ClientOrigin
from oauth_provider.values import AuthMethod, Event, RegistrationSource, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

# Three times what the draft recommends (§8.7); metadata is a kilobyte or two.
MAX_BYTES = 16_384
# Of an Application's client_id.
MAX_LENGTH = 255
# Seconds a document is taken for fresh: at least, at most, and where it does not say.
SHORTEST, LONGEST, USUAL = 300, 86_400, 3600
# How long one that cannot be fetched stays good after that; one that is gone or wrong does not.
GRACE = timedelta(hours=24)
READ_PER_MINUTE = 20

_GONE = frozenset({404, 410})
_OK = 200
_JSON = re.compile(r"application/([a-z0-9!#$&^_.+-]+\+)?json", re.ASCII)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,10})", re.ASCII | re.IGNORECASE)
_MUST_ASK = re.compile(r"(?:^|[\s,])no-(store|cache)(?![\w-])", re.ASCII | re.IGNORECASE)
_DOTS = frozenset({".", ".."})
_NOT_READ = "The document of this app could not be read. Try again later."


class _Unreadable(Exception):
    """The document cannot be had at the moment."""


def concerns(client_id: str, client: Client | None) -> bool:
    """Whether a document is where this client is, or may be, known from."""
    if client is None:
        return client_id.startswith("https://")
    return client.registration_source == RegistrationSource.DOCUMENT


def find_or_fetch(
    client_id: str, client: Client | None, *, user: AbstractBaseUser | None, source: Source
) -> Client | None:
    """The client of this address as its document says today; None while nobody is signed in to read it for.

    `client` is what is known of it; while that is fresh nothing is fetched and no statement is made. Raises
    UnknownClient, whose description tells the author of a document what is wrong with it.
    """
    if client is not None and not client.is_active:
        return client
    _check_address(client_id)
    now, fresh_until = timezone.now(), None if client is None else client.document_fresh_until
    if client is not None and fresh_until is not None and now < fresh_until:
        return client
    still_good = client if fresh_until is not None and now < fresh_until + GRACE else None
    if user is None:
        return still_good
    try:
        metadata, fresh_until = _read(client_id, user=user, source=source)
    except _Unreadable as error:
        if still_good is not None:
            return still_good
        raise UnknownClient(_NOT_READ, detail=f"{client_id[:200]!r}: {error}") from error
    except InvalidDocument as error:
        if still_good is not None:
            # Nobody is sent where the document once allowed, be they signed in or not (AS3).
            still_good.note_document(now - GRACE)
        raise UnknownClient(
            f"The document of this app cannot be used: {error.reason}", detail=f"{client_id[:200]!r}: {error.reason}"
        ) from error
    if client is not None and _change(client, metadata, fresh_until=fresh_until, source=source):
        return client
    return _register(client_id, metadata, fresh_until=fresh_until, source=source)


def address_of(client: Client) -> str:
    """The host that speaks for the client; empty for one that was made in another way."""
    if client.registration_source != RegistrationSource.DOCUMENT:
        return ""
    return urlsplit(client.client_id).hostname or ""


def _check_address(client_id: str) -> None:
    """Raise UnknownClient unless it is an address documents are read from (draft §3; CLIENT_ID_METADATA_HOSTS, MCP)."""
    unknown, shown = "No app is registered under this client_id.", repr(client_id[:200])
    try:
        parts = urlsplit(client_id)
        host = parts.hostname or ""
    except ValueError as error:
        raise UnknownClient(unknown, detail=f"client_id={shown}") from error
    if not (mcp.is_host_named(host) or mcp.is_host_of_agents(host)):
        nor = "" if mcp_setting.setting() is None else " or in client_hosts of MCP"
        raise UnknownClient(unknown, detail=f"client_id={shown}: its host is not in CLIENT_ID_METADATA_HOSTS{nor}")
    if wrong := _wrong_with(client_id, parts.netloc, host=host, path=parts.path, query=parts.query):
        raise UnknownClient(f"This client_id cannot be the address of a document: {wrong}.", detail=f"{shown}: {wrong}")


def _wrong_with(client_id: str, netloc: str, *, host: str, path: str, query: str) -> str:
    if len(client_id) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} signs"
    try:
        outbound.check(client_id)
    except outbound.Refused as refused:
        return refused.reason
    # One client, one id: no other spelling of the host.
    if netloc != host or not client_id.startswith("https://"):
        return "write the host in lower case and without a port"
    if not path:
        return "it has no path"
    if any(segment.lower().replace("%2e", ".") in _DOTS for segment in path.split("/")):
        return "its path has . or .. in it"
    # §3 only advises against one; with it any page that repeats what it is sent could serve documents.
    return "it has a query" if query or "?" in client_id else ""


def _read(client_id: str, *, user: AbstractBaseUser, source: Source) -> tuple[Metadata, datetime]:
    for key in (f"document\x00{source.address}", f"document\x00user\x00{user.pk}"):
        # Counted before it costs anything.
        if limits.count_failure(credentials.digest(key)) > READ_PER_MINUTE:
            msg = "too many documents were asked for within this minute"
            raise _Unreadable(msg)
    try:
        fetched = outbound.fetch(client_id, accept="application/json, application/*+json", max_bytes=MAX_BYTES)
    except outbound.Refused as refused:
        raise _Unreadable(refused.reason) from refused
    if fetched.status in _GONE:
        raise InvalidDocument("It is gone.")
    if fetched.status != _OK:
        msg = f"status {fetched.status}"
        raise _Unreadable(msg)
    if not _JSON.fullmatch(fetched.headers.get("content-type", "").partition(";")[0].strip().lower()):
        raise InvalidDocument("Its Content-Type is not application/json.")
    metadata = document_metadata.read(fetched.body, client_id=client_id)
    return metadata, timezone.now() + timedelta(seconds=_fresh_for(fetched.headers))


def _fresh_for(headers: Mapping[str, str]) -> int:
    """Seconds the document may be taken for fresh: what its server says (RFC 9111 §4.2.1), within our bounds."""
    return min(max(_said(headers), SHORTEST), LONGEST)


def _said(headers: Mapping[str, str]) -> int:
    control = headers.get("cache-control", "")
    if _MUST_ASK.search(control):
        return 0
    if found := _MAX_AGE.search(control):
        age = headers.get("age", "0").strip()
        return int(found[1]) - (int(age) if age.isascii() and age.isdigit() and len(age) <= 10 else 0)  # noqa: PLR2004
    if "expires" in headers:
        try:
            until, date = (parsedate_to_datetime(headers[name]) for name in ("expires", "date"))
            return int((until - date).total_seconds())
        except (KeyError, ValueError, TypeError, OverflowError):
            return 0  # RFC 9111 §5.3: a date that cannot be read is past
    return USUAL


def _scopes(metadata: Metadata, *, client_id: str) -> tuple[list[str], list[str]]:
    """What it may have, and what it has when a request names none.

    An agent asks for more when it needs more (MCP authorization, step-up), so it may have every scope of MCP; another
    client what it asks for, of what one that registers itself may have.
    """
    if not mcp.is_host_named(urlsplit(client_id).hostname or ""):
        allowed = list(known_scopes.of_mcp())
        return allowed, mcp.default_scopes(metadata.scopes, allowed)
    most = conf.REGISTRATION_SCOPES or (*conf.DEFAULT_SCOPES, known_scopes.OPENID)
    asked = most if metadata.scopes is None else metadata.scopes
    allowed = [scope for scope in dict.fromkeys(asked) if scope in most and scope in known_scopes.registered()]
    return allowed, [scope for scope in conf.DEFAULT_SCOPES if scope in allowed]


def _resources(client_id: str) -> list[str]:
    """What its row says it is for: the MCP resource, or nothing where the site named its host (see `clients.mcp`)."""
    resource = mcp_setting.resource()
    return [] if resource is None or mcp.is_host_named(urlsplit(client_id).hostname or "") else [resource]


def _register(client_id: str, metadata: Metadata, *, fresh_until: datetime, source: Source) -> Client:
    wanted = {
        **metadata.columns,
        "post_logout_redirect_uris": metadata.post_logout_redirect_uris,
        "requested_scopes": list(metadata.scopes or ()),
        "document_fresh_until": fresh_until,
    }
    scopes, default_scopes = _scopes(metadata, client_id=client_id)
    unconfirmed.make_room()
    try:
        with transaction.atomic():
            client, _none = registration.register(
                name=metadata.name,
                profile=document_metadata.PROFILE,
                redirect_uris=metadata.redirect_uris,
                scopes=scopes,
                default_scopes=default_scopes,
                resources=_resources(client_id),
                origins=of_wire.origins_of(metadata.redirect_uris),
                auth_method=AuthMethod.NONE,
                client_id=client_id,
                source=RegistrationSource.DOCUMENT,
                request_source=source,
                settings=wanted,
                unconfirmed_until=unconfirmed.until(),
            )
            client.change(grant_types=list(metadata.grant_types))
    except ValidationError as error:
        raise UnknownClient("The document of this app cannot be used.", detail="; ".join(error.messages)) from error
    except IntegrityError as error:
        # Another request for the same document was quicker.
        other = Client.objects.named(client_id)
        if other is None:
            raise UnknownClient("No app is registered under this client_id.", detail="see oauth_adopt") from error
        return other
    return client


def _change(client: Client, metadata: Metadata, *, fresh_until: datetime, source: Source) -> bool:
    """Make the row what the document says; False when it has gone meanwhile, unconfirmed as it was.

    One event for a confirmed client, with the names of what changed and the addresses people are sent to.
    """
    before, after = client.redirect_uris, metadata.redirect_uris
    before_out, after_out = client.post_logout_redirect_uris, metadata.post_logout_redirect_uris
    detail = _came_and_went("redirect_uris", before, after)
    with transaction.atomic():
        if not client.note_document(fresh_until):
            return False
        differing = _differing(client, metadata)
        changed = sorted(differing)
        if differing:
            client.change(**differing)
        if metadata.name != client.name:
            client.rename(metadata.name)
            changed.append("name")
        if before != after:
            client.set_redirect_uris(after)
            ClientOrigin.objects.replace(client, of_wire.origins_of(after))
            changed.append("redirect_uris")
        if before_out != after_out:
            client.set_post_logout_redirect_uris(after_out)
            changed.append("post_logout_redirect_uris")
            detail |= _came_and_went("post_logout_redirect_uris", before_out, after_out)
        transaction.on_commit(known.forget)
        if changed and client.unconfirmed_until is None:
            AuditEvent.objects.record(
                Event.CLIENT_CHANGED, client=client, source=source, detail={"fields": changed, **detail}
            )
    return True


def _came_and_went(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, list[str]]:
    return {
        f"{name}_added": [uri for uri in after if uri not in before],
        f"{name}_removed": [uri for uri in before if uri not in after],
    }


def _differing(client: Client, metadata: Metadata) -> dict[str, object]:
    """The columns that the document wants otherwise."""
    columns: dict[str, object] = {
        **metadata.columns,
        "grant_types": list(metadata.grant_types),
        "requested_scopes": list(metadata.scopes or ()),
    }
    # One statement for what is not read along with a client.
    client.refresh_from_db(fields=[*columns, "allowed_scopes", "resources"])
    resources = _resources(client.client_id)
    # The host was named meanwhile, or is no longer; what an admin wrote there is neither.
    came_otherwise = resources != client.resources and client.resources in ([], [mcp_setting.resource()])
    if came_otherwise:
        columns["resources"] = resources
    if came_otherwise or columns["requested_scopes"] != client.requested_scopes:
        # Only then: what an admin gave or took is not undone by every reading.
        columns["allowed_scopes"], columns["default_scopes"] = _scopes(metadata, client_id=client.client_id)
    return {name: value for name, value in columns.items() if getattr(client, name) != value}

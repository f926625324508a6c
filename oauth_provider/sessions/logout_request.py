"""A request to sign out, as it was sent (OpenID Connect RP-Initiated Logout 1.0 §2): who asks, about whom, where to.

Whoever can read an ID token can send it along: it is a hint. It names the client, and it spares the question only
where it is of the very session that is to end (IS1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from oauth_provider import credentials
from oauth_provider.claims import subject
from oauth_provider.clients import redirect_uris
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidRequest, UnknownClient
from oauth_provider.keys import signing
from oauth_provider.models import Client, StoredRequest
from oauth_provider.models.clock import from_now
from oauth_provider.tokens import id_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

# The id of a request that was posted (see `keep`).
REQUEST = "request"
ID_TOKEN_HINT, CLIENT_ID = "id_token_hint", "client_id"
POST_LOGOUT_REDIRECT_URI, STATE = "post_logout_redirect_uri", "state"
# What a page that asks first has to carry.
PARAMETERS = (ID_TOKEN_HINT, CLIENT_ID, POST_LOGOUT_REDIRECT_URI, STATE, "ui_locales", REQUEST)
_KEPT = "logout"
# With a longer one no address could be written that servers and Django let through.
_MAX_STATE = 4096


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A valid request. `client` asks, as far as it said so; `sid` and `sub` are of its hint, "" without one.

    `location` is where the browser goes afterwards: registered by the client, with `state`; "" for nowhere.
    """

    client: Client | None = None
    sid: str = ""
    sub: str = ""
    location: str = ""

    def is_about(self, user: AbstractBaseUser, *, sid: str) -> bool:
        """Whether the hint is of the session with this `sid`; one that names none, of this person. One statement."""
        if self.client is None or not self.sub:
            return False
        if self.sid:
            return self.sid == sid
        return subject.existing(user, client=self.client) == self.sub


def read(asked: Mapping[str, str]) -> LogoutRequest:
    """The request these parameters make; raises InvalidRequest or UnknownClient, which are shown as a page (C55, AS3).

    An expired hint counts, and one of a key that signs no more (C56): who signs out may have been away for long.
    """
    if (request_id := asked.get(REQUEST)) is not None:
        return _kept(request_id)
    hint = asked.get(ID_TOKEN_HINT)
    claims = {} if hint is None else _claims_of(hint)
    client = _client_of(asked.get(CLIENT_ID), audience=claims.get("aud"))
    return LogoutRequest(
        client=client,
        sid=str(claims.get("sid", "")),
        sub=str(claims.get("sub", "")),
        location=_location(client, asked, has_hint=hint is not None),
    )


def keep(wanted: LogoutRequest, asked: Mapping[str, str]) -> dict[str, str]:
    """The query by which a posted request goes on at our own address, with no token in it.

    A form that another site sends comes without the session's cookie (`SameSite=Lax`); the address we send the browser
    on to has it. Nothing but what was understood of the request is kept, for some minutes.
    """
    query = {"ui_locales": asked["ui_locales"]} if "ui_locales" in asked else {}
    if wanted.client is None:
        return query
    request_id = credentials.make(credentials.Kind.REQUEST)
    StoredRequest.objects.create(
        digest=credentials.digest(request_id),
        client=wanted.client,
        parameters={_KEPT: {"sid": wanted.sid, "sub": wanted.sub, "location": wanted.location}},
        expires_at=from_now(conf.REQUEST_LIFETIME),
    )
    return {REQUEST: request_id, **query}


def _kept(request_id: str) -> LogoutRequest:
    is_id = credentials.is_kind(request_id, credentials.Kind.REQUEST)
    row = StoredRequest.objects.find(credentials.digest(request_id)) if is_id else None
    kept = None if row is None else row.parameters.get(_KEPT)
    if row is None or not isinstance(kept, dict) or row.expires_at <= row.database_now:
        raise InvalidRequest("This request is too old; start again from the app.", rule="request_too_old")
    # What was registered may have been taken back meanwhile.
    is_registered = kept["location"].startswith(row.client.post_logout_redirect_uris) and row.client.is_active
    return LogoutRequest(row.client, kept["sid"], kept["sub"], kept["location"] if is_registered else "")


def _claims_of(hint: str) -> Mapping[str, Any]:
    try:
        return signing.verify(hint, typ=id_token.TYP.lower(), audience=None, allow_expired=True)
    except signing.NotVerified as error:
        raise InvalidRequest(
            "id_token_hint is not an ID token of this provider.", detail=str(error), rule="id_token_hint_foreign"
        ) from error


def _client_of(client_id: str | None, *, audience: object) -> Client | None:
    """Who asks. Where both are sent they must agree (§2): `client_id` is there for a hint that cannot be read."""
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if audience is not None and client_id is not None and audience != client_id:
        raise InvalidRequest(
            "id_token_hint was given to another app.", rule="id_token_hint_of_another_client",
            compared={"sent": client_id, "expected": str(audience)},
        )  # fmt: skip
    wanted = client_id if audience is None else str(audience)
    if wanted is None:
        return None
    client = Client.objects.named(wanted)
    if client is None:
        raise UnknownClient(
            "No app is registered under this client_id.",
            detail=f"client_id={credentials.mask(wanted)[:100]!r}",
            rule="client_unknown",
            compared={"sent": wanted},
        )
    return client


def _location(client: Client | None, asked: Mapping[str, str], *, has_hint: bool) -> str:
    """§3: nobody is sent anywhere but to what this client registered, and without a hint nobody is sent at all."""
    wanted = asked.get(POST_LOGOUT_REDIRECT_URI)
    if wanted is None or client is None:
        return ""
    registered = client.post_logout_redirect_uris
    # One that came along from elsewhere may be of a scheme that no browser is sent to.
    if wanted not in registered or not redirect_uris.may_be_sent_to(wanted):
        raise InvalidRequest(
            "post_logout_redirect_uri is not registered for this app.",
            rule="post_logout_redirect_uri_not_registered",
            compared={
                "sent": wanted,
                "registered": "\n".join(redirect_uris.nearest_first(wanted, registered)),
            },
        )
    state = asked.get(STATE) or ""
    if len(state) > _MAX_STATE:
        raise InvalidRequest("state is too long.", rule="state_too_long")
    if not has_hint or not client.is_active:
        return ""
    return _with_state(wanted, state)


def _with_state(uri: str, state: str) -> str:
    """The address with `state` beside what its query says, and nothing else (§3)."""
    if not state:
        return uri
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode({STATE: state})}"

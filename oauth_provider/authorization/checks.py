"""The checks of an authorization request, as one table: first who and where to, then everything else.

An error before the target is known is shown as a page; later ones go to the client (RFC 6749 §4.1.2.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from oauth_provider import credentials, errors
from oauth_provider import scopes as known_scopes
from oauth_provider.authorization import claims_parameter, pkce, sign_in
from oauth_provider.authorization.parameters import Asked, Target, Viewer
from oauth_provider.authorization.response import RESPONSE_MODES
from oauth_provider.authorization.sign_in import Expected
from oauth_provider.claims.requested import Requested
from oauth_provider.clients import (
    allowed,
    authorization_details,
    documents,
    redirect_uris,
    response_types,
    users,
)
from oauth_provider.conf import conf
from oauth_provider.models import Client
from oauth_provider.values import GrantType, ResponseMode, Source

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

_PROMPTS = ("consent", "login", "none", "select_account")
MAX_NONCE = 512
# Escaped characters: as many as any ASCII value that is read may need.
MAX_STATE = 3 * 4096
NOWHERE = Source()


def prompts() -> tuple[str, ...]:
    """The values of `prompt` served here; `create` where the site has a page for it."""
    return ("create", *_PROMPTS) if conf.SIGN_UP_URL else _PROMPTS


def find_client(asked: Asked, *, viewer: Viewer | None = None, source: Source = NOWHERE) -> Client | None:
    """The client that asks; raises UnknownClient, which is shown as a page.

    With a viewer a client's own document is read where it has to be; None while nobody is signed in to read it for.
    """
    client_id = asked.get("client_id")
    if "client_id" in asked.doubled:
        raise errors.UnknownClient("client_id was sent twice.", rule="parameter_repeated")
    if client_id is None:
        raise errors.UnknownClient("client_id is missing.", rule="client_id_missing")
    client = Client.objects.named(client_id)
    if viewer is not None and documents.concerns(client_id, client):
        client = documents.find_or_fetch(client_id, client, user=viewer.user, source=source)
        if client is None:
            return None
    if client is None:
        raise errors.UnknownClient(
            "No app is registered under this client_id.",
            detail=f"client_id={credentials.mask(client_id)[:100]!r}",
            rule="client_unknown",
            compared={"sent": client_id},
        )
    check_status(client)
    return client


def check_status(client: Client) -> None:
    """Raise UnknownClient unless the client may get tokens at all."""
    if not client.is_active:
        raise errors.UnknownClient(
            "This app cannot be used at present.",
            detail=f"the client is {client.status}",
            rule="client_not_active",
            compared={"status": client.status},
        )


def check_user(client: Client, user: AbstractBaseUser) -> None:
    """Raise AccessDenied unless this person may use the client; no statement for one that everyone may use."""
    verdict = users.may_use(client, user)
    if isinstance(verdict, users.MayNotUse):
        raise errors.AccessDenied(
            "The person may not use this app.",
            detail=verdict.reason,
            rule="user_not_allowed",
            compared={"reason": verdict.reason},
        )


def find_target(asked: Asked, client: Client) -> Target:
    """Where the response goes; raises RedirectUriMismatch, which is shown as a page (AS1, AS3)."""
    redirect_uri, registered = asked.get("redirect_uri"), client.redirect_uris
    if "redirect_uri" in asked.doubled:
        raise errors.RedirectUriMismatch("redirect_uri was sent twice.", rule="parameter_repeated")
    if redirect_uri is None:
        if len(registered) != 1:
            raise errors.RedirectUriMismatch(
                "redirect_uri is missing.",
                rule="redirect_uri_missing",
                compared={"registered": "\n".join(registered)},
            )
        redirect_uri = registered[0]
    elif not redirect_uris.match(redirect_uri, registered):
        raise errors.RedirectUriMismatch(
            "redirect_uri is not registered for this app.",
            rule="redirect_uri_not_registered",
            compared={
                "sent": redirect_uri,
                "registered": "\n".join(redirect_uris.nearest_first(redirect_uri, registered)),
            },
        )
    state = None if "state" in asked.doubled else asked.get("state")
    if state is not None and len(quote_plus(state)) > MAX_STATE:
        # With it no address could be written that servers and Django let through.
        raise errors.InvalidRequest("state is too long.", rule="state_too_long")
    return Target(redirect_uri, state, mode_of(asked, redirect_uri))


def mode_of(asked: Asked, redirect_uri: str) -> ResponseMode:
    """How the response is to be sent, errors included; one that cannot be served is told of in the query."""
    found = asked.get("response_mode")
    is_front = response_types.given_by(asked.get("response_type")).is_front
    # Multiple Response Types §3: what is more than a code never stands in a query, which servers see and log.
    default = ResponseMode.FRAGMENT if is_front else ResponseMode.QUERY
    if found is None or found not in RESPONSE_MODES or "response_mode" in asked.doubled:
        return default
    mode = ResponseMode(found)
    if (mode == ResponseMode.FORM_POST and not redirect_uris.origin_of(redirect_uri)) or mode == ResponseMode.QUERY:
        return default
    return mode


def _doubled(asked: Asked, client: Client) -> None:
    del client
    if asked.doubled:
        # RFC 6749 §3.1: request parameters must not be included more than once.
        raise errors.InvalidRequest(
            f"Sent more than once: {', '.join(sorted(asked.doubled))[:200]}.", rule="parameter_repeated"
        )


def _unsupported(asked: Asked, client: Client) -> None:
    """OpenID Connect Core §3.1.2.6, §6: known but not served is refused by its own error (AS27)."""
    del client
    if asked.get("request") is not None:
        raise errors.RequestNotSupported("Request objects are not supported.")
    if asked.get("request_uri") is not None:
        raise errors.RequestUriNotSupported("request_uri is not supported.")
    if asked.get("registration") is not None:
        raise errors.RegistrationNotSupported("registration is not supported.")


def _response_type(asked: Asked, client: Client) -> None:
    response_type = asked.get("response_type")
    if response_type is None:
        raise errors.InvalidRequest("response_type is missing.", rule="response_type_missing")
    name, served = response_types.canonical(response_type), response_types.served()
    if name not in served:
        raise errors.UnsupportedResponseType(
            "This response type is not served; use response_type=code.",
            rule="response_type_not_served",
            compared={"sent": response_type, "served": "\n".join(served)},
        )
    has_code = response_types.given_by(name).code
    if not response_types.may_use(client, name) or (
        has_code and not allowed.allows_grant(client, GrantType.AUTHORIZATION_CODE)
    ):
        raise errors.UnauthorizedClient(
            "This app may not use this response type.",
            rule="response_type_not_registered",
            compared={"sent": response_type, "registered": "\n".join(client.response_types)},
        )


def _response_mode(asked: Asked, client: Client) -> None:
    response_mode = asked.get("response_mode")
    redirect_uri = asked.get("redirect_uri") or next(iter(client.redirect_uris), "")
    if response_mode == ResponseMode.FORM_POST and not redirect_uris.origin_of(redirect_uri):
        raise errors.InvalidRequest(
            "form_post needs a redirect URI with https or http: nothing can be posted to an app's own scheme.",
            rule="form_post_to_scheme",
            compared={"sent": redirect_uri},
        )
    if response_mode == ResponseMode.QUERY and response_types.given_by(asked.get("response_type")).is_front:
        raise errors.InvalidRequest(
            "Tokens are never answered in a query.", rule="response_mode_for_tokens", compared={"sent": response_mode}
        )
    if response_mode not in {None, *RESPONSE_MODES}:
        raise errors.InvalidRequest(
            "This response_mode is not served.",
            rule="response_mode_not_served",
            compared={"sent": str(response_mode), "served": " ".join(RESPONSE_MODES)},
        )


def _prompt(asked: Asked, client: Client) -> None:
    del client
    sent, served = set((asked.get("prompt") or "").split()), prompts()
    if not sent <= set(served) or ("none" in sent and len(sent) > 1):
        raise errors.InvalidRequest(
            "prompt has an unknown value, or none together with another.",
            rule="prompt_malformed",
            compared={"sent": asked.get("prompt") or "", "served": " ".join(served)},
        )
    max_age = asked.get("max_age")
    if max_age is not None and not (max_age.isascii() and max_age.isdigit() and len(max_age) < 10):  # noqa: PLR2004
        raise errors.InvalidRequest(
            "max_age must be a number of seconds.", rule="max_age_malformed", compared={"sent": max_age}
        )


def _nonce(asked: Asked, client: Client) -> None:
    del client
    if asked.get("nonce") is None and response_types.given_by(asked.get("response_type")).id_token:
        # OpenID Connect Core §3.2.2.1: without one an ID token from the front could be somebody else's.
        raise errors.InvalidRequest("nonce is missing.", rule="nonce_missing")
    if len(asked.get("nonce") or "") > MAX_NONCE:
        raise errors.InvalidRequest(f"nonce is longer than {MAX_NONCE} characters.", rule="nonce_too_long")


# Check, in the order they run; the first that fails answers. (Pushed requests will run the same table.)
CHECKS: tuple[Callable[[Asked, Client], None], ...] = (
    _doubled,
    _unsupported,
    _response_type,
    _response_mode,
    _prompt,
    _nonce,
    pkce.check,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that may be decided: its scopes, its audience, and the objects it names."""

    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    details: authorization_details.Details = field(default_factory=dict)
    # What the `claims` parameter asks for and the client may have, and the scopes a person is asked about for it.
    claims: Requested = field(default_factory=Requested)
    claim_scopes: tuple[str, ...] = ()
    expected: Expected | None = None

    @property
    def shown(self) -> tuple[str, ...]:
        """What a person is asked about."""
        return self.scopes + self.claim_scopes


def run(asked: Asked, client: Client) -> Checked:
    """Run the table; raises the ProtocolError that goes to the client."""
    for check in CHECKS:
        check(asked, client)
    scopes = allowed.grantable_scopes(client, asked.get("scope"))
    if response_types.given_by(asked.get("response_type")).id_token and known_scopes.OPENID not in scopes:
        raise errors.InvalidScope("An ID token needs the scope openid.", rule="openid_missing")
    audience = allowed.audience(client, asked.resources) if asked.resources else ()
    details = authorization_details.asked(asked.get(authorization_details.PARAMETER), scopes=scopes)
    wanted = claims_parameter.of(asked, scopes)
    claims = claims_parameter.allowed(wanted, client)
    return Checked(
        scopes, audience, details,
        claims=claims,
        claim_scopes=claims_parameter.extra_scopes(claims, scopes),
        expected=sign_in.expected(asked, client, wanted),
    )  # fmt: skip

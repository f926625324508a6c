"""What is to be done with an authorization request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oauth_provider.authorization.response import Response
from oauth_provider.authorization.sign_in import Page
from oauth_provider.clients.authorization_details import Details
from oauth_provider.models import Client, Consent


@dataclass(frozen=True, slots=True)
class SignIn:
    """Send the person to sign in; `request_id` when the sign-in must be newer than the stored request.

    `sign_out`: the login page has sent them back without asking, so this session must end first.
    """

    request_id: str | None = None
    sign_out: bool = False
    page: Page = Page.SIGN_IN


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Show the consent page of a stored request."""

    request_id: str
    client: Client
    scopes: tuple[str, ...]
    redirect_uri: str
    consent: Consent | None
    details: Details = field(default_factory=dict)
    # What the page's own search says, when it is shown again.
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotForYou:
    """Tell the person that their account may not use the client; `response` leads back to it with the error."""

    client: Client
    response: Response
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser to the client with a code or an error."""

    client: Client
    response: Response


Outcome = SignIn | AskConsent | NotForYou | Redirect

"""The errors the specifications name: one class each, raised anywhere, turned into a response in one place.

`description` is what the client may read; `detail` is what the operator must know and never leaves the server.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from oauthlib.oauth2.rfc6749.errors import OAuth2Error

# RFC 6749 §5.2: characters allowed in error_description.
_FORBIDDEN = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")


def printable(text: str) -> str:
    """The text with the characters that `error_description` allows."""
    return _FORBIDDEN.sub("'", text)


class ProtocolError(OAuth2Error):  # type: ignore[misc]  # oauthlib ships no types
    """A request that breaks the protocol; answered with `error`, `error_description` and `status_code`."""

    error: str = "server_error"
    status_code: int = 400
    # RFC 6749 §4.1.2.1: errors about the client or its redirect URI are shown, never redirected.
    allow_redirect: bool = True

    def __init__(
        self,
        description: str = "",
        *,
        detail: str = "",
        rule: str = "",
        compared: Mapping[str, str] | None = None,
        retry_after: int | None = None,
        status_code: int | None = None,
    ) -> None:
        """`rule` is an id in `rules.RULES`; `compared` what it compared, by name, and never a credential."""
        super().__init__(description=printable(description), status_code=status_code)
        self.detail = detail or description
        self.rule = rule or self.error
        self.compared = dict(compared or {})
        self.retry_after = retry_after

    def as_dict(self) -> dict[str, str]:
        """The members of the error response (RFC 6749 §5.2)."""
        body = {"error": self.error}
        if self.description:
            body["error_description"] = self.description
        return body


class InvalidRequest(ProtocolError):
    """RFC 6749 §5.2 `invalid_request`."""

    error = "invalid_request"


class Unreadable(InvalidRequest):
    """`invalid_request`: what was sent is no form at all; nobody looks at it, and no statement is spent on it."""


class RequestTooLarge(Unreadable):
    """`invalid_request` with status 413: the body or a value is longer than any real one."""

    status_code = 413


class InvalidClient(ProtocolError):
    """RFC 6749 §5.2 `invalid_client`, status 401."""

    error = "invalid_client"
    status_code = 401
    allow_redirect = False


class AuthenticationFailed(InvalidClient):
    """The proof of a client was looked at and is none; recorded where it is raised."""


class TooManyFailures(AuthenticationFailed):
    """`invalid_client` with status 429: too many wrong secrets from one address; see `retry_after` (seconds)."""

    status_code = 429


class InvalidGrant(ProtocolError):
    """RFC 6749 §5.2 `invalid_grant`: one wording for unknown, expired, used and foreign."""

    error = "invalid_grant"


class UnauthorizedClient(ProtocolError):
    """RFC 6749 §5.2 `unauthorized_client`."""

    error = "unauthorized_client"


class UnsupportedGrantType(ProtocolError):
    """RFC 6749 §5.2 `unsupported_grant_type`."""

    error = "unsupported_grant_type"


class UnsupportedResponseType(ProtocolError):
    """RFC 6749 §4.1.2.1 `unsupported_response_type`."""

    error = "unsupported_response_type"


class UnsupportedTokenType(ProtocolError):
    """RFC 7009 §2.2.1 `unsupported_token_type`."""

    error = "unsupported_token_type"


class InvalidScope(ProtocolError):
    """RFC 6749 §5.2 `invalid_scope`."""

    error = "invalid_scope"


class InvalidTarget(ProtocolError):
    """RFC 8707 §2 `invalid_target`."""

    error = "invalid_target"


class InvalidAuthorizationDetails(ProtocolError):
    """RFC 9396 §5 `invalid_authorization_details`."""

    error = "invalid_authorization_details"


class AccessDenied(ProtocolError):
    """RFC 6749 §4.1.2.1 `access_denied`."""

    error = "access_denied"


class LoginRequired(ProtocolError):
    """OpenID Connect Core §3.1.2.6 `login_required`."""

    error = "login_required"


class ConsentRequired(ProtocolError):
    """OpenID Connect Core §3.1.2.6 `consent_required`."""

    error = "consent_required"


class InteractionRequired(ProtocolError):
    """OpenID Connect Core §3.1.2.6 `interaction_required`."""

    error = "interaction_required"


class UnmetAuthenticationRequirements(ProtocolError):
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0 §2."""

    error = "unmet_authentication_requirements"


class RequestNotSupported(ProtocolError):
    """OpenID Connect Core §3.1.2.6 `request_not_supported`."""

    error = "request_not_supported"


class RequestUriNotSupported(ProtocolError):
    """OpenID Connect Core §3.1.2.6 `request_uri_not_supported`."""

    error = "request_uri_not_supported"


class RegistrationNotSupported(ProtocolError):
    """OpenID Connect Core §3.1.2.6 `registration_not_supported`."""

    error = "registration_not_supported"


class AuthorizationPending(ProtocolError):
    """RFC 8628 §3.5 `authorization_pending`."""

    error = "authorization_pending"


class SlowDown(ProtocolError):
    """RFC 8628 §3.5 `slow_down`."""

    error = "slow_down"


class ExpiredToken(ProtocolError):
    """RFC 8628 §3.5 `expired_token`."""

    error = "expired_token"


class InvalidRedirectUri(ProtocolError):
    """RFC 7591 §3.2.2 `invalid_redirect_uri`."""

    error = "invalid_redirect_uri"


class InvalidClientMetadata(ProtocolError):
    """RFC 7591 §3.2.2 `invalid_client_metadata`."""

    error = "invalid_client_metadata"


class MetadataTooLarge(InvalidClientMetadata):
    """`invalid_client_metadata` with status 413: the document is longer than any real one."""

    status_code = 413


class InvalidSoftwareStatement(ProtocolError):
    """RFC 7591 §3.2.2 `invalid_software_statement`."""

    error = "invalid_software_statement"


class UnapprovedSoftwareStatement(ProtocolError):
    """RFC 7591 §3.2.2 `unapproved_software_statement`."""

    error = "unapproved_software_statement"


class TemporarilyUnavailable(ProtocolError):
    """RFC 6749 §4.1.2.1 `temporarily_unavailable`; status 503 where it is not redirected; see `retry_after`."""

    error = "temporarily_unavailable"
    status_code = 503


class TooManyRegistrations(ProtocolError):
    """Status 429; RFC 7591 has no code of its own for it, so RFC 6749 §4.1.2.1's; see `retry_after` (seconds)."""

    error = "temporarily_unavailable"
    status_code = 429


class RegistrationRepeated(InvalidRequest):
    """`invalid_request` with status 409: an Idempotency-Key that cannot be answered with what it got before."""

    status_code = 409


class InvalidRegistrationToken(ProtocolError):
    """RFC 6750 §3.1 `invalid_token`: an initial or registration access token that is not good here, status 401."""

    error = "invalid_token"
    status_code = 401


class MissingRegistrationToken(InvalidRegistrationToken):
    """`invalid_token` for a request without a token: its challenge names no error (RFC 6750 §3.1)."""


class UnknownClient(InvalidRequest):
    """The authorization request names no usable client: shown as a page (RFC 6749 §4.1.2.1)."""

    allow_redirect = False


class RedirectUriMismatch(InvalidRequest):
    """The redirect URI is missing or not registered: shown as a page (RFC 6749 §4.1.2.1, RFC 9700 §4.1)."""

    allow_redirect = False


class KeyUnavailable(Exception):
    """Nothing can be signed at present: a signer or a key-encryption key of the site does not answer."""


class NoSigningKey(KeyUnavailable):
    """Nothing can be signed until the operator acts: what sealed the key is lost, or there is no such key."""


class CannotSeal(Exception):
    """Audit events wait for their seal, but the database lets nobody number them."""


class InvalidToken(Exception):
    """A bearer token that must be answered 401 (RFC 6750 §3.1); `reason` is for the body, `detail` for the log.

    `about` names client, subject and grant of a token that is ours all the same; `request_id` is what the log line
    and the answer quote. `code` is what the challenge calls it, `nonce` goes out with the answer.
    """

    code = "invalid_token"
    nonce = ""

    def __init__(
        self,
        reason: str,
        *,
        detail: str = "",
        about: Mapping[str, str] | None = None,
        compared: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail or reason
        self.about = dict(about or {})
        self.compared = dict(compared or {})
        self.request_id = str(uuid.uuid4())


class MalformedToken(InvalidToken):
    """A bearer token presented in a way RFC 6750 §2 forbids: twice, in the query or without a value."""


class InvalidProof(InvalidToken):
    """The proof of a bound token's key is missing or wrong: 401 `invalid_dpop_proof` (RFC 9449 §7.1)."""

    code = "invalid_dpop_proof"


class NonceNeeded(InvalidProof):
    """The proof needs the nonce that the answer brings: 401 `use_dpop_nonce` (RFC 9449 §9)."""

    code = "use_dpop_nonce"

    def __init__(self, nonce: str, *, detail: str) -> None:
        super().__init__("nonce_needed", detail=detail)
        self.nonce = nonce


class IssuerUnavailable(InvalidToken):
    """The issuer cannot be asked, so its token can neither be believed nor called wrong: 503 (RFC 9110 §15.6.4).

    A 401 would make the app throw a good token away. Nothing enters all the same: whoever catches InvalidToken has no
    Access. `retry_after` is in seconds.
    """

    def __init__(self, detail: str, *, retry_after: int = 10) -> None:
        super().__init__("issuer_unavailable", detail=detail)
        self.retry_after = retry_after

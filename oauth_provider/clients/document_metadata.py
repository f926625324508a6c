"""What a client ID metadata document says (draft-ietf-oauth-client-id-metadata-document §4, RFC 7591 §2).

Everything a stranger may write arrives here: members we know are checked, the others have no effect.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from oauth_provider import outbound
from oauth_provider import scopes as known_scopes
from oauth_provider.clients import json_object, sign_in_and_out
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.clients.validation import MASKS
from oauth_provider.errors import InvalidClientMetadata
from oauth_provider.values import AuthMethod, GrantType, Profile, ResponseType

PROFILE = Profile.MCP
_LENGTH = 255
_MOST = 20
_PAGES = ("client_uri", "logo_uri", "policy_uri", "tos_uri")
_TEXTS = ("software_id", "software_version")
_UNSHOWN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


class InvalidDocument(Exception):
    """The document cannot be used; `reason` is a sentence its author may read, with nothing of the document in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Metadata:
    """A document that can be used; `columns` are those of Client, and `scopes` is None where it leaves them to us."""

    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...] | None
    columns: Mapping[str, Any]
    post_logout_redirect_uris: tuple[str, ...] = ()


def read(body: bytes, *, client_id: str) -> Metadata:
    """What the document at this address says of its client; raises InvalidDocument."""
    document = _parse(body)
    # §4: the same, sign for sign (RFC 3986 §6.2.1); else a document could be served for another's.
    if document.get("client_id") != client_id:
        raise InvalidDocument("client_id is not the address of the document.")
    _check_authentication(document)
    redirect_uris = _redirect_uris(document)
    return Metadata(
        name=_name(document),
        redirect_uris=redirect_uris,
        post_logout_redirect_uris=_addresses(document, sign_in_and_out.POST_LOGOUT),
        grant_types=_grant_types(document),
        scopes=_scopes(document),
        columns={
            **{name: _address(document, name, client_id=client_id) for name in _PAGES},
            **{name: _text(document, name) for name in _TEXTS},
            "contacts": [contact for contact in _texts(document, "contacts") if _is_mail(contact)],
            **_uris(document, redirect_uris, client_id=client_id),
            **{name: _truth(document, name) for name in sign_in_and_out.SWITCHES},
            **_acr_values(document),
        },
    )


def _parse(body: bytes) -> dict[str, Any]:
    try:
        return json_object.read(body)
    except InvalidClientMetadata as error:
        raise InvalidDocument(error.description) from error


def _check_authentication(document: Mapping[str, Any]) -> None:
    """§4: nobody can share a secret by a public document. What is left, keys, is not served here yet."""
    if "client_secret" in document or "client_secret_expires_at" in document:
        raise InvalidDocument("A public document must not have client_secret or client_secret_expires_at.")
    method = document.get("token_endpoint_auth_method", AuthMethod.NONE.value)
    if method == "private_key_jwt":
        raise InvalidDocument("token_endpoint_auth_method private_key_jwt is not served yet; use none.")
    if method != AuthMethod.NONE:
        raise InvalidDocument("token_endpoint_auth_method must be none.")


def _name(document: Mapping[str, Any]) -> str:
    name = _text(document, "client_name").strip()
    if not name:
        raise InvalidDocument("client_name is missing.")
    return name


def _redirect_uris(document: Mapping[str, Any]) -> tuple[str, ...]:
    found = _addresses(document, "redirect_uris")
    if not found:
        raise InvalidDocument("redirect_uris is missing.")
    return found


def _addresses(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Where people may be sent: the rules of redirect URIs."""
    found = _texts(document, name, longest=uris.MAX_LENGTH)
    for uri in found:
        try:
            uris.validate(uri, rules=PROFILES[PROFILE])
        except ValidationError as error:
            # AS2, AS24: https, or http on the person's own machine. One wrong address refuses them all.
            raise InvalidDocument(f"{name} may be https, or http on 127.0.0.1, [::1] and localhost.") from error
    return tuple(dict.fromkeys(found))


def _grant_types(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that the profile has; what else is named is not granted (RFC 7591 §2: the server may leave some out)."""
    asked = _texts(document, "grant_types", otherwise=(GrantType.AUTHORIZATION_CODE.value,))
    if GrantType.AUTHORIZATION_CODE not in asked:
        raise InvalidDocument("grant_types must have authorization_code.")
    if ResponseType.CODE not in _texts(document, "response_types", otherwise=(ResponseType.CODE.value,)):
        raise InvalidDocument("response_types must have code.")
    return tuple(grant_type.value for grant_type in PROFILES[PROFILE].grant_types if grant_type in asked)


def _scopes(document: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "scope" not in document:
        return None
    return known_scopes.split(_text(document, "scope", longest=uris.MAX_LENGTH))


def _uris(document: Mapping[str, Any], redirect_uris: tuple[str, ...], *, client_id: str) -> dict[str, str]:
    """Where it is told of sign-outs and begins a sign-in. Of its own host alone: whoever publishes a document has us
    send nothing to anybody else.
    """
    found = {name: _address(document, name, client_id=client_id) for name in sign_in_and_out.URIS}
    for name, uri in found.items():
        try:
            sign_in_and_out.check(name, uri, wanted={"redirect_uris": redirect_uris}, rules=PROFILES[PROFILE])
        except ValidationError as error:
            raise InvalidDocument(f"{name} must be https, and for a frame where a redirect URI is.") from error
    return found


def _acr_values(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Those that this site knows: the same document is read by others."""
    known = sign_in_and_out.known_acr_values(_texts(document, sign_in_and_out.ACR_VALUES))
    return {sign_in_and_out.ACR_VALUES: [value for value in known if len(value.split()) == 1]}


def _truth(document: Mapping[str, Any], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise InvalidDocument(f"{name} must be true or false.")
    return value


def _address(document: Mapping[str, Any], name: str, *, client_id: str) -> str:
    """An address of its own; empty where it is another site's: nobody borrows a better known name on our pages."""
    address = _text(document, name, longest=uris.MAX_LENGTH)
    if not address:
        return ""
    try:
        outbound.check(address)
    except outbound.Refused as refused:
        raise InvalidDocument(f"{name} is not an https address of a public host.") from refused
    return address if urlsplit(address).hostname == urlsplit(client_id).hostname else ""


def _is_mail(contact: str) -> bool:
    """RFC 7591 §2: typically a mail address; what else it may be is of no use here."""
    try:
        validate_email(contact)
    except ValidationError:
        return False
    return True


def _text(document: Mapping[str, Any], name: str, *, longest: int = _LENGTH) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise InvalidDocument(f"{name} must be a text of at most {longest} signs.")
    _check_signs(value, name)
    return value


def _texts(
    document: Mapping[str, Any], name: str, *, otherwise: tuple[str, ...] = (), longest: int = _LENGTH
) -> tuple[str, ...]:
    values = document.get(name, otherwise)
    if not isinstance(values, list | tuple) or len(values) > _MOST:
        raise InvalidDocument(f"{name} must be a list of at most {_MOST} texts.")
    for value in values:
        if not isinstance(value, str) or len(value) > longest:
            raise InvalidDocument(f"{name} must hold texts of at most {longest} signs.")
        _check_signs(value, name)
    return tuple(values)


def _check_signs(value: str, name: str) -> None:
    """No sign that nobody sees, that turns what stands beside it, or that no column can hold (C57, C64)."""
    if any(sign in MASKS or unicodedata.category(sign) in _UNSHOWN for sign in value):
        raise InvalidDocument(f"{name} holds signs that cannot be seen or that turn the reading direction.")

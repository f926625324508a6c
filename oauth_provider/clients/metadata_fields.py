"""The members of client metadata, each with what it may be (RFC 7591 §2, OpenID Connect Registration §2).

A member that is not in the table is not understood and ignored, as RFC 7591 §2 demands. One that is there but not
served yet (`jwks_uri`, `request_uris`, …) is looked at all the same, so that nobody registers nonsense today that
would be fetched or followed tomorrow, and then left out of what is registered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from oauth_provider import outbound
from oauth_provider.clients import validation
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidClientMetadata, InvalidRedirectUri, InvalidSoftwareStatement
from oauth_provider.values import AuthMethod, GrantType, ResponseType, SubjectType

Look = Callable[[str, Any], None]

_MOST = 50
_LINE = 255
# RFC 6749 §3.3: scope-token *( SP scope-token ).
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)  # the shape of a BCP 47 tag
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", re.ASCII)
# RFC 7518 §6: the members of a private or symmetric key.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members we understand, each of a right type and value; raises the ProtocolError RFC 7591 §3.2.2 names.

    A member that is null or an empty string counts as left out (RFC 7592 §2.2).
    """
    given = {name: value for name, value in document.items() if value is not None and value != ""}
    for name, value in given.items():
        base, is_translated, language = name.partition("#")
        if base in TRANSLATED and is_translated:
            # RFC 7591 §2.2. Understood and not kept: people read the one without a language.
            if not _LANGUAGE.fullmatch(language):
                raise InvalidClientMetadata(f"{name[:60]}: there is no such language tag.")
            FIELDS[base](name[:60], value)
        elif name in FIELDS:
            FIELDS[name](name, value)
    if "jwks" in given and "jwks_uri" in given:
        raise InvalidClientMetadata("Send jwks or jwks_uri, not both.")
    return {name: value for name, value in given.items() if name in FIELDS}


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise InvalidClientMetadata(f"{name} must be a string.")
    if len(value) > _LINE or not value.isprintable():
        raise InvalidClientMetadata(f"{name} must be at most {_LINE} visible characters.")


def _name(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise InvalidClientMetadata(f"{name} must be a string.")
    try:
        validation.check_name(value)
    except ValidationError as refusal:
        why = "at most 255 visible characters that keep the reading direction"
        raise InvalidClientMetadata(f"{name} must have {why}.") from refusal


def _choice(*choices: str) -> Look:
    def look(name: str, value: Any) -> None:
        if not isinstance(value, str) or value not in choices:
            raise InvalidClientMetadata(f"{name} must be one of: {', '.join(choices)}.")

    return look


def _choices(*choices: str) -> Look:
    def look(name: str, value: Any) -> None:
        if not _is_list_of_text(value) or not set(value) <= set(choices):
            raise InvalidClientMetadata(f"{name} must be a list of some of: {', '.join(choices)}.")

    return look


def _signing_alg(name: str, value: Any) -> None:
    _choice(*conf.ID_TOKEN_SIGNING_ALGS)(name, value)


def _truth(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise InvalidClientMetadata(f"{name} must be true or false.")


def _seconds(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise InvalidClientMetadata(f"{name} must be a whole number of seconds.")


def _texts(name: str, value: Any) -> None:
    if not _is_list_of_text(value):
        raise InvalidClientMetadata(f"{name} must be a list of at most {_MOST} strings.")
    for item in value:
        _text(name, item)


def _redirect_uris(name: str, value: Any) -> None:
    """Only what they are; which may be registered is a matter of the profile."""
    if not _is_list_of_text(value, most=validation.MOST_LINES):
        raise InvalidRedirectUri(f"{name} must be a list of at most {validation.MOST_LINES} strings.")


def _targets(name: str, value: Any) -> None:
    """As above."""
    if not _is_list_of_text(value):
        raise InvalidClientMetadata(f"{name} must be a list of at most {_MOST} strings.")


def _address(name: str, value: Any) -> None:
    # The fragment of a request_uri is never sent (OpenID Connect Core §6.2).
    _check_host(name, value, "" if not isinstance(value, str) else value.partition("#")[0])


def _endpoint(name: str, value: Any) -> None:
    """An address that we send something to."""
    _check_host(name, value, value)


def _opened(name: str, value: Any) -> None:
    """An address that a browser opens, at whatever port."""
    _check_host(name, value, value, ports=range(1, 65536))


def _check_host(name: str, value: Any, address: Any, *, ports: Collection[int] = (443,)) -> None:
    if not isinstance(value, str):
        raise InvalidClientMetadata(f"{name} must be a string.")
    try:
        outbound.check(address, resolve=False, ports=ports)
    except outbound.Refused as refused:
        detail = f"{name}: {refused.reason}: {value[:200]!r}"
        raise InvalidClientMetadata(f"{name} must be the https address of a public host.", detail=detail) from refused


def _addresses(name: str, value: Any) -> None:
    if not _is_list_of_text(value):
        raise InvalidClientMetadata(f"{name} must be a list of at most {_MOST} addresses.")
    for item in value:
        _address(name, item)


def _scope(name: str, value: Any) -> None:
    if not isinstance(value, str) or not _SCOPE.fullmatch(value):
        raise InvalidClientMetadata(f"{name} must be names with one space between them (RFC 6749 section 3.3).")


def _jwks(name: str, value: Any) -> None:
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not keys or len(keys) > _MOST:
        raise InvalidClientMetadata(f"{name} must be an object with a list of at most {_MOST} keys (RFC 7517).")
    for key in keys:
        if not isinstance(key, dict) or not isinstance(key.get("kty"), str):
            raise InvalidClientMetadata(f"{name}: each key is an object with kty.")
        if _PRIVATE & set(key) or key["kty"] == "oct":
            raise InvalidClientMetadata(f"{name} holds a private key. Replace it: it is not secret any more.")


def _software_statement(name: str, value: Any) -> None:
    """RFC 7591 §3.1.1: a server that does not support them may ignore one, but not take anything for one."""
    if not isinstance(value, str) or not _COMPACT_JWS.fullmatch(value):
        raise InvalidSoftwareStatement(f"{name} is not a signed JWT.")


def _is_list_of_text(value: Any, *, most: int = _MOST) -> bool:
    return isinstance(value, list) and len(value) <= most and all(isinstance(item, str) for item in value)


FIELDS: Mapping[str, Look] = {
    # RFC 7591 §2. The values are those served, whoever asks for another is told so.
    "redirect_uris": _redirect_uris,
    "token_endpoint_auth_method": _choice(*(method for method in AuthMethod.values if method)),
    "grant_types": _choices(*GrantType),
    "response_types": _choices(ResponseType.CODE),
    "client_name": _name,
    "client_uri": _address,
    "logo_uri": _address,
    "scope": _scope,
    "contacts": _texts,
    "tos_uri": _address,
    "policy_uri": _address,
    "jwks_uri": _address,
    "jwks": _jwks,
    "software_id": _text,
    "software_version": _text,
    "software_statement": _software_statement,
    # OpenID Connect Registration §2
    "application_type": _choice("web", "native"),
    "sector_identifier_uri": _address,
    "subject_type": _choice(SubjectType.PUBLIC.value, SubjectType.PAIRWISE.value),
    "id_token_signed_response_alg": _signing_alg,
    "userinfo_signed_response_alg": _signing_alg,
    "default_max_age": _seconds,
    "require_auth_time": _truth,
    "default_acr_values": _texts,
    "initiate_login_uri": _opened,
    "request_uris": _addresses,
    # OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout
    "post_logout_redirect_uris": _targets,
    "backchannel_logout_uri": _endpoint,
    "backchannel_logout_session_required": _truth,
    "frontchannel_logout_uri": _opened,
    "frontchannel_logout_session_required": _truth,
}
# RFC 7591 §2.2: members people read, which may come once more with a language behind a #.
TRANSLATED = frozenset({"client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri"})

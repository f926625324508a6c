"""What a site says about registrations, in Python: the functions of `REGISTRATION_POLICIES`, asked in their order.

A policy is called with `metadata` (the document as it came, its members checked) and `request` (a
`RegistrationRequest`) and answers None, `Narrow` or `Refuse`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from django.utils.module_loading import import_string

from oauth_provider.conf import conf
from oauth_provider.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    InvalidSoftwareStatement,
    ProtocolError,
    UnapprovedSoftwareStatement,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

logger = logging.getLogger("oauth_provider.registration")

_ERRORS: Mapping[str, type[ProtocolError]] = {
    error.error: error
    for error in (InvalidRedirectUri, InvalidClientMetadata, InvalidSoftwareStatement, UnapprovedSoftwareStatement)
}


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """Who asks: from where, with which initial access token (its note), and whose clients that one makes.

    `client_id` is that of a registered client which changes itself (RFC 7592 §2.2); empty for a new one.
    """

    address: str
    initial_access_token: str | None = None
    owner: AbstractBaseUser | None = None
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """No: `description` is for the developer, `detail` for the operator, `error` one of RFC 7591 §3.2.2."""

    description: str
    detail: str = ""
    error: str = InvalidClientMetadata.error


@dataclass(frozen=True, slots=True)
class Narrow:
    """Yes, but with these scopes at most."""

    scopes: Collection[str]


Policy = Callable[..., Refuse | Narrow | None]


def narrowed(document: Mapping[str, Any], *, request: RegistrationRequest, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the scopes that every policy leaves; raises the ProtocolError of the first that refuses.

    A policy that raises, or answers something else, refuses: it was meant to keep somebody out.
    """
    for path in conf.REGISTRATION_POLICIES:
        answer = _ask(path, document, request=request)
        if isinstance(answer, ProtocolError):
            raise answer
        scopes = tuple(scope for scope in scopes if answer is None or scope in answer)
    return scopes


def _ask(path: str, document: Mapping[str, Any], *, request: RegistrationRequest) -> ProtocolError | set[str] | None:
    """One policy's answer: its refusal, the scopes it leaves, or None for all."""
    try:
        answer = cast("Policy", import_string(path))(metadata=MappingProxyType(dict(document)), request=request)
        if answer is None:
            return None
        if isinstance(answer, Narrow):
            return set(answer.scopes)
        return _ERRORS[answer.error](answer.description, detail=f"{path}: {answer.detail or answer.description}")
    except Exception:
        logger.exception("the registration policy %s failed, so the registration is refused", path)
        return InvalidClientMetadata("This site refuses the registration.", detail=f"{path} failed")

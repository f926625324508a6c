"""How somebody signed in (`acr`, `amr`), as the site says it: `AUTHENTICATION_CONTEXT` names the function.

`from_allauth` is one for django-allauth, whose session keeps a record of each proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.utils.module_loading import import_string

from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

Told = tuple[str, Iterable[str]]
LONGEST_ACR = 255

_RECORDS = "account_authentication_methods"
# What allauth calls a proof, and how RFC 8176 §2 calls it. A factor of its own each, but what another site did.
_METHODS: Mapping[str, str] = {"password": "pwd", "code": "otp", "totp": "otp", "recovery_codes": "otp",
                               "webauthn": "hwk", "sms": "sms"}  # fmt: skip
_MANY_FACTORS = "mfa"


@dataclass(frozen=True, slots=True)
class AuthenticationContext:
    """What a sign-in reached; empty when nobody says."""

    acr: str = ""
    amr: tuple[str, ...] = ()


def of(request: HttpRequest, user: AbstractBaseUser) -> AuthenticationContext:
    """What the site's function says of this request and user; it is not called for a site that names none."""
    path = conf.AUTHENTICATION_CONTEXT
    if not path:
        return AuthenticationContext()
    acr, amr = cast("Callable[[HttpRequest, Any], Told]", import_string(path))(request, user)
    return AuthenticationContext(str(acr or "")[:LONGEST_ACR], tuple(map(str, amr or ())))


def from_allauth(request: HttpRequest, user: AbstractBaseUser) -> Told:
    """django-allauth: one proof is the first of `ACR_VALUES`, a second factor the last; `amr` as RFC 8176 has it."""
    del user
    kept = request.session.get(_RECORDS)
    records = [record for record in kept if isinstance(record, dict)] if isinstance(kept, list) else []
    kinds = [str(record.get("type") or record.get("method") or "") for record in records]
    amr = list(dict.fromkeys(_METHODS[kind] for kind in kinds if kind in _METHODS))
    has_second = any(record.get("method") == "mfa" for record in records) and len(set(kinds)) > 1
    if has_second:
        amr.append(_MANY_FACTORS)
    values = conf.ACR_VALUES
    if not values or not records:
        return "", amr
    return values[-1] if has_second else values[0] if len(values) > 1 else "", amr

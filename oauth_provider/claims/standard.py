"""The standard claims as far as the site's user model has them (OpenID Connect Core §5.1, §5.4).

A claim is read from a column of its own name, or of one of Django's names for it. Whether an address or a number was
verified is never guessed: a site says so by a function, django-allauth by its table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import FileField

from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.db.models import Field

PROFILE, EMAIL, ADDRESS, PHONE = "profile", "email", "address", "phone"
# Claim → the scope that gives it (OpenID Connect Core §5.4), in the order of §5.1.
SCOPES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile"),
            *("picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
        ),
        PROFILE,
    ),
    "email": EMAIL,
    "email_verified": EMAIL,
    "address": ADDRESS,
    "phone_number": PHONE,
    "phone_number_verified": PHONE,
}
# Claim → other names a column of it has; its own comes first.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "given_name": ("first_name",),
    "family_name": ("last_name",),
    "birthdate": ("birth_date", "date_of_birth"),
    "zoneinfo": ("timezone", "time_zone"),
    "locale": ("language",),
    "phone_number": ("phone",),
}
_NEVER_A_COLUMN = frozenset({"name", "email", "address"})
# OpenID Connect Core §5.1.1.
_ADDRESS = ("formatted", "street_address", "locality", "region", "postal_code", "country")
_VERIFIED = ("email_verified", "phone_number_verified")


def sources() -> Mapping[str, Callable[[Any], object]]:
    """Claim → how it is read from a user of this site."""
    return _sources(settings.AUTH_USER_MODEL, has_allauth=apps.is_installed("allauth.account"))


@lru_cache(maxsize=8)
def _sources(user_model: str, *, has_allauth: bool) -> Mapping[str, Callable[[Any], object]]:
    del user_model
    model = get_user_model()
    columns: dict[str, Field[Any, Any]] = {
        column.name: column for column in model._meta.concrete_fields if not column.is_relation
    }
    found: dict[str, Callable[[Any], object]] = {}
    if hasattr(model, "get_full_name") or "name" in columns:
        found["name"] = _name
    for claim in SCOPES:
        names = (claim, *_COLUMNS.get(claim, ()))
        column = next((columns[name] for name in names if name in columns), None)
        if column is not None and claim not in _NEVER_A_COLUMN and claim not in _VERIFIED:
            found[claim] = _file(column.name) if isinstance(column, FileField) else _text(column.name)
    found.setdefault("preferred_username", lambda user: user.get_username())
    email = getattr(model, "EMAIL_FIELD", "email")
    if email in columns:
        found["email"] = _text(email)
    if "address" in columns or any(part in columns for part in _ADDRESS):
        found["address"] = _address(columns)
    if has_allauth and "email" in found:
        found["email_verified"] = _verified_by_allauth
    return {claim: found[claim] for claim in SCOPES if claim in found}


def _text(column: str) -> Callable[[Any], object]:
    return lambda user: getattr(user, column)


def _file(column: str) -> Callable[[Any], object]:
    """The absolute address of an uploaded picture."""

    def read(user: Any) -> object:
        file = getattr(user, column)
        return urljoin(f"{conf.ISSUER}/", file.url) if file else None

    return read


def _name(user: Any) -> object:
    return getattr(user, "name", "") or getattr(user, "get_full_name", str)()


def _address(columns: Mapping[str, object]) -> Callable[[Any], object]:
    def read(user: Any) -> object:
        whole = user.address if "address" in columns else None
        parts = {part: getattr(user, part) for part in _ADDRESS if part in columns}
        if isinstance(whole, Mapping):
            return {**{part: whole.get(part) for part in _ADDRESS}, **parts}
        return {**({"formatted": str(whole)} if whole else {}), **parts}

    return read


def _verified_by_allauth(user: Any) -> object:
    """Whether django-allauth has seen this very address answer; it keeps each address with its state."""
    addresses: Any = apps.get_app_config("account").get_model("EmailAddress")
    email = getattr(user, getattr(get_user_model(), "EMAIL_FIELD", "email"), "")
    return addresses.objects.filter(user_id=user.pk, email__iexact=email, verified=True).exists() if email else None

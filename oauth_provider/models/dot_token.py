"""django-oauth-toolkit's own rows: access tokens are read until they expire, a refresh token is spent once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.utils import timezone
from oauth2_provider.settings import oauth2_settings

from oauth_provider.models.client import Client

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


def _checksum(value: str) -> str:
    """As django-oauth-toolkit computes `token_checksum`."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _rows(model: str) -> QuerySet[Any]:
    return cast("type[Model]", apps.get_model(model))._default_manager.all()


def find_access_token(value: str) -> Any | None:
    """The row of this access token with user and Application, alive or not; one statement."""
    return (
        _rows(oauth2_settings.ACCESS_TOKEN_MODEL)
        .select_related("user", "application", "application__oauth_provider_client")
        .filter(token_checksum=_checksum(value))
        .first()
    )


def find_refresh_token(value: str) -> Any | None:
    """The row of this refresh token with user, access token and Application, alive or not; one statement."""
    return (
        _rows(oauth2_settings.REFRESH_TOKEN_MODEL)
        .select_related("user", "access_token", "application", "application__oauth_provider_client")
        .filter(token_checksum=_checksum(value))
        .first()
    )


def access_token_of(pk: Any) -> Any | None:
    """The access token of this row, or None."""
    return _rows(oauth2_settings.ACCESS_TOKEN_MODEL).select_related("user").filter(pk=pk).first()


def refresh_token_of(pk: Any) -> Any | None:
    """The refresh token of this row, or None."""
    return _rows(oauth2_settings.REFRESH_TOKEN_MODEL).select_related("user").filter(pk=pk).first()


def client_of(row: Any) -> Client | None:
    """The Client of a row's Application, or None when the Application was never adopted."""
    client: Client | None = getattr(row.application, "oauth_provider_client", None)
    if client is not None:
        client.application = row.application
    return client


def spend_refresh_token(row: Any) -> bool:
    """Revoke a refresh token and its access token; whether this call did it. One UPDATE decides."""
    spent = _rows(oauth2_settings.REFRESH_TOKEN_MODEL).filter(pk=row.pk, revoked=None).update(revoked=timezone.now())
    if spent and row.access_token_id:
        _rows(oauth2_settings.REFRESH_TOKEN_MODEL).filter(pk=row.pk).update(access_token=None)
        _rows(oauth2_settings.ACCESS_TOKEN_MODEL).filter(pk=row.access_token_id).delete()
    return bool(spent)


def revoke_of(user: Any, *, application_id: Any = None) -> int:
    """End what a user's apps hold, or one app of theirs; how many tokens ended."""
    whose = {"user": user} if application_id is None else {"user": user, "application_id": application_id}
    # In this order: deleting an access token empties the column of its refresh token.
    refresh = _rows(oauth2_settings.REFRESH_TOKEN_MODEL).filter(**whose, revoked=None).update(revoked=timezone.now())
    _all, deleted = _rows(oauth2_settings.ACCESS_TOKEN_MODEL).filter(**whose).delete()
    return int(refresh + deleted.get(oauth2_settings.ACCESS_TOKEN_MODEL, 0))


def revoke_access_token(row: Any) -> None:
    """End an access token; django-oauth-toolkit ends them by deleting the row."""
    _rows(oauth2_settings.ACCESS_TOKEN_MODEL).filter(pk=row.pk).delete()


def signing_pems() -> tuple[str, ...]:
    """The RSA private keys django-oauth-toolkit signs ID tokens with, and those it still publishes."""
    present = oauth2_settings.OIDC_RSA_PRIVATE_KEY
    return tuple(pem for pem in (present, *oauth2_settings.OIDC_RSA_PRIVATE_KEYS_INACTIVE) if pem)

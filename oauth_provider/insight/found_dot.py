"""A pasted token of django-oauth-toolkit, looked up by its checksum."""

from __future__ import annotations

from django.utils.translation import gettext as _

from oauth_provider.insight import state
from oauth_provider.insight.found import Found, FoundKind, State
from oauth_provider.models import dot_token


def find(value: str) -> Found | None:
    """The access or refresh token of this value; two statements at least."""
    return _access_token(value) or _refresh_token(value)


def _access_token(value: str) -> Found | None:
    row = dot_token.find_access_token(value)
    if row is None:
        return None
    standing, why, live = state.of_access_token(value)
    return Found(
        kind=FoundKind.ACCESS_TOKEN,
        format="django-oauth-toolkit",
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=dot_token.client_of(row),
        user=row.user,
        scopes=tuple(row.scope.split()),
        issued_at=row.created,
        expires_at=row.expires,
        access_token=live,
    )


def _refresh_token(value: str) -> Found | None:
    row = dot_token.find_refresh_token(value)
    if row is None:
        return None
    client = dot_token.client_of(row)
    if row.revoked is not None:
        standing, why = State.REVOKED, _("it was used or revoked on %(at)s") % {"at": state.at(row.revoked)}
    else:
        standing, why = state.of_people(client, row.user)
    return Found(
        kind=FoundKind.REFRESH_TOKEN,
        format="django-oauth-toolkit",
        state=standing,
        why=why,
        hint=state.hint_of(value),
        client=client,
        user=row.user,
        scopes=tuple(row.access_token.scope.split()) if row.access_token is not None else (),
        issued_at=row.created,
        dot_refresh_token=row if standing == State.LIVE else None,
    )

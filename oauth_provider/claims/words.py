"""What people read a scope tells of them: the claims it gives at this site, in their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from oauth_provider.claims import registry

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# In the order in which they are read; how a thing is known to be right is no thing of its own.
WORDS: Mapping[str, _StrPromise] = {
    "name": _("name"),
    "given_name": _("first name"),
    "middle_name": _("middle name"),
    "family_name": _("last name"),
    "nickname": _("nickname"),
    "preferred_username": _("user name"),
    "email": _("e-mail address"),
    "phone_number": _("phone number"),
    "address": _("postal address"),
    "groups": _("groups you are in"),
    "birthdate": _("date of birth"),
    "gender": _("gender"),
    "picture": _("picture"),
    "profile": _("profile page"),
    "website": _("website"),
    "locale": _("language"),
    "zoneinfo": _("time zone"),
}


def of(scopes: Iterable[str]) -> tuple[str, ...]:
    """What these scopes tell of a person here; a claim of the site that has no label is left to its scope's text."""
    given, known = frozenset(scopes), registry.registered()
    told = {name: known[name] for name in (*WORDS, *known) if name in known and known[name].scope in given}
    words = {name: str(one.label or WORDS.get(name, "")) for name, one in told.items()}
    return tuple(word for word in words.values() if word)

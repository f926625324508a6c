"""`groups`: the groups of the site that a person is in, as far as a client may know of them.

The scope of the same name is not enough: each client has a list of the groups it may be told of, empty at first, so
that no app reads from a token how a company is built.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

if TYPE_CHECKING:
    from oauth_provider.models import Client

NAME = SCOPE = "groups"
EVERY = "*"
# Bytes: an ID token goes through headers and cookies; where it would grow beyond, userinfo alone has the groups.
MOST_IN_ID_TOKEN = 2048


def exist() -> bool:
    """Whether people of this site have groups."""
    return hasattr(get_user_model(), "groups")


def read(user: Any) -> list[str]:
    """The names of all groups of a user; one statement."""
    return list(user.groups.order_by("name").values_list("name", flat=True))


def known_to(client: Client, names: object) -> list[str]:
    """Those of the names that this client may be told."""
    told = client.told_groups
    listed = [str(name) for name in names] if isinstance(names, list | tuple | set | frozenset) else []
    return [name for name in listed if EVERY in told or name in told]


def fits(names: object) -> bool:
    """Whether the list may stand in an ID token."""
    return len(json.dumps(names)) <= MOST_IN_ID_TOKEN

"""The live site with a scope that is about organizations."""

from __future__ import annotations

from oauth_provider.scopes import Scope
from tests.clients.site_settings import *  # noqa: F403
from tests.clients.site_settings import OAUTH_PROVIDER as _OAUTH_PROVIDER

LIVE_PROVIDE = "tests.browser.picker_settings.provide"
OAUTH_PROVIDER = {
    **_OAUTH_PROVIDER,
    "SCOPES": {**_OAUTH_PROVIDER["SCOPES"], "read": Scope("read", "Read notes", targets=("organization",))},
}


def provide() -> None:
    """Thirty organizations of alice's and three of bob's."""
    from django.contrib.auth import get_user_model

    from tests.orgs.models import Org

    for name, number in (("alice", 30), ("bob", 3)):
        user = get_user_model().objects.get(username=name)
        for count in range(number):
            Org.objects.create(name=f"{name.title()} & Co {count:02}").members.add(user)

"""Recipes: a known product is registered by its name and its address, and its side's configuration is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from oauth_provider.clients import registration
from oauth_provider.clients.recipes import argocd, base_url, django_site, gitlab, grafana, nextcloud
from oauth_provider.clients.recipes.recipe import Filled, Part, Recipe
from oauth_provider.conf import conf
from oauth_provider.models import Client
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable

RECIPES: Mapping[str, Recipe] = {
    module.RECIPE.name: module.RECIPE for module in (grafana, gitlab, nextcloud, argocd, django_site)
}


@dataclass(frozen=True, slots=True)
class Made:
    """The client, and what its other side is told, secret and all, this once."""

    recipe: Recipe
    client: Client
    secret: str = field(repr=False)
    parts: tuple[Part, ...]
    # Groups the configuration speaks of and this site has not.
    missing_groups: tuple[str, ...]


def named(name: str) -> Recipe:
    """The recipe of this name; raises ValidationError keyed `recipe` that says which was meant."""
    if name in RECIPES:
        return RECIPES[name]
    near = get_close_matches(name.lower(), RECIPES, n=1)
    meant = _("Did you mean “%s”?") % near[0] if near else _("There are: %s.") % ", ".join(RECIPES)
    raise ValidationError({"recipe": [_("There is no recipe “%s”.") % name[:50] + " " + meant]})


def register(recipe: Recipe, *, address: str, name: str = "", client_id: str | None = None, **who: Any) -> Made:
    """Register the product that runs at this address.

    `who` holds arguments of `registration.register` that say who asks (`owners`, `status`, `source`, `actor`,
    `request_source`). Raises ValidationError keyed by argument name; nothing is written then.
    """
    base, name = base_url.read(address), name or str(recipe.title)
    told = _groups_of_site(recipe.groups)
    settings = {
        # Said, although it is the default: these products are configured for it.
        "id_token_signed_response_alg": "RS256",
        "require_pkce": True,
        "claims_in_id_token": recipe.claims_in_id_token,
        "told_groups": list(told),
    }
    told_at = recipe.backchannel_logout_uri(base, issuer=conf.ISSUER)
    of_sign_out = {
        "post_logout_redirect_uris": recipe.post_logout_redirect_uris(base),
        "backchannel_logout_uri": told_at,
        "backchannel_logout_session_required": bool(told_at),
    }
    with transaction.atomic():
        client, secret = registration.register(
            name=name, profile=Profile.WEB, redirect_uris=recipe.redirect_uris(base),
            scopes=recipe.scopes, client_id=client_id, settings={**settings, **of_sign_out}, **who,
        )  # fmt: skip
        companion_id = ""
        if recipe.companion is not None:
            companion, _none = registration.register(
                name=f"{name} {recipe.companion.suffix}", profile=Profile.NATIVE,
                redirect_uris=recipe.companion.redirect_uris, scopes=recipe.scopes, settings=settings, **who,
            )  # fmt: skip
            companion_id = companion.client_id
    filled = Filled(
        issuer=conf.ISSUER,
        base_url=base,
        client_id=client.client_id,
        secret=str(secret),
        scopes=recipe.scopes,
        companion_id=companion_id,
    )
    missing = tuple(group for group in recipe.groups if group not in told)
    return Made(recipe, client, str(secret), recipe.configuration(filled), missing)


def in_words(missing_groups: Iterable[str]) -> str:
    """What to do about groups that the configuration speaks of and this site has not."""
    return _(
        "The configuration speaks of groups that this site does not have: %s. Make them, then tell the client of them."
    ) % ", ".join(missing_groups)


def _groups_of_site(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(Group.objects.filter(name__in=names).order_by("name").values_list("name", flat=True))

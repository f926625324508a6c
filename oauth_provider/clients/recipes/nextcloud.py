"""Nextcloud: its app user_oidc."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oauth_provider.clients.recipes.recipe import Filled, Part, Recipe


def configuration(filled: Filled) -> tuple[Part, ...]:
    """The command that makes the provider. The hint lets our sign-out page bring people back."""
    text = f"""\
php occ user_oidc:provider '{filled.provider}' \\
  --clientid='{filled.client_id}' \\
  --clientsecret='{filled.secret}' \\
  --discoveryuri='{filled.discovery}' \\
  --postlogouturi='{filled.base_url}/' \\
  --scope='{" ".join(filled.scopes)}' \\
  --send-id-token-hint=1 \\
  --group-provisioning=1 \\
  --mapping-groups=groups
"""
    return (Part(_("In a shell in Nextcloud’s folder, as the user it runs as"), text),)


RECIPE = Recipe(
    name="nextcloud",
    title="Nextcloud",
    written_for="user_oidc 8",
    # With pretty URLs and without: which of them is used, the web server decides.
    redirect_paths=("/apps/user_oidc/code", "/index.php/apps/user_oidc/code"),
    post_logout_paths=("/",),
    # With the script's name it is found in both cases.
    backchannel_path="/index.php/apps/user_oidc/backchannel-logout/{provider}",
    # It reads people from the ID token and asks userinfo nothing.
    claims_in_id_token=True,
    configuration=configuration,
)

"""Argo CD: its own OIDC, without Dex; the web interface, and the command line as a public client beside it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oauth_provider.clients.recipes.recipe import Companion, Filled, Part, Recipe

ADMINS = "argocd-admins"
_SECRET = "oidc.clientSecret"


def configuration(filled: Filled) -> tuple[Part, ...]:
    """Patches for the secret and the config map, and a line of the policy."""
    scopes = ", ".join(f'"{scope}"' for scope in filled.scopes)
    secret = f"""\
stringData:
  {_SECRET}: {filled.secret}
"""
    config = f"""\
data:
  url: {filled.base_url}
  oidc.config: |
    name: {filled.provider}
    issuer: {filled.issuer}
    clientID: {filled.client_id}
    clientSecret: ${_SECRET}
    cliClientID: {filled.companion_id}
    enablePKCEAuthentication: true
    requestedScopes: [{scopes}]
    logoutURL: "{filled.end_session}?id_token_hint={{{{token}}}}&{filled.leads_back_to("/")}"
"""
    patch = "kubectl -n argocd patch"
    return (
        Part(f"argocd-secret.yaml: {patch} secret argocd-secret --patch-file argocd-secret.yaml", secret, "yaml"),
        Part(f"argocd-cm.yaml: {patch} configmap argocd-cm --patch-file argocd-cm.yaml", config, "yaml"),
        Part(_("A line for policy.csv in the config map argocd-rbac-cm"), f"g, {ADMINS}, role:admin\n"),
    )


RECIPE = Recipe(
    name="argocd",
    title="Argo CD",
    written_for="Argo CD 3.4",
    redirect_paths=("/auth/callback",),
    post_logout_paths=("/",),
    groups=(ADMINS,),
    # It reads people and groups from the ID token.
    claims_in_id_token=True,
    # `argocd login --sso` sends no secret.
    companion=Companion("CLI", ("http://localhost:8085/auth/callback",)),
    configuration=configuration,
)

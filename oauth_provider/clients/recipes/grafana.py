"""Grafana: generic OAuth, roles by group, sign-out at both."""

from __future__ import annotations

from oauth_provider.clients.recipes.recipe import Filled, Part, Recipe

ADMINS, EDITORS = "grafana-admins", "grafana-editors"


def configuration(filled: Filled) -> tuple[Part, ...]:
    """The section of grafana.ini.

    The roles end without a fallback: Grafana evaluates the expression on the ID token first, and a fallback would
    answer there before userinfo, which has the groups, is looked at.
    """
    text = f"""\
# root_url in [server] must be {filled.base_url}/
[auth.generic_oauth]
enabled = true
name = {filled.provider}
client_id = {filled.client_id}
client_secret = {filled.secret}
scopes = {" ".join(filled.scopes)}
auth_url = {filled.authorize}
token_url = {filled.token}
api_url = {filled.userinfo}
auth_style = InHeader
use_pkce = true
use_refresh_token = true
allow_sign_up = true
login_attribute_path = preferred_username
# Others get auto_assign_org_role of [users], by default Viewer.
role_attribute_path = contains(groups[*], '{ADMINS}') && 'Admin' || contains(groups[*], '{EDITORS}') && 'Editor'
signout_redirect_url = {filled.end_session}?{filled.leads_back_to("/login")}
"""
    return (Part("grafana.ini", text),)


RECIPE = Recipe(
    name="grafana",
    title="Grafana",
    written_for="Grafana 12",
    redirect_paths=("/login/generic_oauth",),
    post_logout_paths=("/login",),
    groups=(ADMINS, EDITORS),
    configuration=configuration,
)

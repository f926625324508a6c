"""GitLab: OmniAuth's openid_connect."""

from __future__ import annotations

from oauth_provider.clients.recipes.recipe import Filled, Part, Recipe

ADMINS = "gitlab-admins"
_CALLBACK = "/users/auth/openid_connect/callback"


def configuration(filled: Filled) -> tuple[Part, ...]:
    """Lines of gitlab.rb. People are told apart by `sub`, which OmniAuth takes where no uid_field is named."""
    scopes = ", ".join(f'"{scope}"' for scope in filled.scopes)
    text = f"""\
gitlab_rails['omniauth_allow_single_sign_on'] = ['openid_connect']
gitlab_rails['omniauth_providers'] = [
  {{
    name: "openid_connect",
    label: "{filled.provider}",
    args: {{
      name: "openid_connect",
      scope: [{scopes}],
      response_type: "code",
      issuer: "{filled.issuer}",
      discovery: true,
      client_auth_method: "basic",
      pkce: true,
      client_options: {{
        # Premium and Ultimate give rights by group:
        # gitlab: {{ groups_attribute: "groups", admin_groups: ["{ADMINS}"] }},
        identifier: "{filled.client_id}",
        secret: "{filled.secret}",
        redirect_uri: "{filled.base_url}{_CALLBACK}"
      }}
    }}
  }}
]
"""
    return (Part("/etc/gitlab/gitlab.rb", text),)


RECIPE = Recipe(
    name="gitlab",
    title="GitLab",
    written_for="GitLab 18",
    redirect_paths=(_CALLBACK,),
    groups=(ADMINS,),
    configuration=configuration,
)

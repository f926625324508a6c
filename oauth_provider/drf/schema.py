"""OpenAPI by drf-spectacular: the security schemes, the scopes of each operation, and our refusals.

The schemes and scopes come by themselves where drf-spectacular is installed. The answers, and what an operation asks
beside scopes, come with `REST_FRAMEWORK["DEFAULT_SCHEMA_CLASS"] = "oauth_provider.drf.schema.OAuth2AutoSchema"`.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme as SpectacularSessionScheme
from drf_spectacular.drainage import error, set_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import spectacular_settings

from oauth_provider.drf import entrances, in_words
from oauth_provider.drf.authentication import OAuth2Authentication
from oauth_provider.drf.entrances import Entrance, Entrances
from oauth_provider.drf.throttling import AppRateThrottle
from oauth_provider.resource_server import security_schemes
from oauth_provider.resource_server.refusals import REQUEST_ID

REFUSAL = "OAuthRefusal"
ALTERNATIVES = "x-oauth-alternatives"
_NOBODY = Entrances(apps=(), is_open=False, by_session=False, by_other_authentication=False)

# Classes of a site that subclass ours share the schemes: those say where tokens come from, not who reads them.
set_override(OAuth2Authentication, "suppress_collision_warning", value=True)


def _entrances(auto_schema: Any) -> Entrances:
    try:
        return entrances.of_view(auto_schema.view, auto_schema.view.request)
    except ImproperlyConfigured as mistake:
        # The gate raises the same at the first request.
        error(str(mistake))
        return _NOBODY


def _is_ours(auto_schema: Any) -> bool:
    return any(isinstance(each, OAuth2Authentication) for each in auto_schema.view.get_authenticators())


class OAuth2Scheme(OpenApiAuthenticationExtension):
    """Our tokens, and those of trusted issuers: one requirement for each set of scopes that opens the operation."""

    target_class = OAuth2Authentication
    match_subclasses = True

    def __init__(self, target: Any) -> None:
        super().__init__(target)  # type: ignore[no-untyped-call]  # drf-spectacular has no types here
        self._definitions = security_schemes.definitions(version=spectacular_settings.OAS_VERSION)
        self.name = list(self._definitions)

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        enough = dict.fromkeys(entrance.scopes for entrance in _entrances(auto_schema).apps)
        return [{name: list(scopes)} for name in self.name for scopes in enough]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return list(self._definitions.values())


class SessionScheme(SpectacularSessionScheme):
    """The cookie, where the permissions of a view of ours let in who is signed in with it."""

    priority = 0

    def get_security_requirement(self, auto_schema: Any) -> Any:
        if _is_ours(auto_schema) and not _entrances(auto_schema).by_session:
            return None
        return super().get_security_requirement(auto_schema)


class OAuth2SchemaMixin(AutoSchema):
    """For a schema class of your own: `class SiteSchema(OAuth2SchemaMixin, …)`."""

    def get_auth(self) -> list[dict[str, Any]]:
        """Only the ways that the permissions leave open, whatever else is in `authentication_classes`."""
        if not _is_ours(self):
            return super().get_auth()
        ways = _entrances(self)
        closed = {name for each in self.view.get_authenticators() if not _lets_in(each, ways) for name in _names(each)}
        components = self.registry._components  # noqa: SLF001  # its own look-up asks for what is looked for
        known = set(components)
        found: list[dict[str, Any]] = super().get_auth()
        for key in set(components) - known:
            # A scheme that no operation takes stands nowhere.
            if key[0] in closed:
                del components[key]
        kept = [requirement for requirement in found if requirement and closed.isdisjoint(requirement)]
        return [*kept, {}] if ways.is_open else kept

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None or not _is_ours(self):
            return operation
        apps = _entrances(self).apps
        parts = [operation.get("description", ""), _in_words(apps)]
        operation["description"] = "\n\n".join(part for part in parts if part)
        operation[ALTERNATIVES] = [
            {"scopes": list(each.scopes), "conditions": [in_words.members(one) for one in each.conditions]}
            for each in apps
        ]
        for status, told in self._refusals().items():
            operation["responses"].setdefault(status, told)
        return operation

    def _refusals(self) -> dict[str, Any]:
        self.registry.register_on_missing(
            ResolvedComponent(name=REFUSAL, type=ResolvedComponent.SCHEMA, object=REFUSAL, schema=_refusal())
        )
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{REFUSAL}"}}}
        headers = {
            "WWW-Authenticate": _header(_("How to go on (RFC 6750 §3).")),
            REQUEST_ID: _header(_("Names this refusal to whoever runs the site.")),
        }
        found = {
            "401": {"description": _("There is no access token, or one that is not valid here."), "headers": headers},
            "403": {"description": _("The access token is not enough; the body says what is."), "headers": headers},
        }
        if self.view.get_throttles():
            retry = {"Retry-After": _header(_("Seconds to wait."))}
            if any(isinstance(throttle, AppRateThrottle) for throttle in self.view.get_throttles()):
                retry |= {
                    "RateLimit": _header(_("What is left of each rate, and the seconds until it begins anew.")),
                    "RateLimit-Policy": _header(_("How many requests are allowed in how many seconds.")),
                }
            found["429"] = {"description": _("Too many requests."), "headers": retry}
        return {status: {**told, "content": content} for status, told in found.items()}


class OAuth2AutoSchema(OAuth2SchemaMixin):
    """drf-spectacular's, with what our authentication and permissions do."""


def _lets_in(authenticator: object, ways: Entrances) -> bool:
    if isinstance(authenticator, OAuth2Authentication):
        return True
    return ways.lets_in(authenticator)


def _names(authenticator: object) -> list[str]:
    scheme: Any = OpenApiAuthenticationExtension.get_match(authenticator)
    if scheme is None:
        return []
    return [scheme.name] if isinstance(scheme.name, str) else list(scheme.name)


def _in_words(apps: tuple[Entrance, ...]) -> str:
    if not apps:
        return _("Apps may not do this.")
    lines = [_one_in_words(each) for each in apps]
    if len(lines) == 1:
        return _("An app needs %(what)s.") % {"what": lines[0]}
    return "\n".join([_("An app needs one of these:"), "", *(f"- {line}" for line in lines)])


def _one_in_words(entrance: Entrance) -> str:
    scopes = " + ".join(f"`{name}`" for name in entrance.scopes) or _("an access token, whatever its permissions")
    beside = "; ".join(map(in_words.sentence, entrance.conditions))
    return _("%(scopes)s, and %(beside)s") % {"scopes": scopes, "beside": beside} if beside else scopes


def _header(description: str) -> dict[str, Any]:
    return {"schema": {"type": "string"}, "description": description}


def _refusal() -> dict[str, Any]:
    """The body of `resource_server.refusals`; permissions that are not ours give `detail` only."""
    names = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "description": _("Why the request was refused."),
        "properties": {
            "detail": {"type": "string", "description": _("For people.")},
            "code": {"type": "string", "description": _("For programs."), "example": "insufficient_scope"},
            "reason": {"type": "string", "description": _("What is wrong with the access token.")},
            "required": {**names, "description": _("Scopes that are enough.")},
            "granted": {**names, "description": _("Scopes that the access token has.")},
            "required_targets": {**names, "description": _("Kinds of objects of which some must be chosen.")},
            "granted_targets": {**names, "description": _("Kinds of objects of which some were chosen.")},
            "required_permissions": {**names, "description": _("Rights that the person behind the app needs.")},
            "required_audience": {**names, "description": _("Resources one of which the token must be for.")},
            "acr_values": {**names, "description": _("Ways of signing in, one of which is needed.")},
            "acr": {"type": "string", "nullable": True, "description": _("How the person signed in.")},
            "auth_time": {"type": "integer", "nullable": True, "description": _("When, in seconds since 1970.")},
            "max_age": {"type": "integer", "description": _("Seconds that a sign-in may lie back.")},
            "lacking": {**names, "description": _("The code of each thing that is lacking, where it is several.")},
            "retry_after": {"type": "integer", "description": _("Seconds to wait.")},
        },
        "required": ["detail"],
    }

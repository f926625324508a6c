"""Which audience a view belongs to (RFC 8707, RFC 9068 §4): RS2."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from oauth_provider import mcp, resources
from oauth_provider.conf import conf


def expected(resource: str | None) -> str:
    """The audience a token must have here; raises ImproperlyConfigured when the view has to say and does not.

    `resource` is the view's own attribute. Without declared resources the site is the one resource server,
    and its audience is the issuer. A view belongs to the MCP server only by naming its resource.
    """
    if resource is not None and resource == mcp.resource():
        return resource
    declared = resources.of_site()
    if not declared:
        return conf.ISSUER
    if resource is not None:
        if resource not in declared:
            raise ImproperlyConfigured(f'{resource!r} is not declared in OAUTH_PROVIDER["RESOURCES"].')
        return resource
    if len(declared) > 1:
        raise ImproperlyConfigured(
            'OAUTH_PROVIDER["RESOURCES"] declares several: set `resource` on the view to one of them.'
        )
    return declared[0]

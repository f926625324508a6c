"""Where our endpoints are, as everybody is told: at the issuer's host."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.urls import reverse

from oauth_provider.conf import conf


def url_of(name: str, *args: str) -> str:
    """The absolute URL of one of our endpoints: the issuer's host, never the request's (C19, C63).

    Raises NoReverseMatch where our URLs are not mounted.
    """
    issuer = urlsplit(conf.ISSUER)
    return f"{issuer.scheme}://{issuer.netloc}{reverse(f'oauth_provider:{name}', args=args)}"

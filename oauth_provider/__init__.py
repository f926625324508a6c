"""A full OAuth 2.1 and OpenID Connect provider for a Django site, on top of django-oauth-toolkit."""

__version__ = "0.1.0"

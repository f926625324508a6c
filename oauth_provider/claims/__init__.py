"""Claims about a person: who they are to a client. A site adds its own with `@claim`, in a module `claims.py`."""

from oauth_provider.claims.registry import claim

__all__ = ["claim"]

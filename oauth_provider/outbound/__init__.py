"""The one place that fetches URLs: https by name to public addresses only, small, soon over, never redirected.

Whoever names a URL to us may name one inside our own network (SSRF). What is looked up is checked, what was checked
is connected to, and the certificate must be the name's; see docs/client-id-documents.md for the whole list.
"""

from __future__ import annotations

from oauth_provider.outbound.fetching import Fetched, Form, check, fetch
from oauth_provider.outbound.refused import Refused

__all__ = ["Fetched", "Form", "Refused", "check", "fetch"]

"""The admin's screens, one file each; only the admin's autodiscovery imports them: a site may do without.

A site that issues nothing has nothing to show in them.
"""

from __future__ import annotations

from oauth_provider import features

if features.issues_tokens():
    from oauth_provider.admin import (
        audit_event,
        audit_seal,
        client,
        consent,
        dot,
        grant,
        initial_access_token,
        logout_delivery,
        signing_key,
    )

    __all__ = [
        "audit_event",
        "audit_seal",
        "client",
        "consent",
        "dot",
        "grant",
        "initial_access_token",
        "logout_delivery",
        "signing_key",
    ]

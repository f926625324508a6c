"""The management REST API: an app of its own, so that a site without it has neither its URLs nor its scopes."""

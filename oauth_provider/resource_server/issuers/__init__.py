"""Access tokens of other issuers (`TRUSTED_ISSUERS`): who a token is from, whether it holds, what it means here.

`choice` names the issuer of a token, `jwt` and `introspection` verify it, `presets` know how each vendor writes its
tokens, `verify` makes an `Access` of it. Nothing here asks the database; a site's `user` function may.
"""

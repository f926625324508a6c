"""The seam to oauthlib: it picks our object by `grant_type` or `response_type` and never calls back."""

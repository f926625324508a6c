"""Signing keys: stored sealed, rotated with overlap, parsed once per process; the only place that knows JWTs."""

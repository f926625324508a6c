"""Tokens: made and stored, looked up, introspected, revoked."""

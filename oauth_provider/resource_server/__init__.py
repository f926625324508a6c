"""Protecting an API: from a request with a bearer token to one frozen `Access`."""

"""The tour: every step of an OAuth 2.0 guide, between a browser, a client, the server and an API."""

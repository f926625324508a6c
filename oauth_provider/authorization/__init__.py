"""The authorization endpoint's rooms: parameters, the table of checks, PKCE, issuing, the device's page."""

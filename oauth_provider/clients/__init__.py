"""Registered clients: profiles, registration, secrets, redirect URIs, status."""

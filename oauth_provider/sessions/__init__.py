"""What a browser session tells a client: when the person signed in, and what ends with a password."""

"""Claims about a person: who they are to a client."""

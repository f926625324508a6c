"""Taking clients over from other providers, and giving them away."""

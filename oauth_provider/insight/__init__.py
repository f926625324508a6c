"""What an operator asks: what is this token, why was this refused, what would this client get."""

"""What is done with audit events afterwards: sealed in batches, verified, exported. Never in a request they tell of."""

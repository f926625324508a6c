"""The site whose speed is measured: the provider at the root, one protected view, nothing else."""

"""A site with a user model and an Application of its own, both with UUID keys."""

"""An app of the site: organizations with members, and what belongs to them."""

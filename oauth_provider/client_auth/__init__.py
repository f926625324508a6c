"""Who is asking? One method per file; the table holds only what is served."""

from __future__ import annotations

from oauth_provider.client_auth import client_secret_basic, client_secret_post, none
from oauth_provider.client_auth.presented import Method

METHODS: tuple[Method, ...] = (client_secret_basic.METHOD, client_secret_post.METHOD, none.METHOD)

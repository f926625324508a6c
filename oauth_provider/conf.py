"""Settings: the one dict `OAUTH_PROVIDER`, as typed properties read when used and checked at start-up.

Each property's docstring is its entry in the settings reference; the first line is the sentence shown there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Mapping


# For each event of `SESSION_POLICY` the words there are, the weakest first; `sessions.policy` says what they do.
SESSION_POLICY_WORDS: Mapping[str, tuple[str, ...]] = {
    "signed_out": ("sessions", "session_tokens", "all_tokens"),
    "password_changed": ("nothing", "sessions", "session_tokens", "all_tokens"),
    "deactivated": ("nothing", "sessions", "session_tokens", "all_tokens"),
    "groups_changed": ("nothing", "lost_access", "told_groups"),
}
SESSION_POLICY_DEFAULTS: Mapping[str, str] = {
    "signed_out": "session_tokens",
    "password_changed": "all_tokens",
    "deactivated": "all_tokens",
    "groups_changed": "lost_access",
}


def _seconds(value: timedelta | float) -> int:
    return int(value.total_seconds()) if isinstance(value, timedelta) else int(value)


class Conf:
    """Shadows `settings.OAUTH_PROVIDER`; every setting has a default that is safe."""

    @property
    def given(self) -> Mapping[str, Any]:
        """What the site wrote, unchecked."""
        return cast("Mapping[str, Any]", getattr(settings, "OAUTH_PROVIDER", {}))

    def _get(self, name: str, default: Any) -> Any:
        return self.given.get(name, default)

    @property
    def ISSUER(self) -> str:
        """The `iss` of everything issued: an https URL without trailing slash, query or fragment.

        With DEBUG and none set: `http://localhost:8000`, unless there are TRUSTED_ISSUERS: then the site issues
        nothing. Its path must be where the URLs are mounted.
        """
        default = "http://localhost:8000" if settings.DEBUG and not self.TRUSTED_ISSUERS else ""
        return str(self._get("ISSUER", default))

    @property
    def SCOPES(self) -> Mapping[str, Any]:
        """Scopes of the site: name to the sentence people read, or to a `Scope`."""
        return cast("Mapping[str, Any]", self._get("SCOPES", {}))

    @property
    def DEFAULT_SCOPES(self) -> tuple[str, ...]:
        """Scopes a new client gets when a request names none; empty by default."""
        return tuple(self._get("DEFAULT_SCOPES", ()))

    @property
    def RESOURCES(self) -> Mapping[str, str]:
        """Resource servers (RFC 8707): absolute URI to a name. Empty: the audience is the issuer."""
        return cast("Mapping[str, str]", self._get("RESOURCES", {}))

    @property
    def TRUSTED_ISSUERS(self) -> Mapping[str, Mapping[str, Any]]:
        """Other issuers whose access tokens the API accepts: issuer URL to its settings (see docs/other-issuers.md).

        With these and no ISSUER the site is a resource server only: it issues nothing and needs none of our tables.
        """
        return cast("Mapping[str, Mapping[str, Any]]", self._get("TRUSTED_ISSUERS", {}))

    @property
    def ACCESS_TOKEN_LIFETIME(self) -> int:
        """Seconds an access token lives (default 3600; profiles `spa` and `mcp` 600)."""
        return _seconds(self._get("ACCESS_TOKEN_LIFETIME", 3600))

    @property
    def SHORT_ACCESS_TOKEN_LIFETIME(self) -> int:
        """Seconds an access token lives for the profiles `spa` and `mcp` (default 600)."""
        return _seconds(self._get("SHORT_ACCESS_TOKEN_LIFETIME", 600))

    @property
    def AUTHORIZATION_CODE_LIFETIME(self) -> int:
        """Seconds an authorization code lives (default 60, at most 600: RFC 6749 §4.1.2)."""
        return _seconds(self._get("AUTHORIZATION_CODE_LIFETIME", 60))

    @property
    def REFRESH_TOKEN_IDLE_LIFETIME(self) -> int:
        """Seconds after which an unused refresh token ends (default 14 days)."""
        return _seconds(self._get("REFRESH_TOKEN_IDLE_LIFETIME", 14 * 86400))

    @property
    def REFRESH_TOKEN_ABSOLUTE_LIFETIME(self) -> int:
        """Seconds after which a grant ends however much it is used (default 90 days)."""
        return _seconds(self._get("REFRESH_TOKEN_ABSOLUTE_LIFETIME", 90 * 86400))

    @property
    def BROWSER_REFRESH_TOKEN_ABSOLUTE_LIFETIME(self) -> int:
        """Seconds after which a grant of a `spa` client ends (default 24 hours)."""
        return _seconds(self._get("BROWSER_REFRESH_TOKEN_ABSOLUTE_LIFETIME", 86400))

    @property
    def REFRESH_TOKEN_LEEWAY(self) -> int:
        """Seconds in which a repeated refresh gets the same successor (default 30; 0 switches it off)."""
        return _seconds(self._get("REFRESH_TOKEN_LEEWAY", 30))

    @property
    def ID_TOKEN_LIFETIME(self) -> int:
        """Seconds an ID token is valid (default 3600)."""
        return _seconds(self._get("ID_TOKEN_LIFETIME", 3600))

    @property
    def SESSION_LIFETIME(self) -> int:
        """Seconds that a client's sign-in is remembered after its last, so that it is told of the sign-out."""
        return _seconds(self._get("SESSION_LIFETIME", 90 * 86400))

    @property
    def SESSION_POLICY(self) -> Mapping[str, str]:
        """What ends at apps when a person signs out, changes the password, is deactivated or changes groups.

        A dict of the events you want otherwise: `"signed_out"`, `"password_changed"`, `"deactivated"`:
        `"session_tokens"`, `"all_tokens"`, `"sessions"` or `"nothing"`; `"groups_changed"`: `"lost_access"`,
        `"told_groups"` or `"nothing"`. See docs/sessions.md.
        """
        return {**SESSION_POLICY_DEFAULTS, **self._get("SESSION_POLICY", {})}

    @property
    def REQUEST_LIFETIME(self) -> int:
        """Seconds a person has to answer a consent page (default 600)."""
        return _seconds(self._get("REQUEST_LIFETIME", 600))

    @property
    def DEVICE_CODE_LIFETIME(self) -> int:
        """Seconds a device code waits for approval (default 600)."""
        return _seconds(self._get("DEVICE_CODE_LIFETIME", 600))

    @property
    def DEVICE_POLLING_INTERVAL(self) -> int:
        """Seconds a device waits between polls (default 5: RFC 8628 §3.2)."""
        return _seconds(self._get("DEVICE_POLLING_INTERVAL", 5))

    @property
    def CONSENT_LIFETIME(self) -> int:
        """Seconds a consent is remembered for an assured client (default 365 days)."""
        return _seconds(self._get("CONSENT_LIFETIME", 365 * 86400))

    @property
    def CONSENT_MAILS(self) -> bool:
        """Mail people when an app first gets access to their account, or more of it (default True).

        At most one a day for each app, with a link that ends the access; none about apps of this site.
        """
        return bool(self._get("CONSENT_MAILS", True))  # noqa: FBT003  # a default, not a flag

    @property
    def CLOCK_SKEW(self) -> int:
        """Seconds by which clocks may differ when a JWT is checked (default 30, at most 60)."""
        return _seconds(self._get("CLOCK_SKEW", 30))

    @property
    def DPOP_PROOF_LIFETIME(self) -> int:
        """Seconds a DPoP proof is good for after it was made (default 60, at most 300: RFC 9449 §11.1).

        `CLOCK_SKEW` is added on both sides.
        """
        return _seconds(self._get("DPOP_PROOF_LIFETIME", 60))

    @property
    def DPOP_NONCE(self) -> bool:
        """Ask for a nonce of this site in every DPoP proof, so that none is made in advance (default False).

        A client's first request is answered 401 with a nonce then, and sent again (RFC 9449 §9).
        """
        return bool(self._get("DPOP_NONCE", None))

    @property
    def TOKENS_NOT_BEFORE(self) -> datetime | None:
        """Tokens issued before this aware datetime are refused: set it after restoring a backup."""
        return cast("datetime | None", self._get("TOKENS_NOT_BEFORE", None))

    @property
    def JWT_STATE_CHECK(self) -> str:
        """`always` (default): one statement per request, so that revocation is immediate; `never`: until expiry.

        `never` is a weakening: a revoked JWT access token is accepted by this site's API until it expires.
        """
        return str(self._get("JWT_STATE_CHECK", "always"))

    @property
    def KEY_PUBLISH_LIFETIME(self) -> int:
        """Seconds a new signing key is published before it signs (default 1 day)."""
        return _seconds(self._get("KEY_PUBLISH_LIFETIME", 86400))

    @property
    def KEY_ROTATION_LIFETIME(self) -> int:
        """Seconds a signing key signs before `oauth_rotate_keys --if-due` replaces it (default 90 days)."""
        return _seconds(self._get("KEY_ROTATION_LIFETIME", 90 * 86400))

    @property
    def ID_TOKEN_SIGNING_ALGS(self) -> tuple[str, ...]:
        """Algorithms a client may have its ID tokens signed with: of RS256, ES256, PS256 and EdDSA (default: all four).

        RS256 must be among them (OpenID Connect Discovery §3). Each has a key of its own, published from the first
        answer of /jwks on: take out what none of your relying parties can read.
        """
        return tuple(self._get("ID_TOKEN_SIGNING_ALGS", ("RS256", "ES256", "PS256", "EdDSA")))

    @property
    def SIGNERS(self) -> Mapping[str, str]:
        """Signers outside this process (HSM, KMS): an algorithm to a dotted path; empty by default.

        The private key of such an algorithm is never here; see docs/keys.md.
        """
        return cast("Mapping[str, str]", self._get("SIGNERS", {}))

    @property
    def KEY_ENCRYPTION(self) -> str:
        """Dotted path of the key that seals the signing keys; empty (default): one derived from SECRET_KEY.

        See docs/keys.md for what it must offer. After a change: `oauth_rotate_keys --reseal`.
        """
        return str(self._get("KEY_ENCRYPTION", ""))

    @property
    def KEY_ENCRYPTION_FALLBACKS(self) -> tuple[str, ...]:
        """Dotted paths of earlier values of KEY_ENCRYPTION: they open signing keys and seal none; empty by default."""
        return tuple(self._get("KEY_ENCRYPTION_FALLBACKS", ()))

    @property
    def PROCESS_CACHE_SECONDS(self) -> float:
        """Seconds a process may keep keys before it reads them again (default 1, at most 1)."""
        return float(self._get("PROCESS_CACHE_SECONDS", 1))

    @property
    def LAST_USED_SECONDS(self) -> int:
        """Seconds between two writes of "last used" stamps by a process (default 60; 0 writes none)."""
        return _seconds(self._get("LAST_USED_SECONDS", 60))

    @property
    def SECRET_FAILURES_PER_MINUTE(self) -> int:
        """Wrong secrets per client and address and minute before the answer is 429 (default 20)."""
        return int(self._get("SECRET_FAILURES_PER_MINUTE", 20))

    @property
    def TRUSTED_PROXIES(self) -> int:
        """How many proxies in front of the site append to X-Forwarded-For (default 0: it is not read)."""
        return int(self._get("TRUSTED_PROXIES", 0))

    @property
    def ALLOWED_USERS_FUNCTIONS(self) -> Mapping[str, str]:
        """Functions that say who may use a client: a name to a dotted path of `(client, user) -> bool`.

        A client's page offers these names; a function that raises refuses.
        """
        return cast("Mapping[str, str]", self._get("ALLOWED_USERS_FUNCTIONS", {}))

    @property
    def FRESH_SIGN_IN_LIFETIME(self) -> int:
        """Seconds after which the admin asks for the password again before a dangerous step (default 900)."""
        return _seconds(self._get("FRESH_SIGN_IN_LIFETIME", 900))

    @property
    def DYNAMIC_REGISTRATION(self) -> str:
        """`off` (default), `token`: with an initial access token, `open`: by anybody (RFC 7591).

        `open` is a weakening: anybody may register clients; unconfirmed ones are bounded and expire.
        """
        return str(self._get("DYNAMIC_REGISTRATION", "off"))

    @property
    def REGISTRATION_SCOPES(self) -> tuple[str, ...]:
        """The most a client may have that registered itself; empty (default): DEFAULT_SCOPES and `openid`."""
        return tuple(self._get("REGISTRATION_SCOPES", ()))

    @property
    def REGISTRATION_POLICIES(self) -> tuple[str, ...]:
        """Dotted paths of functions asked about each registration (see docs/dynamic-registration.md)."""
        return tuple(self._get("REGISTRATION_POLICIES", ()))

    @property
    def REGISTRATIONS_PER_HOUR(self) -> int:
        """Registrations per address and hour before the answer is 429 (default 20)."""
        return int(self._get("REGISTRATIONS_PER_HOUR", 20))

    @property
    def UNCONFIRMED_CLIENTS(self) -> int:
        """How many self-registered clients may wait for the first person to allow them (default 1000).

        The next one takes the place of the oldest.
        """
        return int(self._get("UNCONFIRMED_CLIENTS", 1000))

    @property
    def UNCONFIRMED_CLIENT_LIFETIME(self) -> int:
        """Seconds a self-registered client waits for the first person to allow it (default 1 day)."""
        return _seconds(self._get("UNCONFIRMED_CLIENT_LIFETIME", 86400))

    @property
    def CLIENT_ID_METADATA_HOSTS(self) -> tuple[str, ...]:
        """Hosts whose client ID metadata documents are read; empty (default): none.

        `.example.org` allows a domain with everything below it; `*` allows every host and is a weakening.
        """
        return tuple(self._get("CLIENT_ID_METADATA_HOSTS", ()))

    @property
    def MCP(self) -> Mapping[str, Any]:
        """The MCP server of this site: `{"resource": "https://site/mcp"}`; empty (default): there is none.

        The resource is one more audience, with its own metadata (RFC 9728); the site's other views do not accept its
        tokens. Agents may come by themselves: by a client ID metadata document of every host (`"client_hosts"`: a list
        of hosts as in CLIENT_ID_METADATA_HOSTS), or by registering (`"registration"`: `"open"` or `"off"`). They get
        tokens for this resource alone, with the scopes in `"scopes"` (default: all but those of staff and of sign-in).
        They are redirected to https or loopback, and to the private-use addresses in `"redirect_uris"` (default: none).
        See docs/mcp.md.
        """
        return cast("Mapping[str, Any]", self._get("MCP", {}))

    @property
    def LEGACY_RESPONSE_TYPES(self) -> tuple[str, ...]:
        """Response types of the implicit and hybrid flows that clients of the profile `legacy` may use; empty: none.

        `token`, `id_token`, `id_token token`, `code id_token`, `code token`, `code id_token token`. Tokens pass the
        browser's address then: see docs/legacy-flows.md.
        """
        return tuple(" ".join(sorted(one.split())) for one in self._get("LEGACY_RESPONSE_TYPES", ()))

    @property
    def LOGOUT_PRIVATE_HOSTS(self) -> tuple[str, ...]:
        """Hosts of apps inside your own network that may be told of a sign-out, as in their address: `wiki.lan:8443`.

        Everywhere else only public addresses are spoken to. Without TLS only this machine itself is.
        """
        return tuple(self._get("LOGOUT_PRIVATE_HOSTS", ()))

    @property
    def EGRESS_PROXY(self) -> str:
        """URL of the proxy that fetches documents for us and enforces where to; empty (default): none.

        With it the names are looked up by the proxy, and refusing inner addresses is its task: see
        docs/client-id-documents.md.
        """
        return str(self._get("EGRESS_PROXY", ""))

    @property
    def AUDIT_KEY(self) -> str:
        """Key that signs the seals of the audit events; empty (default): derived from SECRET_KEY.

        With its own key old seals can be verified after SECRET_KEY was replaced. Give it only to the process that
        seals and verifies: whoever takes over a web worker cannot sign then.
        """
        return str(self._get("AUDIT_KEY", ""))

    @property
    def AUDIT_KEY_FALLBACKS(self) -> tuple[str, ...]:
        """Earlier values of AUDIT_KEY: they verify seals and sign none; empty by default."""
        return tuple(self._get("AUDIT_KEY_FALLBACKS", ()))

    @property
    def AUTHENTICATION_CONTEXT(self) -> str:
        """Dotted path of `(request, user) -> (acr, amr)`: how somebody signed in; empty (default): nobody says.

        Called when somebody signs in, and again when an app asks for an `acr`. For django-allauth:
        `oauth_provider.sessions.authentication_context.from_allauth`.
        """
        return str(self._get("AUTHENTICATION_CONTEXT", ""))

    @property
    def ACR_VALUES(self) -> tuple[str, ...]:
        """The `acr` values that AUTHENTICATION_CONTEXT may say, the weakest first; empty by default.

        Who reached one has reached those before it. An app that asks for one that is not here never gets it.
        """
        return tuple(self._get("ACR_VALUES", ()))

    @property
    def STEP_UP_URL(self) -> str:
        """Name or path of the page where somebody signed in proves more; empty (default): they sign in again.

        It gets `next`, and redirects there.
        """
        return str(self._get("STEP_UP_URL", ""))

    @property
    def SIGN_UP_URL(self) -> str:
        """Name or path of the page where people make an account: `prompt=create` leads there; empty: it is refused.

        It gets `next`, signs in and redirects there.
        """
        return str(self._get("SIGN_UP_URL", ""))

    @property
    def PAGES_CSP(self) -> Mapping[str, tuple[str, ...]]:
        """Sources added to the pages' Content-Security-Policy; framing and form-action cannot be loosened."""
        return cast("Mapping[str, tuple[str, ...]]", self._get("PAGES_CSP", {}))

    @property
    def SECURITY_CONTACT(self) -> str:
        """Address that mails about clients without an owner go to, and that the error page names."""
        return str(self._get("SECURITY_CONTACT", ""))

    @property
    def TOKEN_BRAND(self) -> str:
        """First letters of every credential, for secret scanners (default `op`; lower case letters and digits)."""
        return str(self._get("TOKEN_BRAND", "op"))

    @property
    def ADMIN_SHOW_DOT(self) -> bool:
        """Show django-oauth-toolkit's own tables in the admin, read-only (default False)."""
        return bool(self._get("ADMIN_SHOW_DOT", None))


conf = Conf()

NAMES = tuple(name for name in vars(Conf) if name.isupper())

"""The one list of check messages: id, sentence, fix. Each id is an anchor in `docs/checks.md`."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.checks import CheckMessage, Error, Info, Warning  # noqa: A004  # Django's name for it

_LEVELS = {"E": Error, "W": Warning, "I": Info}


@dataclass(frozen=True, slots=True)
class Message:
    """What is wrong and what to do about it; both may have {named} places."""

    sentence: str
    fix: str


MESSAGES = {
    # Settings
    "E001": Message("OAUTH_PROVIDER has no setting {name!r}.", "{hint}"),
    "E002": Message("OAUTH_PROVIDER[{name!r}] is {value}: {wrong}.", "Correct it or leave the key out."),
    "E003": Message("OAUTH_PROVIDER is {value}: it must be a dict.", "OAUTH_PROVIDER = {{…}}"),
    "W001": Message(
        "OAUTH2_PROVIDER[{name!r}] is a setting of ours that stands in django-oauth-toolkit's dict; it is not read.",
        "Move it: OAUTH_PROVIDER[{name!r}] = {value}",
    ),
    "W002": Message(
        "OAUTH2_PROVIDER[{dot!r}] is set, but our endpoints read OAUTH_PROVIDER[{name!r}], which is not.",
        "Write what you want there: OAUTH_PROVIDER[{name!r}] = {value}",
    ),
    # Issuer
    "E010": Message(
        "There is no issuer: OAUTH_PROVIDER['ISSUER'] is empty.",
        "Set it to the https:// address clients know the site by, without a slash at the end.",
    ),
    "E011": Message("The issuer {issuer!r} is not https.", "Use https; http is for DEBUG only (RFC 8414 §2)."),
    "E012": Message(
        "The issuer {issuer!r} cannot be used: {wrong}.",
        "It is compared sign for sign (RFC 8414 §2): scheme, host, port and path, nothing else.",
    ),
    "E013": Message(
        "The issuer's path and the place of the URLs differ: ISSUER is {issuer!r}, but /token is at {token!r}.",
        "Set ISSUER to {wanted!r}, or include the URLs under {path!r}.",
    ),
    "E014": Message(
        "The URLs are mounted under {mount!r}, but {well_known!r}, where clients look for the metadata, is not served.",
        'Add path("", include("oauth_provider.well_known")) to the root URLconf (RFC 8414 §3.1).',
    ),
    # Pieces of the site
    "E020": Message(
        "CorsMiddleware is missing: browser apps cannot call /token.",
        "Put 'corsheaders.middleware.CorsMiddleware' first in MIDDLEWARE.",
    ),
    "E021": Message(
        "'corsheaders' is not in INSTALLED_APPS: browser apps cannot call /token.",
        "INSTALLED_APPS += ['corsheaders']",
    ),
    "E022": Message(
        "{middleware!r} is missing: people cannot sign in or answer the consent page safely.",
        "Add it to MIDDLEWARE.",
    ),
    "E023": Message("{app!r} is not in INSTALLED_APPS: people cannot sign in.", "INSTALLED_APPS += [{app!r}]"),
    "E024": Message(
        "django-oauth-plus is installed: it owns the import name oauth_provider too, so either may be loaded.",
        "pip uninstall django-oauth-plus, then install django-oauth-provider again.",
    ),
    "E025": Message(
        "The management API is mounted and RESOURCES declares several, but not the issuer: it belongs to none of them.",
        "OAUTH_PROVIDER['RESOURCES'][{issuer!r}] = 'Management'",
    ),
    "E026": Message(
        "The scope {scope!r} is about objects of the kind {kind!r}, which no targets.py declares: there are {known}.",
        "Correct the name, or declare GrantTarget({kind!r}, …) in targets.py of an installed app.",
    ),
    "I001": Message(
        "LOGIN_URL {login_url!r} is served by nobody: people who must sign in get the page of this package.",
        "Nothing to do, or set LOGIN_URL to the site's own sign-in page.",
    ),
    "W010": Message(
        "The SQLite database {alias!r} does not begin its transactions with the write lock: under parallel "
        "requests some fail with “database is locked”.",
        "DATABASES[{alias!r}]['OPTIONS'] = {{'transaction_mode': 'IMMEDIATE', 'timeout': 30, "
        "'init_command': 'PRAGMA journal_mode=WAL;'}}",
    ),
    "W020": Message(
        "{other} stands before {ours} in REST_FRAMEWORK's DEFAULT_AUTHENTICATION_CLASSES: a "
        "call that sends a session "
        "cookie and a token is judged by the cookie.",
        "Put {ours} first.",
    ),
    # Sign-in for other sites
    "E100": Message(
        "The claim {claim!r} is given by the scope {scope!r}, which does not exist: nobody is ever told it.",
        "Add the scope to OAUTH_PROVIDER['SCOPES'], or name another in @claim({claim!r}, scope=…).",
    ),
    "E104": Message(
        "OAUTH_PROVIDER[{name!r}] is {url!r}, which is the name of no URL.",
        "Write the name of the page's URL, or its path with a slash in front.",
    ),
    "W100": Message(
        "ACR_VALUES are announced to apps, but nobody says how people sign in: {values}.",
        "OAUTH_PROVIDER['AUTHENTICATION_CONTEXT'] = 'your.function', or leave ACR_VALUES out.",
    ),
    "W021": Message(
        "The picker cannot search objects of the kind {kind!r}: the label is no text field, and `search` is empty.",
        "GrantTarget({kind!r}, …, search=('name',)), with the fields that people search by.",
    ),
    "W055": Message(
        "DPOP_NONCE is on, but apps in a browser cannot use it: {missing}.",
        "CORS_ALLOW_HEADERS = [*default_headers, 'dpop'], CORS_EXPOSE_HEADERS = ['WWW-Authenticate', 'DPoP-Nonce']; "
        "see docs/dpop.md.",
    ),
    # Other issuers
    "E060": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "E061": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "E062": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "E063": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "E064": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "E065": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "E066": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "E067": Message("TRUSTED_ISSUERS[{issuer!r}]: {wrong}.", "{fix}"),
    "W060": Message(
        "TRUSTED_ISSUERS[{issuer!r}] has private_network: its keys are fetched from inside the network, on this "
        "machine without TLS.",
        "Reach it by its public https address, or silence this check where it must be so.",
    ),
    "W061": Message(
        "TRUSTED_ISSUERS[{issuer!r}] accepts JWTs that do not say they are access tokens (typ {typ}): an ID token is "
        "told from one by its claims only.",
        "Have the issuer write at+jwt (RFC 9068 §2.1) and take 'typ' out.",
    ),
    "W062": Message(
        "TRUSTED_ISSUERS[{issuer!r}] believes answers of its introspection that do not say token_type: whatever is "
        "active there enters, refresh tokens too where it answers about those.",
        "Have the issuer answer token_type (RFC 7662 §2.2) and take it out.",
    ),
    "W063": Message(
        "TRUSTED_ISSUERS[{issuer!r}] accepts the audience 'account', which Keycloak writes into nearly every token.",
        "Add an audience mapper for this API to a client scope of the app, and set 'audience' to what it writes.",
    ),
    # MCP
    "E075": Message(
        "The MCP server's resource {resource!r} is not https.", "Use https; http is for DEBUG only (MCP authorization)."
    ),
    "E076": Message(
        "The MCP server's resource {resource!r} is {other} too: agents would get into the site's API.",
        "Give it an address of its own, like {issuer}/mcp.",
    ),
    "W077": Message(
        "The metadata of the MCP server is not served at {path!r}, where clients look for it.",
        'Add path("", include("oauth_provider.well_known")) to the root URLconf (RFC 9728 §3.1).',
    ),
    # django-oauth-toolkit beside ours
    "W030": Message(
        "django-oauth-toolkit's own pages are mounted beside ours: {paths}. They give tokens under other rules.",
        "Take include('oauth2_provider.urls') out once no client uses it.",
    ),
    "W031": Message(
        "{name!r} knows django-oauth-toolkit's tokens only: a token of ours is refused there, or not ended there.",
        "Use {instead}.",
    ),
    # Signing keys
    "E090": Message(
        "The signer of {alg} cannot be used: {wrong}",
        "Make it reachable, or take {alg} out of OAUTH_PROVIDER['SIGNERS']: a key of ours signs then.",
    ),
    "E091": Message(
        "KEY_ENCRYPTION cannot be used: {wrong}",
        "Make it reachable; or name it in KEY_ENCRYPTION_FALLBACKS, set OAUTH_PROVIDER['KEY_ENCRYPTION'] = '' and run "
        "oauth_rotate_keys --reseal.",
    ),
    "W090": Message(
        "The {alg} key {kid} has been signing for {days} days; it was to be replaced after {wanted}.",
        "Run oauth_rotate_keys --if-due from cron; see docs/keys.md.",
    ),
    "W091": Message(
        "{count} retired keys are past their time and still in the table as retired: {kids}.",
        "Run oauth_clear_expired from cron.",
    ),
    "W092": Message(
        "{count} private keys are sealed under a fallback only: {kids}. Without it they cannot be opened.",
        "Run oauth_rotate_keys --reseal, then take the fallback out.",
    ),
    "W093": Message(
        "A new signing key is published for {seconds} seconds only before it signs: an app that keeps the key set "
        "for an hour, whatever the answer says, refuses its tokens for the rest of it.",
        "OAUTH_PROVIDER['KEY_PUBLISH_LIFETIME'] = timedelta(days=1)",
    ),
    "W094": Message(
        "There is a signer for {alg}, but nothing is signed with it.",
        "Add {alg} to OAUTH_PROVIDER['ID_TOKEN_SIGNING_ALGS'], or take the signer out.",
    ),
    "W095": Message(
        "The {alg} key {kid} is in use, but no key of ours signs with {alg} any more.",
        "Run oauth_rotate_keys: it is retired, and published as long as its tokens live.",
    ),
    # Deploy
    "W101": Message("DEBUG is on: error pages and error_description tell strangers about the site.", "DEBUG = False"),
    "W102": Message(
        "SECRET_KEY is short or the one `startproject` made: it seals the signing keys.",
        "Set 50 random signs from outside the code; keep the old one in SECRET_KEY_FALLBACKS.",
    ),
    "W103": Message(
        "SESSION_COOKIE_SECURE is off: a session stolen over http can press Allow.",
        "SESSION_COOKIE_SECURE = True",
    ),
    "W104": Message("CSRF_COOKIE_SECURE is off.", "CSRF_COOKIE_SECURE = True"),
    "W105": Message(
        "SECURE_HSTS_SECONDS is 0: a first visit over http can be led to another sign-in page.",
        "SECURE_HSTS_SECONDS = 31536000, once everything is served over https.",
    ),
    "W106": Message("ALLOWED_HOSTS has '*'.", "Name the hosts of the site."),
    "W107": Message(
        "The default cache is {backend}: {consequence}.",
        "Use a cache that all processes share, for instance django.core.cache.backends.redis.RedisCache.",
    ),
    "W108": Message(
        "JWT_STATE_CHECK is 'never': a revoked access token is accepted by this site's API until it expires.",
        "OAUTH_PROVIDER['JWT_STATE_CHECK'] = 'always'",
    ),
    "W109": Message(
        "REST_FRAMEWORK names no DEFAULT_PERMISSION_CLASSES: a view that forgets permission_classes is open to all.",
        "'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated'], and HasScope(…) in the views.",
    ),
    "W110": Message(
        "SECURE_PROXY_SSL_HEADER is set: it is true only if a proxy in front of every process sets {header} itself.",
        "Make sure the proxy removes what visitors send; then silence this check.",
    ),
    "W111": Message(
        "The logger {logger!r} writes DEBUG messages: they hold tokens and secrets.",
        "Set its level to INFO or higher.",
    ),
    "W121": Message(
        "DYNAMIC_REGISTRATION is 'open': anybody may register a client under any name and ask people to allow it.",
        "OAUTH_PROVIDER['DYNAMIC_REGISTRATION'] = 'token', and initial access tokens for those you know.",
    ),
    "W122": Message(
        "A client that registers itself may get sensitive permissions: {scopes}.",
        "Take them out of OAUTH_PROVIDER['REGISTRATION_SCOPES'], or name them in an initial access token.",
    ),
    "W120": Message(
        "CLIENT_ID_METADATA_HOSTS has '*': anybody on the internet may be an app here, and has this site fetch a "
        "document from where they like.",
        "Name the hosts of the apps you know: OAUTH_PROVIDER['CLIENT_ID_METADATA_HOSTS'] = ['app.example']",
    ),
    "W123": Message(
        "SESSION_POLICY ends less than by default at {event!r} ({word!r} instead of {default!r}): {what}.",
        "Nothing to do if that is meant. Else leave {event!r} out of OAUTH_PROVIDER['SESSION_POLICY'].",
    ),
    "W032": Message(
        "django-allauth's own identity provider ({app}) is installed beside this one: two servers over one set of "
        "people. At /.well-known/openid-configuration {who}.",
        "Take {app} out of INSTALLED_APPS and its URLs out of the URLconf; the rest of django-allauth stays.",
    ),
    "W124": Message(
        "LEGACY_RESPONSE_TYPES lets clients of the profile legacy get tokens from the browser's address: {types}.",
        "Move them to the authorization code with PKCE, then take the response types out (docs/legacy-flows.md).",
    ),
    "W075": Message(
        "MCP lets anybody's app ask people to use it here: {ways}. It can get tokens for {resource} and nothing else.",
        "Nothing to do if that is meant. Else OAUTH_PROVIDER['MCP'] |= {{'client_hosts': ['app.example'], "
        "'registration': 'off'}}",
    ),
    "W076": Message(
        "An agent that comes by itself may get sensitive permissions at the MCP server: {scopes}.",
        "Nothing to do if that is meant: people are asked twice. Else name the others in "
        "OAUTH_PROVIDER['MCP']['scopes'].",
    ),
    "W078": Message(
        "Agents may be redirected to {uris}: any program on a person's machine can take such an address for its own.",
        "Nothing to do if an agent you need has no other; PKCE makes what is taken worthless. Else leave "
        "'redirect_uris' out of OAUTH_PROVIDER['MCP'].",
    ),
    # Database
    "E201": Message(
        "The signing key {kid} ({alg}, {state}) cannot be opened: {wrong}",
        "Put the SECRET_KEY it was sealed with into SECRET_KEY_FALLBACKS, or run oauth_rotate_keys --now.",
    ),
    "W201": Message(
        "There is no active signing key for {alg}; the first request that needs one makes it.",
        "Run oauth_rotate_keys.",
    ),
    "W209": Message(
        "{count} clients are registered for {algs}, which ID_TOKEN_SIGNING_ALGS offers no more; they get no ID token, "
        "and userinfo without a signature: {names}.",
        "Offer the algorithm again, or change the clients.",
    ),
    "W202": Message(
        "{count} of django-oauth-toolkit's Applications have no Client and are refused: {names}.",
        "Run oauth_adopt --all.",
    ),
    "W203": Message(
        "{count} clients taken over from django-oauth-toolkit may do more than a new one could: {deviations}.",
        "Change each when its developer is ready; see docs/from-dot.md.",
    ),
    "W204": Message(
        "{count} clients redirect to http on another machine, where a code can be read on the way: {names}.",
        "Register the https address instead.",
    ),
    "W205": Message(
        "{count} confidential clients have no live secret and cannot authenticate: {names}.",
        "Add a secret in the admin, or archive the client.",
    ),
    "W206": Message(
        "{count} clients may ask for permissions that do not exist: {scopes} ({names}).",
        "Add them to OAUTH_PROVIDER['SCOPES'], or take them from the clients.",
    ),
    "W207": Message(
        "{count} clients used a grant of django-oauth-toolkit that is not served: {names}.",
        "Move them to the authorization code with PKCE; implicit and password are gone in OAuth 2.1.",
    ),
    "W208": Message(
        "{count} clients of the profile legacy get codes without PKCE: {names}.",
        "Let them send a challenge (S256), then switch PKCE on; every client library of today can.",
    ),
    # Audit
    "W220": Message(
        "Audit events since {since} are not sealed: whoever can write to the table can change them unseen.",
        "Run oauth_verify_audit --seal from cron; see docs/audit.md.",
    ),
}


def message(id_: str, **values: object) -> CheckMessage:
    """The check message of this id; `values` fill its places."""
    found = MESSAGES[id_]
    return _LEVELS[id_[0]](found.sentence.format(**values), hint=found.fix.format(**values), id=f"oauth_provider.{id_}")

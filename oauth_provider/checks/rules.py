"""What each setting may be: a function per setting that says what is wrong with a value, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.module_loading import import_string

from oauth_provider import mcp, scopes
from oauth_provider.clients.response_types import LEGACY
from oauth_provider.conf import SESSION_POLICY_WORDS, conf
from oauth_provider.keys.algorithms import ALGORITHMS, ID_TOKEN_ALG

Rule = Callable[[object], str | None]

# RFC 6749 §3.3: scope-token.
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)
_AUDIT_KEY_LENGTH = 32
_BRAND = re.compile(r"[a-z][a-z0-9]{1,15}", re.ASCII)
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_HOST = re.compile(r"\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.ASCII)
# RFC 3986 §2 without `#`, and without `*`, which matches nothing here.
_PRIVATE_URI = re.compile(r"[a-z][a-z0-9+.-]*:[A-Za-z0-9\-._~:/?\[\]@!$&'(),;=%+]+", re.ASCII)
# Served by the browser itself, or by the whole web.
_NOT_PRIVATE = {"https", "http", "ws", "wss", "ftp", "javascript", "vbscript", "data", "file", "blob", "about",
                "view-source"}  # fmt: skip
# What `PAGES_CSP` must not touch: the pages must not be framed, and a form must go nowhere else.
_FIXED_DIRECTIVES = {"frame-ancestors", "form-action", "base-uri"}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def lifetime(*, at_least: float = 1, at_most: float | None = None) -> Rule:
    """A timedelta or seconds between two borders."""

    def wrong(value: object) -> str | None:
        seconds = value.total_seconds() if isinstance(value, timedelta) else value
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            return "it must be a timedelta or a number of seconds"
        if seconds < at_least:
            return f"it must be at least {at_least:g} seconds"
        if at_most is not None and seconds > at_most:
            return f"it must be at most {at_most:g} seconds"
        return None

    return wrong


def whole_number(*, at_least: int) -> Rule:
    """An int from a border on."""

    def wrong(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and value >= at_least:
            return None
        return f"it must be a whole number, {at_least} or more"

    return wrong


def one_of(*choices: str) -> Rule:
    """One of these words."""
    return lambda value: None if value in choices else "it must be " + " or ".join(map(repr, choices))


def boolean(value: object) -> str | None:
    """True or False."""
    return None if isinstance(value, bool) else "it must be True or False"


def text(value: object) -> str | None:
    """A string."""
    return None if isinstance(value, str) else "it must be a string"


def audit_key(value: object) -> str | None:
    """A secret long enough that nobody finds it by trying, or nothing."""
    if isinstance(value, str) and (not value or len(value) >= _AUDIT_KEY_LENGTH):
        return None
    return f"it must be empty or a string of at least {_AUDIT_KEY_LENGTH} signs"


def audit_keys(value: object) -> str | None:
    """A list of such secrets."""
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return "it must be a list of strings"
    return next((wrong for key in value if (wrong := audit_key(key)) is not None), None)


def seconds_to_cache(value: object) -> str | None:
    """Seconds from 0 to 1."""
    if _is_number(value) and 0 <= value <= 1:  # type: ignore[operator]
        return None
    return "it must be a number of seconds from 0 to 1"


def brand(value: object) -> str | None:
    """The first letters of credentials."""
    if isinstance(value, str) and _BRAND.fullmatch(value):
        return None
    return "it must be two to sixteen lower case letters and digits, a letter first"


def aware_datetime(value: object) -> str | None:
    """A datetime with a time zone, or None."""
    if value is None or (isinstance(value, datetime) and value.tzinfo is not None):
        return None
    return "it must be a datetime with a time zone, or None"


def scope_table(value: object) -> str | None:
    """Scope names to sentences or `Scope` objects."""
    if not isinstance(value, Mapping):
        return "it must be a dict of scope names and sentences"
    for name, meaning in value.items():
        if not isinstance(name, str) or not _SCOPE_TOKEN.fullmatch(name):
            return f"{name!r} is not a scope name (RFC 6749 §3.3: no spaces, quotes or backslashes, ASCII only)"
        if not isinstance(meaning, str | Promise | scopes.Scope):
            return f"the meaning of {name!r} must be a sentence or a Scope"
        if isinstance(meaning, scopes.Scope) and meaning.name != name:
            return f"{name!r} is given a Scope of another name, {meaning.name!r}"
    return None


def scope_names(value: object) -> str | None:
    """A list of scopes that exist."""
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        return "it must be a list of scope names"
    if scope_table(conf.SCOPES) is not None:
        return None  # said already, about SCOPES
    unknown = sorted({str(name) for name in value} - set(scopes.registered()))
    return f"these scopes do not exist: {', '.join(unknown)}" if unknown else None


def resource_table(value: object) -> str | None:
    """Absolute URIs to names (RFC 8707 §2: no fragment)."""
    if not isinstance(value, Mapping):
        return "it must be a dict of URIs and names"
    for uri, name in value.items():
        try:
            parts = urlsplit(uri) if isinstance(uri, str) else None
        except ValueError:
            parts = None
        if parts is None or not parts.scheme or not (parts.netloc or parts.path) or "#" in uri or " " in uri:
            return f"{uri!r} is not an absolute URI without a fragment (RFC 8707 §2)"
        if not isinstance(name, str | Promise):
            return f"the name of {uri!r} must be a string"
    return None


def issuer_table(value: object) -> str | None:
    """Issuers to their settings; what stands in those is a matter of trusted_issuers.py."""
    return None if isinstance(value, Mapping) else "it must be a dict of issuers and dicts"


def csp(value: object) -> str | None:
    """CSP directives to lists of sources."""
    if not isinstance(value, Mapping):
        return "it must be a dict of directives and lists of sources"
    for directive, sources in value.items():
        if directive in _FIXED_DIRECTIVES:
            return f"{directive!r} cannot be loosened"
        if isinstance(sources, str) or not all(isinstance(source, str) for source in sources):
            return f"the sources of {directive!r} must be a list of strings"
        if any(sign in source for source in sources for sign in ";,\r\n"):
            return f"a source of {directive!r} holds a sign that ends it"
    return None


def dotted_paths(value: object) -> str | None:
    """A list of dotted paths to callables."""
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return "it must be a list of dotted paths"
    for path in value:
        if (wrong := _callable_at(path)) is not None:
            return wrong
    return None


def functions(value: object) -> str | None:
    """Names to dotted paths of callables."""
    if not isinstance(value, Mapping):
        return "it must be a dict of names and dotted paths"
    for name, path in value.items():
        if not isinstance(name, str) or not _FUNCTION_NAME.fullmatch(name):
            return f"{name!r} must be a name of at most 64 letters, digits, - and _"
        if (wrong := _callable_at(path)) is not None:
            return wrong
    return None


def id_token_algs(value: object) -> str | None:
    """Algorithms of ours, RS256 among them."""
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return "it must be a list of algorithms"
    unknown = [alg for alg in value if alg not in ALGORITHMS]
    if unknown:
        return f"{', '.join(map(repr, unknown))}: there are {', '.join(ALGORITHMS)}"
    return None if ID_TOKEN_ALG in value else f"{ID_TOKEN_ALG} must be among them (OpenID Connect Discovery §3)"


def signer_paths(value: object) -> str | None:
    """Algorithms to dotted paths of callables."""
    if not isinstance(value, Mapping):
        return "it must be a dict of algorithms and dotted paths"
    for alg, path in value.items():
        if alg not in ALGORITHMS:
            return f"{alg!r} is none of our algorithms: there are {', '.join(ALGORITHMS)}"
        if (wrong := _callable_at(path)) is not None:
            return wrong
    return None


def dotted_path(value: object) -> str | None:
    """A dotted path to a callable, or nothing."""
    return None if value == "" else _callable_at(value)


def _callable_at(path: object) -> str | None:
    if not isinstance(path, str):
        return f"{path!r} must be a dotted path"
    try:
        found = import_string(path)
    except ImportError as error:
        return f"{path!r} cannot be imported: {error}"
    return None if callable(found) else f"{path!r} is not a function"


def hosts(value: object) -> str | None:
    """Host names, `.domain` for everything below it, or `*`."""
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        return "it must be a list of host names"
    for host in value:
        if not isinstance(host, str) or not (host == "*" or _HOST.fullmatch(host)):
            return f"{host!r} is not a host name in lower case (.example.org allows everything below it)"
    return None


def legacy_response_types(value: object) -> str | None:
    """Names of the implicit and hybrid response types, their words in any order."""
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        return 'it must be a list, like ["id_token token"]'
    for name in value:
        if not isinstance(name, str) or " ".join(sorted(name.split())) not in LEGACY:
            return f"{name!r} is none of: {', '.join(LEGACY)}"
    return None


def hosts_inside(value: object) -> str | None:
    """Hosts as they stand in an address, each with its port where that is not the usual one."""
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        return "it must be a list of hosts, like wiki.lan:8443"
    for host in value:
        if not isinstance(host, str) or not host or any(sign in host for sign in "/@?#* "):
            return f"{host!r} is not a host as it stands in an address: wiki.lan, wiki.lan:8443"
    return None


def private_uris(value: object) -> str | None:
    """Addresses with a scheme of an app's own, whole: what browsers do themselves with others is worse."""
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return "it must be a list of addresses"
    for uri in value:
        if not isinstance(uri, str) or not _PRIVATE_URI.fullmatch(uri) or urlsplit(uri).scheme in _NOT_PRIVATE:
            return f"{uri!r} is not a whole address with an app's own scheme, like agent://callback"
    return None


def mcp_server(value: object) -> str | None:
    """The resource of the MCP server, its scopes, and who may come for it."""
    if not isinstance(value, Mapping):
        return "it must be a dict with the key 'resource'"
    if not value:
        return None
    unknown = [key for key in value if key not in mcp.KEYS]
    if unknown:
        return f"it has no key {unknown[0]!r}; there are {', '.join(mcp.KEYS)}"
    if (wrong := _wrong_resource(value.get("resource"))) is not None:
        return f"'resource' {wrong}"
    for key, rule in (
        ("scopes", scope_names),
        ("client_hosts", hosts),
        ("registration", one_of(*mcp.REGISTRATION)),
        ("redirect_uris", private_uris),
    ):
        if key in value and (wrong := rule(value[key])) is not None:
            return f"{key!r}: {wrong}"
    return None


def _wrong_resource(uri: object) -> str | None:
    """MCP authorization, "Canonical Server URI": what clients compare and send as `resource`."""
    try:
        parts = urlsplit(uri) if isinstance(uri, str) else None
    except ValueError:
        parts = None
    if not isinstance(uri, str) or parts is None or parts.scheme not in {"https", "http"} or not parts.hostname:
        return "must be the http(s) address of the MCP server"
    for is_wrong, why in (
        (uri.endswith("/"), "must not end with a slash"),
        ("?" in uri or "#" in uri or " " in uri, "must not have a query, a fragment or spaces"),
        ("@" in parts.netloc, "must not have a user name"),
        (parts.netloc != parts.netloc.lower(), "must be written with its host in lower case"),
    ):
        if is_wrong:
            return why
    return None


def proxy_url(value: object) -> str | None:
    """An http(s) URL of a proxy, or nothing."""
    if value == "":
        return None
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        port = None if parts is None else parts.port
    except ValueError:
        parts = port = None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or not port:
        return "it must be the URL of a proxy with its port, like http://proxy.inside.example:3128"
    return None


def acr_values(value: object) -> str | None:
    """A list of words, each once (OpenID Connect Core §3.1.2.1)."""
    if not isinstance(value, list | tuple) or not all(
        isinstance(one, str) and one and not any(map(str.isspace, one)) for one in value
    ):
        return "it must be a list of strings without spaces, the weakest first"
    return None if len(set(value)) == len(value) else "one of its values stands there twice"


def page_of_the_site(value: object) -> str | None:
    """The name of a URL, or a path or https address."""
    if value == "" or (isinstance(value, str) and not any(map(str.isspace, value))):
        return None
    return "it must be the name of a URL, or a path"


def session_policy(value: object) -> str | None:
    """Events to words that each of them knows."""
    if not isinstance(value, Mapping):
        return "it must be a dict of events and words"
    for event, word in value.items():
        words = SESSION_POLICY_WORDS.get(event)
        if words is None:
            return f"there is no event {event!r}; there are {', '.join(SESSION_POLICY_WORDS)}"
        if word not in words:
            return f"{event!r} must be {' or '.join(map(repr, words))}"
    return None


RULES: Mapping[str, Rule] = {
    "ISSUER": text,  # its form is a matter of issuer.py
    "SCOPES": scope_table,
    "DEFAULT_SCOPES": scope_names,
    "RESOURCES": resource_table,
    "TRUSTED_ISSUERS": issuer_table,
    "ACCESS_TOKEN_LIFETIME": lifetime(),
    "SHORT_ACCESS_TOKEN_LIFETIME": lifetime(),
    "AUTHORIZATION_CODE_LIFETIME": lifetime(at_most=600),  # RFC 6749 §4.1.2
    "REFRESH_TOKEN_IDLE_LIFETIME": lifetime(),
    "REFRESH_TOKEN_ABSOLUTE_LIFETIME": lifetime(),
    "BROWSER_REFRESH_TOKEN_ABSOLUTE_LIFETIME": lifetime(),
    "REFRESH_TOKEN_LEEWAY": lifetime(at_least=0, at_most=600),
    "ID_TOKEN_LIFETIME": lifetime(),
    "SESSION_LIFETIME": lifetime(),
    "SESSION_POLICY": session_policy,
    "REQUEST_LIFETIME": lifetime(),
    "DEVICE_CODE_LIFETIME": lifetime(at_most=3600),
    "DEVICE_POLLING_INTERVAL": lifetime(at_most=60),
    "CONSENT_LIFETIME": lifetime(),
    "CONSENT_MAILS": boolean,
    "CLOCK_SKEW": lifetime(at_least=0, at_most=60),
    "DPOP_PROOF_LIFETIME": lifetime(at_most=300),
    "DPOP_NONCE": boolean,
    "TOKENS_NOT_BEFORE": aware_datetime,
    "JWT_STATE_CHECK": one_of("always", "never"),
    "KEY_PUBLISH_LIFETIME": lifetime(at_least=0),
    "KEY_ROTATION_LIFETIME": lifetime(),
    "ID_TOKEN_SIGNING_ALGS": id_token_algs,
    "SIGNERS": signer_paths,
    "KEY_ENCRYPTION": dotted_path,
    "KEY_ENCRYPTION_FALLBACKS": dotted_paths,
    "PROCESS_CACHE_SECONDS": seconds_to_cache,
    "SECRET_FAILURES_PER_MINUTE": whole_number(at_least=1),
    "TRUSTED_PROXIES": whole_number(at_least=0),
    "ALLOWED_USERS_FUNCTIONS": functions,
    "FRESH_SIGN_IN_LIFETIME": lifetime(),
    "DYNAMIC_REGISTRATION": one_of("off", "token", "open"),
    "REGISTRATION_SCOPES": scope_names,
    "REGISTRATION_POLICIES": dotted_paths,
    "REGISTRATIONS_PER_HOUR": whole_number(at_least=1),
    "UNCONFIRMED_CLIENTS": whole_number(at_least=1),
    "UNCONFIRMED_CLIENT_LIFETIME": lifetime(),
    "CLIENT_ID_METADATA_HOSTS": hosts,
    "MCP": mcp_server,
    "LEGACY_RESPONSE_TYPES": legacy_response_types,
    "LOGOUT_PRIVATE_HOSTS": hosts_inside,
    "EGRESS_PROXY": proxy_url,
    "AUDIT_KEY": audit_key,
    "AUDIT_KEY_FALLBACKS": audit_keys,
    "AUTHENTICATION_CONTEXT": dotted_path,
    "ACR_VALUES": acr_values,
    "STEP_UP_URL": page_of_the_site,
    "SIGN_UP_URL": page_of_the_site,
    "PAGES_CSP": csp,
    "SECURITY_CONTACT": text,
    "TOKEN_BRAND": brand,
    "LAST_USED_SECONDS": lifetime(at_least=0),
    "ADMIN_SHOW_DOT": boolean,
}

"""Why a request is refused: each rule as a sentence, where it is written, and what to do about it.

A refusal names its rule by id (`ProtocolError.rule`); audit rows keep the id, pages and DEBUG answers show the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold, the section that says so (empty: this provider's own rule), and the fix."""

    sentence: str | _StrPromise
    source: str
    fix: str | _StrPromise


_SEND_ONCE = _("Correct the request in the client’s code.")
_START_AGAIN = _("Start again at /authorize. If it happens often, look for two copies of the client that share a code.")
_LIBRARY = _("Switch PKCE on in the client’s library, with the method S256.")
_ALLOW_SCOPE = _("Tick the scope under “Allowed scopes” on the client’s page, or ask for less.")
_NEW_SECRET = _("Add a secret on the client’s page, deploy it, then revoke the old one.")

_READING = {
    "not_post": Rule(
        _("The endpoint is called by POST."), "RFC 6749 §3.2", _("Send the parameters by POST, in the body.")
    ),
    "parameters_in_url": Rule(
        _("Parameters of a client go in the request body, where no log keeps them."),
        "RFC 6749 §2.3.1, §3.2",
        _("Move the parameters from the address into the body. If a secret was among them, replace the secret."),
    ),
    "content_type": Rule(
        _("The body is application/x-www-form-urlencoded."),
        "RFC 6749 Appendix B",
        _("Set the header Content-Type, and send a form, not JSON."),
    ),
    "too_large": Rule(
        _("A request is no longer than any real one."), "", _("Send only the parameters of the protocol.")
    ),
    "not_encoded": Rule(
        _("Parameters are form-encoded UTF-8."),
        "RFC 6749 Appendix B",
        _("Let a library encode the parameters; a literal % is written %25."),
    ),
    "forbidden_characters": Rule(_("No parameter holds a NUL character."), "RFC 6749 Appendix A", _SEND_ONCE),
    "parameter_repeated": Rule(
        _("Each parameter is sent once; only “resource” may repeat."), "RFC 6749 §3.1, §3.2", _SEND_ONCE
    ),
    "parameter_missing": Rule(_("A parameter that the request needs is missing or empty."), "RFC 6749 §4", _SEND_ONCE),
}

_CLIENTS = {
    "client_id_missing": Rule(
        _("A request says which client asks."),
        "RFC 6749 §4.1.1",
        _("Send client_id, once, with the value of the page."),
    ),
    "client_unknown": Rule(
        _("The client is registered here."),
        "RFC 6749 §4.1.2.1, §5.2",
        _(
            "Compare the client id with the one on the client’s page. An Application of django-oauth-toolkit that"
            " has no client yet is taken over by “manage.py oauth_adopt”."
        ),
    ),
    "client_not_active": Rule(
        _("The client is neither suspended nor archived."),
        "",
        _("Reactivate the client on its page, once the reason for the suspension is gone."),
    ),
    "two_auth_methods": Rule(
        _("A client authenticates in one way in each request."),
        "RFC 6749 §2.3",
        _("Send the secret in the Authorization header or in the body, not in both."),
    ),
    "authentication_missing": Rule(
        _("The client says who it is."),
        "RFC 6749 §3.2.1",
        _("Send id and secret in the Authorization header or in the body; a public client sends client_id."),
    ),
    "authorization_scheme": Rule(
        _("The Authorization header of a client is of the scheme Basic."),
        "RFC 6749 §2.3.1",
        _("Use Basic with id and secret; a bearer token does not authenticate a client."),
    ),
    "authorization_header": Rule(
        _("The Authorization header is Base64 of the form-encoded id, a colon and the form-encoded secret."),
        "RFC 6749 §2.3.1",
        _("Let the client’s library write the header. An empty secret is usually an environment variable not set."),
    ),
    "secret_incomplete": Rule(
        _("client_id and client_secret in the body both have a value."),
        "RFC 6749 §2.3.1",
        _("Send both. An empty secret is usually an environment variable that is not set."),
    ),
    "client_ids_differ": Rule(
        _("client_id in the body is the one in the Authorization header."), "RFC 6749 §2.3", _SEND_ONCE
    ),
    "auth_method": Rule(
        _("A client authenticates in the way it is registered for."),
        "RFC 7591 §2",
        _("Change the client’s library, or the client authentication that is registered."),
    ),
    "secret_wrong": Rule(
        _("The secret is one of the client’s."),
        "RFC 6749 §2.3.1",
        _(
            "Compare the last four signs with those on the client’s page: it may belong to another client or site."
            " If nobody has it any more, add a secret."
        ),
    ),
    "secret_is_hash": Rule(
        _("The secret is what was shown once, not what a database keeps of it."), "RFC 6749 §2.3.1", _NEW_SECRET
    ),
    "secret_revoked": Rule(_("The secret has not been revoked."), "", _NEW_SECRET),
    "secret_expired": Rule(_("The secret has not expired."), "", _NEW_SECRET),
    "too_many_failures": Rule(
        _("So many wrong secrets in a minute are not looked at."),
        "RFC 6749 §2.3.1",
        _("Stop the client that keeps trying, correct its secret, and wait a minute."),
    ),
    "origin_not_registered": Rule(
        _("A script in a browser calls from an origin the client registered."),
        "RFC 6454 §4",
        _("Add the origin under “Browser origins” on the client’s page, exactly as the browser sends it."),
    ),
    "introspection_needs_secret": Rule(
        _("A client that introspects has a secret."),
        "RFC 7662 §2.1",
        _("Register the resource server as a client of its own, of the profile machine."),
    ),
}

_AUTHORIZATION = {
    "redirect_uri_missing": Rule(
        _("The redirect URI is named, unless exactly one is registered."), "RFC 6749 §3.1.2.3", _("Send redirect_uri.")
    ),
    "redirect_uri_not_registered": Rule(
        _("The redirect URI is a registered one, sign for sign; only the port of a loopback address is free."),
        "RFC 9700 §2.1, §4.1.3",
        _("Register the address that was sent, if it is yours, or change what the client sends."),
    ),
    "state_too_long": Rule(
        _("state fits into an address."), "", _("Keep the state in the client; send a short key to it.")
    ),
    "response_mode_for_tokens": Rule(
        _("Tokens and ID tokens go in the fragment or by form_post."),
        "OAuth 2.0 Multiple Response Types §3",
        _("Leave response_mode out, or send form_post."),
    ),
    "nonce_missing": Rule(
        _("A request for an ID token from the authorization endpoint has a nonce."),
        "OpenID Connect Core §3.2.2.1",
        _("Send a random nonce, keep it, and compare it with the ID token's."),
    ),
    "openid_missing": Rule(
        _("A request for an ID token has the scope openid."),
        "OpenID Connect Core §3.2.2.1",
        _("Add openid to scope."),
    ),
    "response_type_missing": Rule(
        _("A request names its response_type."), "RFC 6749 §3.1.1", _("Send response_type=code.")
    ),
    "response_type_not_served": Rule(
        _("The authorization code is the answer given, and what LEGACY_RESPONSE_TYPES names."),
        "RFC 9700 §2.1.2",
        _("Send response_type=code."),
    ),
    "response_type_not_registered": Rule(
        _("The client is registered for the response type."),
        "RFC 6749 §4.1.2.1",
        _("Register a client of the profile web, spa, native or mcp: this one has another flow."),
    ),
    "response_mode_not_served": Rule(
        _("The answer is sent in the query or the fragment of the redirect URI, or posted to it."),
        "OAuth 2.0 Multiple Response Types §2.1",
        _("Leave response_mode out, or send “query”, “fragment” or “form_post”."),
    ),
    "form_post_to_scheme": Rule(
        _("An answer is posted to http and https only."),
        "OAuth 2.0 Form Post Response Mode §2",
        _("Leave response_mode out for an app’s own scheme."),
    ),
    "claims_malformed": Rule(
        _("claims is a small JSON object with the members userinfo and id_token."),
        "OpenID Connect Core §5.5",
        _SEND_ONCE,
    ),
    "id_token_hint_foreign": Rule(
        _("id_token_hint is an ID token that this provider gave this client; it may have expired."),
        "OpenID Connect Core §3.1.2.1",
        _("Send the last ID token of the person as it came, or leave it out."),
    ),
    "id_token_hint_of_another_client": Rule(
        _("client_id and id_token_hint name the same client."),
        "OpenID Connect RP-Initiated Logout §2",
        _("Send the ID token that this client got, or leave client_id out."),
    ),
    "post_logout_redirect_uri_not_registered": Rule(
        _("post_logout_redirect_uri is registered for the client, sign for sign."),
        "OpenID Connect RP-Initiated Logout §3",
        _("Register the address that was sent, or send one that is registered."),
    ),
    "another_person": Rule(
        _("Who is signed in is the person the request is for."),
        "OpenID Connect Core §3.1.2.1",
        _("Ask again without prompt=none, so that they can sign in with the other account."),
    ),
    "acr_not_reached": Rule(
        _("The person signed in in the way the request asks for."),
        "OpenID Connect Core §5.5.1.1",
        _("Ask again without prompt=none, so that they can prove more."),
    ),
    "prompt_malformed": Rule(
        _("prompt has known values, and “none” stands alone."), "OpenID Connect Core §3.1.2.1", _SEND_ONCE
    ),
    "max_age_malformed": Rule(_("max_age is a number of seconds."), "OpenID Connect Core §3.1.2.1", _SEND_ONCE),
    "nonce_too_long": Rule(_("nonce is no longer than 512 characters."), "", _("Send a random value.")),
    "pkce_missing": Rule(
        _("The client proves with PKCE that it redeems its own code."), "RFC 9700 §2.1.1, RFC 7636 §4.3", _LIBRARY
    ),
    "pkce_method": Rule(_("The PKCE method is S256."), "RFC 7636 §4.2, RFC 9700 §2.1.1", _LIBRARY),
    "pkce_malformed": Rule(
        _("code_challenge is the Base64url of a SHA-256 digest: 43 characters, no padding."), "RFC 7636 §4.2", _LIBRARY
    ),
    "request_too_old": Rule(
        _("A stored request is answered before it expires."),
        "",
        _("Start again from the app. REQUEST_LIFETIME says how long a page waits."),
    ),
    "request_id_missing": Rule(_("The form names the request it decides."), "", _("Start again from the app.")),
}

_WHAT_IS_ASKED = {
    "scope_unknown": Rule(
        _("Each scope exists."),
        "RFC 6749 §3.3",
        _("Declare the scope in SCOPES or in an app’s scopes.py, or correct its spelling in the client."),
    ),
    "scope_not_allowed": Rule(_("Each scope is allowed for the client."), "RFC 6749 §3.3", _ALLOW_SCOPE),
    "scope_needs_person": Rule(
        _("A scope that speaks of a person is asked only where there is one."),
        "OpenID Connect Core §3.1.2.1, §11",
        _("Leave the scope out: with client credentials the client acts for itself."),
    ),
    "scope_not_granted": Rule(
        _("A refresh asks for the scopes of its grant or fewer."),
        "RFC 6749 §6",
        _("Ask the person for the new scope at /authorize."),
    ),
    "invalid_authorization_details": Rule(
        _("authorization_details is a JSON array of objects with “type” and, at most, “identifiers”."),
        "RFC 9396 §2, §5",
        _('Send for instance [{"type": "organization", "identifiers": ["3"]}], form-encoded, with few identifiers.'),
    ),
    "authorization_details_type": Rule(
        _("A type in authorization_details is a kind of object of this site."),
        "RFC 9396 §5",
        _("The types are in the metadata, under authorization_details_types_supported."),
    ),
    "authorization_details_scope": Rule(
        _("Objects are asked for together with a scope that is about them."),
        "",
        _("Ask for a scope that is about objects of this type as well."),
    ),
    "authorization_details_not_granted": Rule(
        _("A token request asks for the objects of its grant or fewer."),
        "RFC 9396 §6",
        _("Ask the person for the other objects at /authorize."),
    ),
    "authorization_details_opaque": Rule(
        _("An opaque access token has all the objects of its grant."),
        "",
        _("Leave authorization_details out of the token request, or have the client get JWTs."),
    ),
    "authorization_details_nobody_chose": Rule(
        _("Objects can be named only where a person has chosen some."),
        "",
        _("Leave authorization_details out; for a machine, limit what its service account may do."),
    ),
    "resource_unknown": Rule(
        _("The resource is declared here."), "RFC 8707 §2", _("Declare it in RESOURCES, or correct its address.")
    ),
    "resource_not_allowed": Rule(
        _("The resource is allowed for the client."),
        "RFC 8707 §2",
        _("Tick it under “Resources” on the client’s page."),
    ),
    "resource_not_granted": Rule(
        _("A token is for the resources of its grant or fewer."),
        "RFC 8707 §2.2",
        _("Name the resource at /authorize already."),
    ),
    "user_not_active": Rule(
        _("The account is active."), "", _("Activate the person’s account, if they should have access.")
    ),
    "user_not_allowed": Rule(
        _("The person is one of those who may use the client."),
        "",
        _("See “Who may use it” on the client’s page: put the person into the group, or widen the choice."),
    ),
    "client_not_approved": Rule(
        _("A machine gets tokens once its client is approved."), "", _("Approve the client on its page.")
    ),
}

_TOKENS = {
    "grant_type_not_registered": Rule(
        _("The client is registered for the grant type."),
        "RFC 6749 §5.2",
        _("Use the flow of the client’s profile, or register a client of another profile."),
    ),
    "client_credentials_need_secret": Rule(
        _("Client credentials are for clients with a secret."),
        "RFC 6749 §4.4",
        _("Register a client of the profile machine."),
    ),
    "verifier_malformed": Rule(
        _("code_verifier is 43 to 128 unreserved characters."), "RFC 7636 §4.1", _("Use the library’s PKCE.")
    ),
    "verifier_missing": Rule(
        _("A code that was asked for with PKCE is redeemed with its code_verifier."),
        "RFC 7636 §4.5",
        _("Send the verifier kept since /authorize; a session that is lost in between is the usual cause."),
    ),
    "verifier_wrong": Rule(
        _("The code_verifier is the one whose challenge was sent to /authorize."),
        "RFC 7636 §4.6",
        _("Keep the verifier beside the state: two sign-ins in two tabs often overwrite each other’s."),
    ),
    "code_damaged": Rule(
        _("The code is passed on whole, as it came."),
        "RFC 6749 §4.1.3",
        _("Take the code from the query and decode it once; nothing else is a code."),
    ),
    "code_unknown": Rule(_("The code was issued here."), "RFC 6749 §4.1.3", _START_AGAIN),
    "code_used": Rule(
        _("A code is used once; a second use ends everything the first one gave."),
        "RFC 6749 §4.1.2, RFC 9700 §4.2",
        _("Let the client redeem a code once: no retry, no reload of the callback, no second worker."),
    ),
    "code_of_another_client": Rule(
        _("A code is redeemed by the client it was issued to."),
        "RFC 6749 §4.1.3",
        _("Use the same client id at /authorize and at /token."),
    ),
    "code_expired": Rule(_("A code is redeemed before it expires."), "RFC 6749 §4.1.2", _("Redeem the code at once.")),
    "code_redirect_uri": Rule(
        _("redirect_uri is the same at /authorize and at /token."),
        "RFC 6749 §4.1.3",
        _("Send the same redirect_uri to both."),
    ),
    "grant_revoked": Rule(
        _("The grant behind the code or token stands."),
        "RFC 6749 §5.2",
        _("Look at the grant and its events to learn who ended it; the person has to sign in again."),
    ),
    "refresh_token_damaged": Rule(
        _("The refresh token is passed on whole, as it came."),
        "RFC 6749 §6",
        _("Look where it is kept: a column that is too short cuts it."),
    ),
    "refresh_token_unknown": Rule(
        _("The refresh token was issued to this client."),
        "RFC 6749 §6",
        _("Use the client id the token was issued to; the token may also have been cleaned up after its end."),
    ),
    "refresh_token_expired": Rule(
        _("A refresh token is used before it expires."),
        "RFC 6749 §6",
        _("The person has to sign in again. The lifetimes stand on the client’s page."),
    ),
    "refresh_token_used": Rule(
        _("A refresh token is used once; the answer brings the next one, and a replay ends the grant."),
        "RFC 9700 §4.14.2",
        _("Keep the new refresh token of each answer; two processes must not share one without its successor."),
    ),
    "too_old_for_client": Rule(
        _("The token was issued after the client’s tokens were ended."), "", _("The person has to sign in again.")
    ),
    "device_code_damaged": Rule(
        _("The device code is passed on whole, as it came."), "RFC 8628 §3.4", _("Send device_code as it was received.")
    ),
    "device_code_unknown": Rule(
        _("The device code was issued to this client."),
        "RFC 8628 §3.4",
        _("Ask for a new one at /device_authorization."),
    ),
    "device_code_used": Rule(
        _("A device code is used once."), "RFC 8628 §3.5", _("Stop polling once the tokens have come.")
    ),
    "no_signing_key": Rule(
        _("Tokens can be signed."),
        "",
        _("Put the old SECRET_KEY into SECRET_KEY_FALLBACKS, or make new keys: “manage.py oauth_rotate_keys --now”."),
    ),
    "signer_unavailable": Rule(
        _("The signer answers, and what seals the signing keys does."),
        "",
        _("See the log line: the signer or the key-encryption key of the site must be reachable. Nothing was spent."),
    ),
}

_AT_THE_API = {
    "token_expired": Rule(
        _("An access token is used before it expires."), "RFC 6750 §3.1", _("Refresh the token, or get a new one.")
    ),
    "token_revoked": Rule(
        _("The token, its grant, its person and its client all stand."),
        "RFC 6750 §3.1, RFC 7009 §2.1",
        _("Look at the grant and its events to learn who ended it; then get a new token."),
    ),
    "token_of_another_audience": Rule(
        _("A token is used at the resource it was issued for."),
        "RFC 8707 §2, RFC 9068 §4",
        _("Ask for a token with “resource” set to this API, and allow the resource on the client’s page."),
    ),
    "token_of_a_key": Rule(
        _("A token that is bound to a key comes by the scheme DPoP, with a proof by that key."),
        "RFC 9449 §7.1, §7.2",
        _("Let the client send each request with a proof of its own; a library for DPoP does."),
    ),
    "proof_wrong": Rule(
        _("A proof is fresh, used once, and for this method, this address and this token."),
        "RFC 9449 §4.3",
        _(
            "Compare both addresses: behind a proxy that ends TLS, set SECURE_PROXY_SSL_HEADER. Otherwise look at the"
            " client’s clock, and whether it makes a new proof for each request, also for a repeated one."
        ),
    ),
    "scope_missing": Rule(
        _("The token carries the scope that the view asks for."),
        "RFC 6750 §3.1",
        _("Let the client ask for the missing scope, and allow it on the client’s page."),
    ),
    "targets_missing": Rule(
        _("The token may act on at least one object of the kind that the view needs."),
        "RFC 9396 §7",
        _("Ask at /authorize for a scope that is about such objects; the person chooses which."),
    ),
    "sign_in_not_enough": Rule(
        _("The person signed in as lately, and in the way, that the view asks for."),
        "RFC 9470 §3",
        _("The app sends the person to /authorize again, with “max_age” and “acr_values” of the challenge."),
    ),
    "permission_refused": Rule(
        _("The view’s own permissions hold for apps too."), "", _("Compare what the named permission asks for.")
    ),
}

# By `error` alone, where nothing more is known, or nothing more is to be said.
_FALLBACKS = {
    "invalid_redirect_uri": Rule(
        _("The redirect URIs may be registered for this kind of client."),
        "RFC 7591 §3.2.2",
        _("Read the answer: it names the URI and the rule."),
    ),
    "invalid_client_metadata": Rule(
        _("Each member of the client’s metadata may have its value."),
        "RFC 7591 §3.2.2",
        _("Read the answer: it names the member and what may stand there."),
    ),
    "invalid_software_statement": Rule(
        _("Software statements are not taken here."),
        "RFC 7591 §3.2.2",
        _("Register without one, with an initial access token."),
    ),
    "unapproved_software_statement": Rule(
        _("A software statement comes from somebody this site trusts."),
        "RFC 7591 §3.2.2",
        _("Register without one, with an initial access token."),
    ),
    "invalid_token": Rule(
        _("The token for registration is good, and for this client."),
        "RFC 6750 §3.1, RFC 7592 §2",
        _("Use the registration access token of the last answer, or a new initial access token."),
    ),
    "temporarily_unavailable": Rule(
        _("The provider can answer now."), "RFC 6749 §4.1.2.1", _("Try again after the seconds in Retry-After.")
    ),
    "invalid_request": Rule(_("The request is well formed."), "RFC 6749 §5.2", _SEND_ONCE),
    "invalid_client": Rule(
        _("The client authenticates."), "RFC 6749 §5.2", _("Read the cause; compare with the client’s page.")
    ),
    "invalid_grant": Rule(_("The code or token that is presented is good."), "RFC 6749 §5.2", _START_AGAIN),
    "unauthorized_client": Rule(
        _("The client may do this."), "RFC 6749 §5.2", _("Use the flow of the client’s profile.")
    ),
    "unsupported_grant_type": Rule(
        _("The grant type is one of those served."),
        "RFC 6749 §5.2",
        _("Use a flow of the metadata document; there is no password grant."),
    ),
    "unsupported_response_type": Rule(
        _("The response type is one of those served."), "RFC 6749 §4.1.2.1", _("Send response_type=code.")
    ),
    "unsupported_token_type": Rule(
        _("The token is of a kind that can be revoked."), "RFC 7009 §2.2.1", _("Revoke the refresh token or the grant.")
    ),
    "invalid_scope": Rule(_("The scopes exist and are allowed."), "RFC 6749 §5.2", _ALLOW_SCOPE),
    "invalid_target": Rule(
        _("The resource exists and is allowed."), "RFC 8707 §2", _("Tick it under “Resources” on the client’s page.")
    ),
    "access_denied": Rule(
        _("The person allows it."), "RFC 6749 §4.1.2.1, RFC 8628 §3.5", _("Nothing is broken: the answer was no.")
    ),
    "login_required": Rule(
        _("With prompt=none somebody is signed in already."),
        "OpenID Connect Core §3.1.2.6",
        _("Show a button that starts the flow without prompt=none."),
    ),
    "consent_required": Rule(
        _("With prompt=none the person need not be asked."),
        "OpenID Connect Core §3.1.2.6",
        _("Show a button that starts the flow without prompt=none."),
    ),
    "interaction_required": Rule(
        _("Nothing has to be asked of the person."),
        "OpenID Connect Core §3.1.2.6",
        _("Ask again without prompt=none."),
    ),
    "unmet_authentication_requirements": Rule(
        _("The person reaches one of the values of the essential claim acr."),
        "OpenID Connect Core Error Code unmet_authentication_requirements §2",
        _("Ask for a value of acr_values_supported, or help the person to set up a second factor."),
    ),
    "request_not_supported": Rule(
        _("Parameters are sent one by one, not as a request object."),
        "OpenID Connect Core §6.1",
        _("Leave “request” out."),
    ),
    "request_uri_not_supported": Rule(
        _("Parameters are sent one by one, not by reference."),
        "OpenID Connect Core §6.2",
        _("Leave “request_uri” out."),
    ),
    "registration_not_supported": Rule(
        _("Clients are registered beforehand."), "OpenID Connect Core §7.2.1", _("Leave “registration” out.")
    ),
    "authorization_pending": Rule(
        _("The person has decided."), "RFC 8628 §3.5", _("Nothing is broken: go on polling, at the interval.")
    ),
    "slow_down": Rule(
        _("A device polls no faster than the interval."), "RFC 8628 §3.5", _("Add five seconds between two polls.")
    ),
    "expired_token": Rule(
        _("A device code is used before it expires."), "RFC 8628 §3.5", _("Ask for a new one at /device_authorization.")
    ),
    "server_error": Rule(_("The server can answer."), "RFC 6749 §4.1.2.1", _("Read the log line of this request.")),
}

RULES: Mapping[str, Rule] = {
    **_READING,
    **_CLIENTS,
    **_AUTHORIZATION,
    **_WHAT_IS_ASKED,
    **_TOKENS,
    **_AT_THE_API,
    **_FALLBACKS,
}


# What pages call the values a refusal compared.
LABELS: Mapping[str, str | _StrPromise] = {
    "sent": _("Sent"),
    "expected": _("Expected"),
    "registered": _("Registered"),
    "allowed": _("Allowed"),
    "granted": _("Granted"),
    "known": _("Known"),
    "served": _("Served"),
    "required": _("Required"),
    "status": _("Status"),
    "reason": _("Reason"),
    "at_most": _("At most"),
    "expired": _("Expired"),
    "first_used": _("First used"),
    "seconds_after_first_use": _("Seconds after its first use"),
    "permission": _("Permission"),
}


def find(rule: str, *, error: str = "") -> Rule | None:
    """The rule of this id, else the one of this `error`; None where neither is known, as in rows of another release."""
    return RULES.get(rule) or RULES.get(error)

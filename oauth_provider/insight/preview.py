"""What would this client get for this person and these scopes? The real rooms run; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from oauth_provider import scopes as known_scopes
from oauth_provider.authorization import checks
from oauth_provider.authorization.parameters import Stored
from oauth_provider.claims import subject, userinfo
from oauth_provider.clients import allowed, profiles
from oauth_provider.consent import policy
from oauth_provider.errors import AccessDenied, ProtocolError, UnauthorizedClient
from oauth_provider.grants import client_credentials
from oauth_provider.insight import difference
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.models import Consent, Grant
from oauth_provider.rules import find as find_rule
from oauth_provider.server import token_pipeline
from oauth_provider.tokens import id_token, jwt, lifetimes, refresh
from oauth_provider.tokens.lookup import ACCESS_TOKEN_TYP
from oauth_provider.values import Authorized, GrantType, ResponseType, TokenFormat, TokenRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth_provider.insight.difference import Compared
    from oauth_provider.models import Client
    from oauth_provider.rules import Rule

# Claims that are others at each issue: what stands in a preview is an example.
EXAMPLES = frozenset({"iat", "exp", "jti", "grant_id", "auth_time", "at_hash", "sid"})
# A challenge of the right form; that the client can do PKCE is not what a preview asks.
_CHALLENGE = "A" * 43


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """Seconds until a refresh token ends that nobody uses, and until the grant ends however much it is used."""

    idle: int
    absolute: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be issued. `page` says whether the person is asked, and why; None for a machine."""

    grant_type: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    page: policy.Allowed | policy.Refused | None
    token_format: str
    header: Mapping[str, str] | None
    access_token: Mapping[str, Any] | None
    lifetime: int
    refresh_token: RefreshToken | None = None
    id_token_header: Mapping[str, str] | None = None
    id_token: Mapping[str, Any] | None = None
    userinfo: Mapping[str, object] | None = None
    is_new_subject: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether the person would see the consent page."""
        return isinstance(self.page, policy.Refused)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing would be issued."""

    error: str
    description: str
    cause: str
    rule: Rule | None
    compared: tuple[Compared, ...] = field(default=())


def preview(
    client: Client, *, user: Any | None = None, scope: str | None = None, resources: tuple[str, ...] = ()
) -> Preview | Refused:
    """What the client would get for this user, or for itself without one; writes nothing."""
    try:
        return (
            _for_machine(client, scope=scope, resources=resources)
            if user is None
            else _for_person(client, user, scope=scope, resources=resources)
        )
    except ProtocolError as error:
        return Refused(
            error=error.error,
            description=error.description,
            cause=error.detail,
            rule=find_rule(error.rule, error=error.error),
            compared=difference.mark(error.compared),
        )


def _for_machine(client: Client, *, scope: str | None, resources: tuple[str, ...]) -> Preview:
    checks.check_status(client)
    token_pipeline.check_grant_type(client, GrantType.CLIENT_CREDENTIALS)
    request = TokenRequest(params={"scope": scope} if scope else {}, resources=resources)
    authorized = client_credentials.authorize(request, client)
    return _issued(authorized, grant_type=GrantType.CLIENT_CREDENTIALS, page=None, is_new_subject=False)


def _for_person(client: Client, user: Any, *, scope: str | None, resources: tuple[str, ...]) -> Preview:
    checks.check_status(client)
    grant_type = _flow_of(client)
    checked = _check(client, grant_type, scope=scope, resources=resources)
    if not user.is_active:
        raise AccessDenied("The account is not active.", rule="user_not_active")
    checks.check_user(client, user)
    page: policy.Allowed | policy.Refused = policy.Refused(_("a device is always confirmed on its page"))
    if grant_type == GrantType.AUTHORIZATION_CODE:
        consent = Consent.objects.of(user, client)
        page = policy.decide(client, consent, scopes=checked.scopes, prompts=frozenset())
    scopes = page.scopes if isinstance(page, policy.Allowed) else checked.scopes
    now, sub = timezone.now(), subject.existing(user, client=client)
    grant = Grant(
        client=client,
        user=user,
        subject=sub or _("a new one, made at the first grant"),
        scopes=list(scopes),
        resources=list(checked.audience),
        auth_time=now,
        sid="…",
        expires_at=lifetimes.grant_ends(client),
    )
    authorized = Authorized(
        client=client,
        scopes=scopes,
        audience=allowed.narrowed_audience(client, (), granted=checked.audience),
        grant=grant,
        user=user,
        subject=grant.subject,
        auth_time=grant.auth_time,
        with_id_token=known_scopes.OPENID in scopes,
    )
    return _issued(authorized, grant_type=grant_type, page=page, is_new_subject=sub is None)


def _flow_of(client: Client) -> GrantType:
    """The flow by which a person gives this client something. Raises UnauthorizedClient."""
    for grant_type in (GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE):
        if client.allows_grant(grant_type):
            return grant_type
    raise UnauthorizedClient(
        "This client has no flow in which a person takes part.",
        rule="grant_type_not_registered",
        compared={
            "sent": f"{GrantType.AUTHORIZATION_CODE.value} {GrantType.DEVICE_CODE.value}",
            "registered": " ".join(client.grant_types),
        },
    )


def _check(client: Client, grant_type: GrantType, *, scope: str | None, resources: tuple[str, ...]) -> checks.Checked:
    if grant_type == GrantType.DEVICE_CODE:
        names = allowed.grantable_scopes(client, scope)
        return checks.Checked(names, allowed.audience(client, resources) if resources else ())
    asked = {
        "response_type": ResponseType.CODE.value,
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "S256",
        **({"scope": scope} if scope else {}),
    }
    return checks.run(Stored(asked, resources), client)


def _id_token_header(client: Client) -> dict[str, str]:
    return signing.header(alg=id_token.alg_of(client), typ=id_token.TYP)


def _issued(
    authorized: Authorized,
    *,
    grant_type: GrantType,
    page: policy.Allowed | policy.Refused | None,
    is_new_subject: bool,
) -> Preview:
    client, is_jwt = authorized.client, authorized.client.token_format == TokenFormat.JWT
    lifetime = lifetimes.access_token_seconds(client, authorized.grant)
    has_person = authorized.grant is not None
    refreshes = has_person and refresh.is_given(client)
    return Preview(
        grant_type=grant_type.value,
        scopes=authorized.scopes,
        audience=authorized.audience,
        page=page,
        token_format=client.token_format,
        header=signing.header(alg=ACCESS_TOKEN_ALG, typ=ACCESS_TOKEN_TYP) if is_jwt else None,
        access_token=jwt.claims_of(authorized, lifetime=lifetime) if is_jwt else None,
        lifetime=lifetime,
        refresh_token=_refresh_token(client) if refreshes else None,
        id_token_header=_id_token_header(client) if authorized.with_id_token else None,
        id_token=id_token.claims_of(authorized, half_hash="…") if authorized.with_id_token else None,
        userinfo=_userinfo(authorized) if authorized.with_id_token else None,
        is_new_subject=is_new_subject,
    )


def _userinfo(authorized: Authorized) -> dict[str, object]:
    return userinfo.claims_of(
        authorized.subject, user=authorized.user, client=authorized.client, scopes=authorized.scopes, asked={}
    )


def _refresh_token(client: Client) -> RefreshToken:
    absolute = profiles.refresh_token_absolute_lifetime(client)
    return RefreshToken(min(profiles.refresh_token_idle_lifetime(client), absolute), absolute)

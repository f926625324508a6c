"""The device flow's two sides: a device asks, a person enters its code and decides (RFC 8628)."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from oauth_provider import credentials, signals
from oauth_provider.authorization import grant as grants
from oauth_provider.clients import allowed, authorization_details, unconfirmed, users
from oauth_provider.conf import conf
from oauth_provider.consent import chosen_objects, notices, permissions, policy
from oauth_provider.errors import ProtocolError, UnauthorizedClient
from oauth_provider.models import AuditEvent, Client, Consent, DeviceCode, UserCodeAttempt
from oauth_provider.models.clock import from_now
from oauth_provider.models.retry import retried
from oauth_provider.values import Decision, Event, GrantType, Source, TokenRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.authorization.parameters import Viewer

# RFC 8628 §6.1: no vowels, no signs that are mistaken for others; 20^8 is 34.5 bits.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
# RFC 8628 §5.1: 5 tries against 34.5 bits are a chance of 2^-32; counted in rows, per person, per code life.
TRIES_PER_PERSON = 5
TRIES_PER_ADDRESS = 20
_FAILED_INSERTS = 5


@dataclass(frozen=True, slots=True)
class Started:
    """What the device gets (RFC 8628 §3.2); times in seconds."""

    device_code: str
    user_code: str
    expires_in: int
    interval: int


def start(request: TokenRequest, client: Client) -> Started:
    """Store a device's request and return its two codes; raises ProtocolError."""
    if not allowed.allows_grant(client, GrantType.DEVICE_CODE):
        raise UnauthorizedClient(
            "This client may not use the device flow.",
            rule="grant_type_not_registered",
            compared={"sent": GrantType.DEVICE_CODE.value, "registered": " ".join(client.grant_types)},
        )
    scopes = allowed.grantable_scopes(client, request.get("scope"))
    resources = allowed.audience(client, request.resources) if request.resources else ()
    details = authorization_details.asked(request.get(authorization_details.PARAMETER), scopes=scopes)
    for _ in range(_FAILED_INSERTS):
        device_code, user_code = credentials.make(credentials.Kind.DEVICE_CODE), _make_user_code()
        try:
            with transaction.atomic():
                DeviceCode.objects.create(
                    digest=credentials.digest(device_code),
                    user_code_digest=credentials.user_code_digests(user_code)[0],
                    client=client,
                    scopes=list(scopes),
                    resources=list(resources),
                    authorization_details=authorization_details.dump(details),
                    address=request.source.address,
                    user_agent=request.source.user_agent,
                    interval=conf.DEVICE_POLLING_INTERVAL,
                    expires_at=from_now(conf.DEVICE_CODE_LIFETIME),
                )
                AuditEvent.objects.record(
                    Event.DEVICE_REQUESTED,
                    client=client,
                    source=request.source,
                    detail={"scopes": list(scopes)},
                )
        except IntegrityError:  # another pending code has this user code
            continue
        return Started(
            device_code, format_user_code(user_code), conf.DEVICE_CODE_LIFETIME, conf.DEVICE_POLLING_INTERVAL
        )
    msg = "No free user code was found."
    raise ProtocolError(msg, status_code=503)


def _make_user_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def format_user_code(user_code: str) -> str:
    """As people read it: four and four."""
    return f"{user_code[:4]}-{user_code[4:]}"


def normalise(entered: str) -> str | None:
    """The user code a person meant, or None when it cannot be one: any case, dashes and spaces are forgiven."""
    text = unicodedata.normalize("NFKC", entered[:64])
    # `upper()` of a dotless i is I; only ASCII letters may be raised.
    kept = "".join(sign for sign in text if not (sign.isspace() or unicodedata.category(sign) == "Pd"))
    code = "".join(sign.upper() if sign.isascii() else sign for sign in kept)
    return code if len(code) == LENGTH and all(sign in ALPHABET for sign in code) else None


@dataclass(frozen=True, slots=True)
class NotFound:
    """No pending code; `locked` after too many wrong ones."""

    locked: bool = False


@dataclass(frozen=True, slots=True)
class NotForYou:
    """The code is right, but the person may not use this client; the device is told that they refused."""

    client: Client


def find(entered: str, *, user: AbstractBaseUser, source: Source) -> DeviceCode | NotFound | NotForYou:
    """The pending code a signed-in person entered, tied to them; every wrong try is a row (DE1, C42, C45)."""
    keys = {f"user:{user.pk}": TRIES_PER_PERSON, f"address:{source.address}": TRIES_PER_ADDRESS}
    window = conf.DEVICE_CODE_LIFETIME
    if any(UserCodeAttempt.objects.count_of(key, seconds=window) >= most for key, most in keys.items()):
        return NotFound(locked=True)
    code = normalise(entered)
    row = None if code is None else DeviceCode.objects.pending(credentials.user_code_digests(code))
    if row is not None and row.client.is_active and row.claim(user):
        verdict = users.may_use(row.client, user)
        if isinstance(verdict, users.MayUse):
            return row
        _deny(row, user=user, source=source, cause=verdict.reason)
        return NotForYou(row.client)
    with transaction.atomic():
        UserCodeAttempt.objects.bulk_create(UserCodeAttempt(key=key) for key in keys)
        AuditEvent.objects.record(Event.USER_CODE_REFUSED, user=user, source=source)
    return NotFound()


def reopen(entered: str, *, user: AbstractBaseUser) -> DeviceCode | None:
    """The pending code that this person entered before; None for any other, so that nothing can be tried here."""
    code = normalise(entered)
    row = None if code is None else DeviceCode.objects.pending(credentials.user_code_digests(code))
    return row if row is not None and row.user_id == user.pk and row.client.is_active else None


@transaction.atomic
def _deny(row: DeviceCode, *, user: AbstractBaseUser, source: Source, cause: str = "") -> bool:
    denied = row.deny(user)
    if denied:
        detail = {"cause": cause} if cause else {}
        AuditEvent.objects.record(Event.DEVICE_DENIED, client=row.client, user=user, source=source, detail=detail)
    return denied


@retried
@transaction.atomic
def decide(
    row: DeviceCode,
    *,
    user: AbstractBaseUser,
    viewer: Viewer,
    decision: Decision,
    source: Source,
    sent: Mapping[str, str],
    scopes: tuple[str, ...] | None = None,
) -> bool | chosen_objects.Mistake:
    """Allow or deny a code this person claimed; whether this call decided it.

    `scopes` are what they chose of the device's; None: all. `sent` is the form, with the objects that were chosen;
    nothing is decided where these cannot be taken.
    """
    client = row.client
    if decision != Decision.ALLOW or not client.is_active:
        return _deny(row, user=user, source=source)
    scopes = tuple(row.scopes) if scopes is None else scopes
    # The UPDATE decides between two browsers; the grant it names follows in the same transaction.
    if not row.allow(user):
        return False
    details = authorization_details.load(row.authorization_details)
    chosen = chosen_objects.read(user, scopes=scopes, details=details, sent=sent)
    if isinstance(chosen, chosen_objects.Mistake):
        transaction.set_rollback(True)
        return chosen
    unconfirmed.confirm(client, user=user, source=source)
    consent = Consent.objects.allow(
        user, client, scopes=scopes, remembered_until=policy.remembered_until(client),
        declined=[scope for scope in row.scopes if scope not in scopes],
        targets=chosen_objects.to_remember(user, client, chosen, details=details),
    )  # fmt: skip
    permissions.follow(consent, user=user)
    grant = grants.make(
        client, user, scopes=scopes, audience=tuple(row.resources), consent=consent,
        # The device is no part of the browser's session: signing out here is not signing out there.
        viewer=replace(viewer, sid=""),
        used_from=Source(row.address, row.user_agent), grant_type=GrantType.DEVICE_CODE, chosen=chosen,
    )  # fmt: skip
    row.attach(grant)
    AuditEvent.objects.record(
        Event.DEVICE_ALLOWED, client=client, grant=grant, source=source,
        detail={"scopes": list(scopes), **({"targets": grant.targets} if grant.targets else {})},
    )  # fmt: skip
    transaction.on_commit(
        lambda: signals.consent_granted.send_robust(Consent, client=client, user=user, grant=grant, request=None)
    )
    notices.connected(consent, grant, user=user)
    return True

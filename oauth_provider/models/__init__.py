"""The tables. One file each; every change of state is a method here and nowhere else."""

from __future__ import annotations

from oauth_provider.models.access_token import AccessToken
from oauth_provider.models.audit_event import AuditEvent
from oauth_provider.models.audit_seal import AuditSeal
from oauth_provider.models.authorization_code import AuthorizationCode
from oauth_provider.models.client import Client
from oauth_provider.models.client_logo import ClientLogo
from oauth_provider.models.client_origin import ClientOrigin
from oauth_provider.models.client_owner import ClientOwner
from oauth_provider.models.client_secret import ClientSecret
from oauth_provider.models.consent import Consent
from oauth_provider.models.device_code import DeviceCode
from oauth_provider.models.grant import Grant
from oauth_provider.models.initial_access_token import InitialAccessToken
from oauth_provider.models.logout_delivery import LogoutDelivery
from oauth_provider.models.refresh_token import RefreshToken
from oauth_provider.models.revoked_token import RevokedToken
from oauth_provider.models.session import Session
from oauth_provider.models.signing_key import SigningKey
from oauth_provider.models.stored_request import StoredRequest
from oauth_provider.models.subject import Subject
from oauth_provider.models.used_jti import UsedJti
from oauth_provider.models.user_code_attempt import UserCodeAttempt

__all__ = [
    "AccessToken",
    "AuditEvent",
    "AuditSeal",
    "AuthorizationCode",
    "Client",
    "ClientLogo",
    "ClientOrigin",
    "ClientOwner",
    "ClientSecret",
    "Consent",
    "DeviceCode",
    "Grant",
    "InitialAccessToken",
    "LogoutDelivery",
    "RefreshToken",
    "RevokedToken",
    "Session",
    "SigningKey",
    "StoredRequest",
    "Subject",
    "UsedJti",
    "UserCodeAttempt",
]

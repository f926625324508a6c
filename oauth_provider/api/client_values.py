"""A client in JSON: what answers hold, under the names that `clients.change` has for it; what bodies may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from oauth_provider.api.addresses import address_of
from oauth_provider.api.fields import (
    Arguments,
    Choice,
    Flag,
    GroupNames,
    Moment,
    Text,
    Texts,
    UserNames,
    UserValues,
    Values,
    Whole,
)
from oauth_provider.clients import sectors, sign_in_and_out, validation
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import Client
from oauth_provider.values import (
    AllowedUsers,
    AuthMethod,
    ClientStatus,
    GrantType,
    Profile,
    RegistrationSource,
    ResponseType,
    TokenFormat,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

_SCOPE_LENGTH = 255


def shown() -> QuerySet[Client]:
    """Clients with everything an answer tells of them, however many: the statements do not grow with the rows."""
    return Client.objects.select_related("application", "service_account").prefetch_related(
        "origins", "allowed_groups", "owners__user", "owners__group"
    )


class OwnerValues(Values):
    """Who answers for a client."""

    users = serializers.ListField(child=serializers.CharField())
    groups = serializers.ListField(child=serializers.CharField())


class ClientValues(Values):
    """A client. Nothing of its secrets."""

    client_id = serializers.CharField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    profile = serializers.ChoiceField(choices=Profile.choices)
    status = serializers.ChoiceField(choices=ClientStatus.choices)
    redirect_uris = serializers.ListField(child=serializers.CharField())
    origins = serializers.SerializerMethodField()
    scopes = serializers.ListField(child=serializers.CharField(), source="allowed_scopes")
    default_scopes = serializers.ListField(child=serializers.CharField())
    optional_scopes = serializers.ListField(child=serializers.CharField())
    purposes = serializers.DictField(child=serializers.CharField())
    requested_scopes = serializers.ListField(child=serializers.CharField())
    resources = serializers.ListField(child=serializers.CharField())
    resource_server_for = serializers.ListField(child=serializers.CharField())
    auth_method = serializers.CharField()
    grant_types = serializers.ListField(child=serializers.CharField())
    response_types = serializers.ListField(child=serializers.CharField())
    require_pkce = serializers.BooleanField()
    token_format = serializers.ChoiceField(choices=TokenFormat.choices)
    access_token_lifetime = serializers.IntegerField(allow_null=True)
    refresh_token_idle_lifetime = serializers.IntegerField(allow_null=True)
    refresh_token_absolute_lifetime = serializers.IntegerField(allow_null=True)
    refresh_token_leeway = serializers.IntegerField(allow_null=True)
    id_token_signed_response_alg = serializers.CharField()
    userinfo_signed_response_alg = serializers.CharField()
    claims_in_id_token = serializers.BooleanField()
    subject_type = serializers.CharField()
    sector_identifier_uri = serializers.CharField()
    told_groups = serializers.ListField(child=serializers.CharField())
    default_max_age = serializers.IntegerField(allow_null=True)
    require_auth_time = serializers.BooleanField()
    default_acr_values = serializers.ListField(child=serializers.CharField())
    initiate_login_uri = serializers.CharField()
    post_logout_redirect_uris = serializers.ListField(child=serializers.CharField())
    backchannel_logout_uri = serializers.CharField()
    backchannel_logout_session_required = serializers.BooleanField()
    frontchannel_logout_uri = serializers.CharField()
    frontchannel_logout_session_required = serializers.BooleanField()
    policy_uri = serializers.CharField()
    tos_uri = serializers.CharField()
    client_uri = serializers.CharField()
    logo_uri = serializers.CharField()
    contacts = serializers.ListField(child=serializers.CharField())
    software_id = serializers.CharField()
    software_version = serializers.CharField()
    allowed_users = serializers.ChoiceField(choices=AllowedUsers.choices)
    allowed_groups = serializers.SerializerMethodField()
    allowed_permission = serializers.CharField()
    allowed_function = serializers.CharField()
    owners = serializers.SerializerMethodField()
    service_account = UserValues(allow_null=True)
    first_party = serializers.BooleanField()
    is_agent = serializers.BooleanField()
    is_public = serializers.BooleanField()
    registration_source = serializers.ChoiceField(choices=RegistrationSource.choices)
    unconfirmed_until = Moment(allow_null=True)
    tokens_not_before = Moment(allow_null=True)
    created_at = Moment()
    last_used_at = Moment(allow_null=True)

    def get_url(self, client: Client) -> str:
        return address_of(client)

    def get_origins(self, client: Client) -> list[str]:
        return sorted(row.origin for row in client.origins.all())

    def get_allowed_groups(self, client: Client) -> list[str]:
        return sorted(group.name for group in client.allowed_groups.all())

    def get_owners(self, client: Client) -> OwnerValues:
        rows = list(client.owners.all())
        users = sorted(row.user.get_username() for row in rows if row.user is not None)
        return {"users": users, "groups": sorted(row.group.name for row in rows if row.group is not None)}  # type: ignore[return-value]  # the annotation is for the description


class RegisteredValues(ClientValues):
    """A client that has just been registered. Its secret is in this answer and in no other."""

    client_secret = serializers.SerializerMethodField()

    def get_client_secret(self, client: Client) -> str | None:
        del client
        secret: str | None = self.context["client_secret"]
        return secret


class OwnerArguments(Arguments):
    """All owners; those not named stop being ones."""

    users = UserNames(required=False)
    groups = GroupNames(required=False)


def _lifetime(name: str) -> Whole:
    shortest, longest = validation.LIFETIMES[name]
    return Whole(required=False, allow_null=True, min_value=shortest, max_value=longest)


def _algorithm() -> Text:
    return Text(
        required=False, allow_blank=True, max_length=16, help_text=f"Empty, or one of: {', '.join(ALGORITHMS)}."
    )


def _address() -> Text:
    return Text(required=False, allow_blank=True, max_length=validation.URI_LENGTH)


class ClientArguments(Arguments):
    """The arguments of `clients.change`. Which values a profile allows is said there, for every door alike.

    Not among them: a service account. Whoever could name one would act as that person.
    """

    name = Text(required=False)
    redirect_uris = Texts(required=False)
    origins = Texts(required=False, longest=validation.ORIGIN_LENGTH)
    scopes = Texts(required=False, longest=_SCOPE_LENGTH)
    default_scopes = Texts(required=False, longest=_SCOPE_LENGTH)
    optional_scopes = Texts(required=False, longest=_SCOPE_LENGTH)
    purposes = serializers.DictField(
        required=False,
        child=Text(max_length=validation.PURPOSE_LENGTH),
        help_text="Scope → one sentence of plain text.",
    )
    resources = Texts(required=False)
    resource_server_for = Texts(required=False)
    auth_method = Choice(required=False, choices=AuthMethod.choices, allow_blank=True)
    grant_types = serializers.ListField(
        required=False, child=Choice(choices=[str(grant) for grant in GrantType]), max_length=len(GrantType)
    )
    response_types = serializers.ListField(
        required=False, child=Choice(choices=[str(one) for one in ResponseType]), max_length=len(ResponseType),
        help_text="code, and for the profile legacy those that LEGACY_RESPONSE_TYPES names.",
    )  # fmt: skip
    require_pkce = Flag(required=False)
    token_format = Choice(required=False, choices=TokenFormat.choices)
    is_agent = Flag(required=False)
    access_token_lifetime = _lifetime("access_token_lifetime")
    refresh_token_idle_lifetime = _lifetime("refresh_token_idle_lifetime")
    refresh_token_absolute_lifetime = _lifetime("refresh_token_absolute_lifetime")
    refresh_token_leeway = _lifetime("refresh_token_leeway")
    id_token_signed_response_alg = _algorithm()
    userinfo_signed_response_alg = _algorithm()
    claims_in_id_token = Flag(required=False)
    subject_type = Choice(required=False, choices=list(sectors.CHOICES))
    sector_identifier_uri = _address()
    orphaned_accounts = Whole(
        required=False, min_value=0, max_value=2**31 - 1, write_only=True,
        help_text="How many people may become strangers to the client by another subject type or sector.",
    )  # fmt: skip
    told_groups = Texts(required=False, longest=150)
    default_max_age = _lifetime("default_max_age")
    require_auth_time = Flag(required=False)
    default_acr_values = Texts(
        required=False, longest=sign_in_and_out.ACR_LENGTH, max_length=sign_in_and_out.MOST_ACR_VALUES
    )
    initiate_login_uri = _address()
    post_logout_redirect_uris = Texts(required=False)
    backchannel_logout_uri = _address()
    backchannel_logout_session_required = Flag(required=False)
    frontchannel_logout_uri = _address()
    frontchannel_logout_session_required = Flag(required=False)
    policy_uri = _address()
    tos_uri = _address()
    client_uri = _address()
    logo_uri = _address()
    contacts = Texts(required=False, longest=254, max_length=validation.MOST_CONTACTS)
    software_id = Text(required=False, allow_blank=True)
    software_version = Text(required=False, allow_blank=True)
    allowed_users = Choice(required=False, choices=AllowedUsers.choices)
    allowed_groups = GroupNames(required=False)
    allowed_permission = Text(required=False, allow_blank=True)
    allowed_function = Text(required=False, allow_blank=True, max_length=64)
    owners = OwnerArguments(required=False)

    def validate_grant_types(self, grant_types: list[str]) -> list[str]:
        return list(dict.fromkeys(grant_types))

    def validate_owners(self, owners: dict[str, list[Any]]) -> list[Any]:
        return [*owners.get("users", ()), *owners.get("groups", ())]


class RegistrationArguments(ClientArguments):
    """A new client: its name, its profile, and what else the profile leaves open."""

    # A new client knows nobody.
    orphaned_accounts = None  # type: ignore[assignment]  # how the framework leaves a field of a parent out

    name = Text()
    profile = Choice(choices=Profile.choices)
    draft = Flag(required=False, default=False)

    def validate_profile(self, profile: str) -> str:
        if profile == Profile.IMPORTED:
            raise serializers.ValidationError(_("Only taking over from django-oauth-toolkit makes these."))
        return profile

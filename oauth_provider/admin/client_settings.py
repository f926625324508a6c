"""Settings of a client: its name, links and tokens, who may use it, who answers for it, and its profile explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oauth_provider.admin import client_form, client_logo, client_move, client_page, client_sign_out, moments
from oauth_provider.admin.client_form import Section
from oauth_provider.admin.fields import LinesField, TickedField
from oauth_provider.clients import modern, owners, response_types, sectors, sign_in_and_out, validation
from oauth_provider.clients.profiles import rules_of
from oauth_provider.conf import conf
from oauth_provider.endpoints.pages import logo_of
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.values import AllowedUsers, GrantType, SubjectType, TokenFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.models import Client

_REFRESH = ("refresh_token_idle_lifetime", "refresh_token_absolute_lifetime", "refresh_token_leeway")
_OPENID = (
    *("id_token_signed_response_alg", "userinfo_signed_response_alg", "claims_in_id_token", "told_groups"),
    *("default_max_age", "require_auth_time", "subject_type", "sector_identifier_uri"),
)
_COLUMNS = (
    *("policy_uri", "tos_uri", "client_uri", "logo_uri", "contacts", "token_format", "require_pkce", "is_agent"),
    "response_types",
    *("access_token_lifetime", *_REFRESH, *_OPENID),
    *sign_in_and_out.NAMES,
    *("allowed_users", "allowed_permission", "allowed_function"),
)
_PEOPLE = ("allowed_users", "allowed_groups", "allowed_permission", "allowed_function")


def _seconds(label: Any, sentence: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, help_text=sentence)


def _algorithm(label: Any, none: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", none), *((alg, alg) for alg in ALGORITHMS)])


def _page(label: Any, sentence: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=validation.URI_LENGTH, help_text=sentence,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
    )  # fmt: skip


class SettingsForm(client_sign_out.SignOutFields):
    """Profile, grant types and status are not among it: they are decided elsewhere."""

    sections = (
        Section("name", gettext_lazy("Name and contacts"), ("name", "contacts")),
        Section(
            "links", gettext_lazy("Links people see"), ("client_uri", "policy_uri", "tos_uri", "logo_uri"),
            gettext_lazy("Shown where people decide whether to let it in."),
        ),
        Section("tokens", gettext_lazy("Tokens"),
                ("is_agent", "token_format", "require_pkce", "response_types", "access_token_lifetime", *_REFRESH),
                gettext_lazy("Times are in seconds; an empty one is the profile’s.")),
        Section("openid", gettext_lazy("Sign-in with this site"), (*_OPENID, "orphaned_accounts"),
                gettext_lazy("For apps that ask for openid: what they are told of a person, and how."), is_sparse=True),
        client_sign_out.SECTION,
        Section("people", gettext_lazy("Who may use it"), _PEOPLE,
                gettext_lazy("Asked when somebody lets it in, and at each refresh."), is_sparse=True),
        Section("owners", gettext_lazy("Owners"), ("owner_users", "owner_groups"),
                gettext_lazy("They answer for it, get the mails about it, and can use it while it is a draft.")),
    )  # fmt: skip

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=validation.NAME_LENGTH,
        help_text=gettext_lazy("What people read on the consent page."),
    )  # fmt: skip
    contacts = LinesField(
        label=gettext_lazy("Contacts"), help_text=gettext_lazy("Mail addresses of those responsible, one per line.")
    )
    client_uri = _page(gettext_lazy("Home page"))
    policy_uri = _page(gettext_lazy("Privacy policy"))
    tos_uri = _page(gettext_lazy("Terms of service"))
    logo_uri = _page(gettext_lazy("Logo elsewhere"), gettext_lazy("As registered; people see the picture below."))
    is_agent = forms.BooleanField(
        label=gettext_lazy("Acts by itself"), required=False,
        help_text=gettext_lazy("An AI agent: people are told, and what it does for them is recorded as its doing."),
    )  # fmt: skip
    token_format = forms.ChoiceField(
        label=gettext_lazy("Access token format"), choices=TokenFormat.choices, widget=forms.RadioSelect
    )
    require_pkce = forms.BooleanField(
        label=gettext_lazy("PKCE required"), required=False,
        help_text=gettext_lazy("Without it a stolen code is enough (RFC 9700 §2.1.1)."),
    )  # fmt: skip
    response_types = TickedField(
        label=gettext_lazy("Response types"),
        help_text=gettext_lazy("All but code put tokens into the browser’s address (RFC 9700 §2.1.2)."),
    )
    access_token_lifetime = _seconds(gettext_lazy("Access token lives"))
    refresh_token_idle_lifetime = _seconds(gettext_lazy("Refresh token ends unused after"))
    refresh_token_absolute_lifetime = _seconds(gettext_lazy("People are asked again after"))
    refresh_token_leeway = _seconds(gettext_lazy("Leeway for a lost answer"), gettext_lazy("0 switches it off."))
    id_token_signed_response_alg = _algorithm(
        gettext_lazy("ID token signed with"), gettext_lazy("RS256, which every library knows")
    )
    userinfo_signed_response_alg = _algorithm(
        gettext_lazy("Userinfo signed with"), gettext_lazy("Not signed: JSON, as most libraries expect")
    )
    claims_in_id_token = forms.BooleanField(
        label=gettext_lazy("Claims in the ID token too"), required=False,
        help_text=gettext_lazy("For apps that never ask userinfo. Whoever has the token can read them."),
    )  # fmt: skip
    subject_type = forms.ChoiceField(
        label=gettext_lazy("Identifier of a person"), choices=SubjectType.choices, required=False,
        help_text=gettext_lazy("Another one makes strangers of the people it knows."),
    )  # fmt: skip
    sector_identifier_uri = _page(
        gettext_lazy("Sector"),
        gettext_lazy("A list of the redirect URIs of all apps that share identifiers (pairwise)."),
    )
    orphaned_accounts = forms.IntegerField(
        label=gettext_lazy("People who may become strangers"), required=False, min_value=0,
        help_text=gettext_lazy("Only to change the identifier: the number that you are told."),
    )  # fmt: skip
    told_groups = LinesField(
        label=gettext_lazy("Groups it is told of"),
        help_text=gettext_lazy("Names, one per line; * for all. For the scope groups."),
    )
    default_max_age = _seconds(
        gettext_lazy("Sign-in no older than"), gettext_lazy("Seconds, where the app does not say; empty: any age.")
    )
    require_auth_time = forms.BooleanField(
        label=gettext_lazy("Time of the sign-in required"), required=False,
        help_text=gettext_lazy("Somebody whose time of sign-in is not known signs in again."),
    )  # fmt: skip
    allowed_users = forms.ChoiceField(
        label=gettext_lazy("Who may use it"), choices=AllowedUsers.choices, widget=forms.RadioSelect
    )
    allowed_groups = TickedField(label=gettext_lazy("Groups"))
    allowed_permission = forms.CharField(
        label=gettext_lazy("Permission"), required=False, max_length=255,
        widget=forms.TextInput(attrs={"placeholder": "app_label.codename", "spellcheck": "false"}),
        help_text=gettext_lazy("Written as app_label.codename."),
    )  # fmt: skip
    allowed_function = forms.ChoiceField(
        label=gettext_lazy("Function"), required=False,
        help_text=gettext_lazy("A name in ALLOWED_USERS_FUNCTIONS; a function that fails refuses."),
    )  # fmt: skip
    owner_users = LinesField(
        label=gettext_lazy("People"),
        help_text=gettext_lazy("User names, one per line. Who leaves takes nothing along."),
    )
    owner_groups = TickedField(label=gettext_lazy("Groups"))

    def prepare(self, client: Client) -> None:
        self._groups = {str(group.pk): group for group in Group.objects.order_by("name")}
        groups = [(pk, group.name) for pk, group in self._groups.items()]
        functions = dict.fromkeys(("", *conf.ALLOWED_USERS_FUNCTIONS, client.allowed_function))
        self._offer("allowed_groups", groups)
        self._offer("owner_groups", groups)
        self._offer("allowed_function", [(name, name or "–") for name in functions])
        impossible = {
            *([] if groups else [AllowedUsers.GROUPS]),
            *([] if len(functions) > 1 else [AllowedUsers.FUNCTION]),
        }
        self._offer("allowed_users", [
            (value, str(label)) for value, label in AllowedUsers.choices
            if value not in impossible or value == client.allowed_users
        ])  # fmt: skip
        rules, offered = rules_of(client), [str(name) for name in response_types.served()]
        names = dict.fromkeys([*offered, *client.response_types])
        self._offer("subject_type", [
            (value, str(label)) for value, label in SubjectType.choices
            if value in sectors.CHOICES or value == client.subject_type
        ])  # fmt: skip
        self._offer("response_types", [(name, name) for name in names])
        has_legacy = rules.may_use_legacy_response_types and len(names) > 1
        gone = [
            *([] if groups else ["allowed_groups", "owner_groups"]),
            *([] if len(functions) > 1 else ["allowed_function"]),
            *([] if rules.may_go_without_pkce else ["require_pkce"]),
            *([] if has_legacy else ["response_types"]),
            *(
                []
                if rules.has_people
                else [
                    *_PEOPLE,
                    *_OPENID,
                    "orphaned_accounts",
                    *sign_in_and_out.NAMES,
                    "logo_uri",
                    "policy_uri",
                    "tos_uri",
                ]
            ),
            *([] if client.allows_grant(GrantType.REFRESH_TOKEN) else _REFRESH),
        ]
        for name in dict.fromkeys(gone):
            self.fields.pop(name, None)
        self._say_defaults(client)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def _say_defaults(self, client: Client) -> None:
        rules = rules_of(client)
        lifetimes = {
            "access_token_lifetime": rules.access_token_lifetime(),
            "refresh_token_idle_lifetime": conf.REFRESH_TOKEN_IDLE_LIFETIME,
            "refresh_token_absolute_lifetime": rules.refresh_token_absolute_lifetime(),
            "refresh_token_leeway": conf.REFRESH_TOKEN_LEEWAY,
        }
        self.defaults = {name: f"{seconds} ({moments.span(seconds)})" for name, seconds in lifetimes.items()}
        for name, default in self.defaults.items():
            if name in self.fields:
                said = _("Empty: %(default)s.") % {"default": default}
                self.fields[name].help_text = f"{said} {self.fields[name].help_text}".strip()

    def values(self, client: Client) -> dict[str, Any]:
        of_it = owners.of(client)
        return {
            "name": client.name,
            **{name: getattr(client, name) for name in _COLUMNS},
            "allowed_groups": [str(group.pk) for group in client.allowed_groups.all()] if self._has_groups else [],
            "owner_users": [owner.get_username() for owner in of_it if not isinstance(owner, Group)],
            "owner_groups": [str(owner.pk) for owner in of_it if isinstance(owner, Group)],
        }

    @property
    def _has_groups(self) -> bool:
        return "allowed_groups" in self.fields

    def clean_owner_users(self) -> list[Any]:
        names = self.cleaned_data["owner_users"]
        people = get_user_model()
        rows = people._default_manager.filter(**{f"{people.USERNAME_FIELD}__in": names}) if names else ()
        found = {user.get_username(): user for user in rows}
        if missing := [name for name in names if name not in found]:
            raise ValidationError(_("Nobody here has this user name: %s.") % ", ".join(missing)[:500], code="unknown")
        return [found[name] for name in names]

    def arguments(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        wanted = dict(cleaned)
        if not wanted.get("subject_type"):
            wanted.pop("subject_type", None)
        if "allowed_groups" in wanted:
            wanted["allowed_groups"] = [self._groups[pk] for pk in wanted["allowed_groups"]]
        users, groups = wanted.pop("owner_users", None), wanted.pop("owner_groups", [])
        if users is not None:
            wanted["owners"] = [*users, *(self._groups[pk] for pk in groups)]
        return wanted


def page(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the settings, or save them."""
    client = client_page.client_of(model_admin, request, pk)
    form = SettingsForm(request.POST if request.method == "POST" else None, client=client)
    if request.method == "POST":
        done = client_form.saved(model_admin, request, form, client_page.SETTINGS)
        if done is not None:
            return done
    implied = modern.compare(client)
    deviating = sum(1 for one in implied if one.deviates)
    context = {
        "form": form,
        "implied": implied,
        "deviations": ngettext("%d deviation", "%d deviations", deviating) % deviating if deviating else "",
        "logo_form": client_logo.LogoForm(),
        "logo": logo_of(client),
        "logo_address": client_page.address(model_admin, client, "logo"),
        "has_people": rules_of(client).has_people,
        "can_move": client_move.is_offered(client),
        "move_address": client_page.address(model_admin, client, "move"),
    }
    return client_page.show(model_admin, request, client, client_page.SETTINGS, context)

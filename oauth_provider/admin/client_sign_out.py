"""Fields of a client's settings about signing in and out: where it is told, where people are sent, how they sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin import client_form
from oauth_provider.admin.client_form import Section
from oauth_provider.admin.fields import LinesField

SECTION = Section(
    "sign-out", _("Sign-out and sign-in"),
    (
        *("post_logout_redirect_uris", "backchannel_logout_uri", "backchannel_logout_session_required"),
        *("frontchannel_logout_uri", "frontchannel_logout_session_required"),
        *("initiate_login_uri", "default_acr_values"),
    ),
    _("Where people go after signing out, how the app is told of it, and how a sign-in begins."), is_sparse=True,
)  # fmt: skip


def _address(label: Any, sentence: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=2000, help_text=sentence,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
    )  # fmt: skip


class SignOutFields(client_form.ClientForm):
    """The fields; `client_settings` has them among its own."""

    post_logout_redirect_uris = LinesField(
        label=_("After signing out"),
        help_text=_("Where people may be sent, one per line, compared sign for sign."),
    )
    backchannel_logout_uri = _address(
        _("Told of a sign-out at"), _("An address of its server. We send a signed message there (back channel).")
    )
    backchannel_logout_session_required = forms.BooleanField(
        label=_("The message must name the session"), required=False
    )
    frontchannel_logout_uri = _address(
        _("Told of a sign-out in the browser at"),
        _("A page of it, opened in a hidden frame (front channel). It is where one of the redirect URIs is."),
    )
    frontchannel_logout_session_required = forms.BooleanField(
        label=_("The frame must name the session"), required=False
    )
    initiate_login_uri = _address(
        _("Starts a sign-in"), _("A page of the app that begins a sign-in here: people and you can open it from here.")
    )
    default_acr_values = LinesField(
        label=_("How people sign in"),
        help_text=_("Values of acr, one per line, the best first. Asked for where the app names none."),
    )

"""The logo of a client: shown, replaced, removed. A form of its own, because it sends a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider.admin import client_page
from oauth_provider.admin.actor import actor_of
from oauth_provider.clients import logo
from oauth_provider.endpoints.base import source_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin


class LogoForm(forms.Form):
    """A picture."""

    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=gettext_lazy("Square, PNG, JPEG or WebP, at most 100 kB. Kept and shown by this site."),
    )

    def __init__(self, data: object = None, files: object = None) -> None:
        super().__init__(data, files, label_suffix="", auto_id="id_logo_%s")  # type: ignore[arg-type]

    def clean_picture(self) -> bytes:
        picture = self.cleaned_data["picture"]
        # One byte more than allowed tells that it is too large; the rest is not read.
        content: bytes = picture.read(logo.MOST_BYTES + 1)
        logo.check(content)
        return content


def replace(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the picture that was sent, or remove the one there is."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    client = client_page.client_of(model_admin, request, pk, needs="change_client")
    actor, source = actor_of(request), source_of(request)
    if "remove" in request.POST:
        logo.remove(client, actor=actor, source=source)
        said = _("The logo is removed.")
    else:
        form = LogoForm(request.POST, request.FILES)
        if not form.is_valid():
            model_admin.message_user(request, " ".join(map(str, form.errors["picture"])), messages.ERROR)
            return HttpResponseRedirect(client_page.address(model_admin, client))
        logo.replace(client, form.cleaned_data["picture"], actor=actor, source=source)
        said = _("The logo is replaced.")
    model_admin.log_change(request, client, [{"changed": {"fields": ["logo"]}}])
    model_admin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(client_page.address(model_admin, client))

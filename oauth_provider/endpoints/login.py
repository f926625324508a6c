"""Our own sign-in page, for sites whose LOGIN_URL leads nowhere, and the page after signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect

from oauth_provider.conf import conf
from oauth_provider.endpoints import sign_out, ui_locales
from oauth_provider.endpoints.base import source_of
from oauth_provider.endpoints.forms import form_page
from oauth_provider.endpoints.pages import page, protect
from oauth_provider.endpoints.viewer import LOGIN_HINT, LONGEST_HINT, SeeOther, login_page, login_url

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


# In the address of the page between a sign-in and the request that waited for it.
_GOES_ON = "signed_in"


class Login(LoginView):
    """Django's sign-in with our page and our headers; `next` never leaves the host (AS3)."""

    template_name = "oauth_provider/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The names the template reads."""
        return {**super().get_context_data(**kwargs), "site_name": urlsplit(conf.ISSUER).netloc}

    def get_initial(self) -> dict[str, Any]:
        """OpenID Connect Core §3.1.2.1: the app may know who is about to sign in."""
        return {**super().get_initial(), "username": self.request.GET.get(LOGIN_HINT, "")[:LONGEST_HINT]}

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in and go on by 303: the password is not sent again (RFC 9700 §4.12; AS19).

        An authorization request may be answered at once, by a redirect to the app. Chrome holds every hop after a
        form against `form-action`, so that one is left to a page which is opened, not sent.
        """
        if self.request.user.is_authenticated and self.request.user.pk != form.get_user().pk:
            # Django's login() would throw the other person's session away without a word, and no app would hear of it.
            logout(self.request)
        target = super().form_valid(form).headers["Location"]
        if urlsplit(target).path.rstrip("/") == reverse("oauth_provider:authorize").rstrip("/"):
            return SeeOther(f"{reverse('oauth_provider:login')}?{urlencode({'next': target, _GOES_ON: 'yes'})}")
        return SeeOther(target)

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        """`next`, where it is a whole path or address; of another form no page of the site would make one."""
        url = str(super().get_redirect_url(*args, **kwargs))
        return url if url.startswith("/") or urlsplit(url).netloc else ""

    def get_default_redirect_url(self) -> str:
        """Without a `next` there is nowhere to go on to but the page that says who is signed in."""
        return reverse("oauth_provider:signed-out") if not self.next_page else super().get_default_redirect_url()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Every answer carries the page headers. Where the site has a login page, this one is closed.

        Otherwise a site's second factor could be passed by: ours asks for a password only.
        """
        if login_page().partition("?")[0].rstrip("/") != reverse("oauth_provider:login"):
            return SeeOther(login_url(self.get_redirect_url() or "/"))
        ui_locales.speak(ui_locales.of_address(self.get_redirect_url()))
        if request.method == "GET" and _GOES_ON in request.GET and request.user.is_authenticated:
            return page(request, "going_on.html", {"location": self.get_success_url()})
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            # Now, while the language is the one that was asked for.
            response.render()
        return protect(response)  # type: ignore[arg-type]  # a TemplateResponse or a redirect, both HttpResponse


login = form_page(ui_locales.for_this_request(Login.as_view()))


@form_page
@csrf_protect
def signed_out(request: HttpRequest) -> HttpResponse:
    """POST signs out; GET says that nobody, or who, is signed in here."""
    if request.method == "POST":
        return sign_out.sign_out(request, source=source_of(request))
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.user.is_authenticated:
        return page(request, "signed_in.html", {"user_label": request.user.get_username()})
    return sign_out.nobody(request)

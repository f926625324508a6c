"""`{% load oauth_provider %}`: the way to a person's apps for the site's account menu, and times as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from oauth_provider import spans

if TYPE_CHECKING:
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def connected_apps_link(context: Context, words: str = "", css_class: str = "") -> SafeString | str:
    """A link to the signed-in person's apps; nothing for others, or where our URLs are not mounted.

    `words` replaces "Connected apps"; `css_class` is the link's class.
    """
    user = context.get("user") or getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return ""
    try:
        url = reverse("oauth_provider:connected-apps")
    except NoReverseMatch:
        return ""
    looks = format_html(' class="{}"', css_class) if css_class else ""
    return format_html('<a href="{}"{}>{}</a>', url, looks, words or _("Connected apps"))


@register.filter(expects_localtime=True)
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, in one unit, with the exact time where a reader or a program looks for it; nothing for None."""
    if moment is None:
        return ""
    words = _("just now") if timezone.now() - moment < timedelta(minutes=1) else spans.ago(moment)
    exact = date_format(moment, "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(timespec="seconds"), exact, words)

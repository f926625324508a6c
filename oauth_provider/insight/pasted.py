"""Reading what a person pasted: the one credential in it, whatever stands around."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider import credentials
from oauth_provider.conf import conf
from oauth_provider.insight.found import NotFound

# Characters of what is pasted: some log lines, not a log.
MOST_CHARACTERS = 65_536
# Of a value without our prefix: longer than any of django-oauth-toolkit's.
_MOST_OF_OTHERS = 1024
_HEADER = re.compile(r"\A(authorization\s*:\s*)?bearer\s+", re.IGNORECASE)
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_AROUND = " \t\r\n\"'`,;<>"


def read(text: str) -> str | NotFound:
    """The pasted credential without quotes, header, line breaks and the log line around it."""
    if len(text) > MOST_CHARACTERS:
        return NotFound(_("This is too long. Paste the one line the credential stands in."))
    bare = _HEADER.sub("", text.strip(_AROUND)).strip(_AROUND)
    if not bare:
        return NotFound(_("Nothing was pasted."))
    shape = credentials.pasted(conf.TOKEN_BRAND)
    # A terminal breaks long lines: what is one credential once the breaks are gone was meant.
    joined = _LINE_BREAK.sub("", bare)
    if shape.fullmatch(joined):
        return joined
    found = {match[0]: None for match in shape.finditer(bare)}
    if len(found) == 1:
        return next(iter(found))
    if found:
        return NotFound(
            ngettext(
                "This holds %(number)d credential. Paste it alone.",
                "This holds %(number)d different credentials. Paste one at a time.",
                len(found),
            )
            % {"number": len(found)}
        )
    if any(sign.isspace() for sign in bare) or len(bare) > _MOST_OF_OTHERS:
        return NotFound(_("Nothing in this text looks like a credential of this site."))
    return bare

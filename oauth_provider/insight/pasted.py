"""Reading what a person pasted: the one credential in it, whatever stands around."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from oauth_provider import credentials
from oauth_provider.conf import conf
from oauth_provider.insight.found import NotFound

# Characters of what is pasted: some log lines, not a log.
MOST_CHARACTERS = 65_536
# Of a value without our prefix: longer than any of django-oauth-toolkit's.
_MOST_OF_OTHERS = 1024
_HEADER = re.compile(r"\A(authorization\s*:\s*)?bearer\s+", re.IGNORECASE)
_AROUND = " \t\r\n\"'`,;<>"


def read(text: str) -> str | NotFound:
    """The pasted credential without quotes, header, line breaks and the log line around it."""
    if len(text) > MOST_CHARACTERS:
        return NotFound(_("This is too long. Paste the one line the credential stands in."))
    bare = _HEADER.sub("", text.strip(_AROUND)).strip(_AROUND)
    if not bare:
        return NotFound(_("Nothing was pasted."))
    shape = credentials.pasted(conf.TOKEN_BRAND)
    # A terminal breaks long lines: what is whole once the breaks are gone was meant.
    joined = "".join(bare.split())
    if credentials.is_ours(joined) and credentials.has_check_signs(joined):
        return joined
    found = {match[0]: None for match in shape.finditer(bare)}
    if len(found) == 1:
        value = next(iter(found))
        return joined if joined != value and joined.startswith("eyJ") and shape.fullmatch(joined) else value
    if found:
        return NotFound(_("This holds %(number)d different credentials. Paste one at a time.") % {"number": len(found)})
    if joined != bare or len(bare) > _MOST_OF_OTHERS:
        return NotFound(_("Nothing in this text looks like a credential of this site."))
    return bare

"""Inputs that no honest client sends, mixed with enough right ones to get past the first check."""

from __future__ import annotations

import json
import string
from collections.abc import Iterable
from urllib.parse import quote

from hypothesis import strategies as st

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nonsense",
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "x" * 300,
    "text/plain; charset=utf-7",
    "",
    ";;;",
)
NASTY = (
    "",
    "\x00",
    "a\x00b",
    "\r\nSet-Cookie: x=1",
    "\x7f",
    "\u0131",
    "\uff10\uff14",
    "\u202etxt.exe",
    "\ufffe",
    "😀" * 50,
    "%00",
    "%zz",
    "'; DROP TABLE oauth_provider_client; --",
    "{{7*7}}<script>alert(1)</script>",
    "../../etc/passwd",
    "-1",
    "9e99",
    "9" * 400,
    "NaN",
    "null",
    "[]",
    "{" * 500,
    "a" * 300,
    "a" * 5000,
    "op_at_" + "0" * 49,
    "op_rt_" + "A" * 49,
    "eyJhbGciOiJub25lIn0.e30.",
    "eyJ.a.b",
    "a.b.c",
    "none login",
    "https://evil.example/",
    "//evil.example",
    "javascript:alert(1)",
)

text = st.one_of(
    st.sampled_from(NASTY),
    st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40),
    st.text(alphabet=string.printable, max_size=80),
)


def form(names: Iterable[str], right: dict[str, list[str]]) -> st.SearchStrategy[bytes]:
    """A form or query: known names with right or wrong values, doubled, unknown, badly escaped, or plain bytes."""
    known = sorted({*names, *right})

    def value_of(name: str) -> st.SearchStrategy[tuple[str, str]]:
        values = right.get(name)
        return st.tuples(st.just(name), st.one_of(st.sampled_from(values), text) if values else text)

    # A right request with some of its values changed gets further than chance would.
    base = {name: values[0] for name, values in right.items()}
    changed = st.lists(st.sampled_from(known).flatmap(value_of), max_size=4).map(
        lambda pairs: list({**base, **dict(pairs)}.items())
    )
    anything = st.lists(st.one_of(st.sampled_from(known).flatmap(value_of), st.tuples(text, text)), max_size=12)
    pairs = st.one_of(changed, changed, anything)
    encoded = st.tuples(
        pairs, st.sampled_from(["", "&", "&x", "=&=", "&%zz=1", "&a=%ff%fe", "&state=%", ";", "\xe9"])
    ).map(
        lambda made: ("&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in made[0]) + made[1]).encode(
            "latin-1"
        )
    )
    return st.one_of(
        encoded, encoded, encoded, st.binary(max_size=200), st.sampled_from([b"a=" + b"x" * 70_000, b"a&" * 900])
    )


def document(names: Iterable[str], right: dict[str, object]) -> st.SearchStrategy[bytes]:
    """JSON: a right document with some members changed, doubled or nested, another encoding, or plain bytes."""
    known = sorted({*names, *right})
    scalars = st.one_of(text, st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from([2**63, -(2**80)]))
    value = st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=3)),
        max_leaves=8,
    )

    def member_of(name: str) -> st.SearchStrategy[tuple[str, object]]:
        return st.tuples(st.just(name), st.one_of(value, st.just(right.get(name)), st.lists(text, max_size=3)))

    changed = st.lists(st.sampled_from(known).flatmap(member_of), max_size=4).map(
        lambda pairs: {**right, **dict(pairs)}
    )
    anything = st.dictionaries(st.one_of(st.sampled_from(known), text), value, max_size=6)
    written = st.tuples(st.one_of(changed, changed, anything), st.booleans(), st.sampled_from(["utf-8", "utf-16"])).map(
        lambda made: json.dumps(made[0], ensure_ascii=made[1]).encode(made[2])
    )
    ends = st.tuples(written, st.sampled_from([b"", b"", b"", b"}", b"\x00", b' {"a": 1}', b"\xff"])).map(b"".join)
    odd = [
        b"",
        b"{",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'"' + b"x" * 70_000,
        b'{"client_name": "\\ud800"}',
        b"9" * 9000,
    ]
    return st.one_of(ends, ends, ends, value.map(lambda made: json.dumps(made).encode()), st.sampled_from(odd),
                     st.binary(max_size=200))  # fmt: skip


def headers(authorization: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Headers as WSGI hands them over: latin-1 text."""
    latin = st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
    value = st.one_of(latin, st.sampled_from(["", "null", "x" * 5000, "\x00", "*/*", "text/html", "a" * 300]))
    return st.fixed_dictionaries(
        {},
        optional={
            "HTTP_AUTHORIZATION": st.one_of(
                st.sampled_from(
                    [*authorization, "Basic", "Basic !!", "Basic Og==", "Bearer", "Bearer a b", "Digest x"]
                ),
                value.map(lambda text: f"Basic {text}"),
                value.map(lambda text: f"Bearer {text}"),
                value,
            ),
            "HTTP_ORIGIN": st.one_of(value, st.sampled_from(["https://c.example", "https://spa.example", "null"])),
            "HTTP_USER_AGENT": value,
            "HTTP_ACCEPT": value,
            "HTTP_ACCEPT_LANGUAGE": value,
            "HTTP_REFERER": value,
            "HTTP_X_FORWARDED_FOR": value,
            "HTTP_X_FORWARDED_HOST": value,
            "HTTP_IDEMPOTENCY_KEY": st.one_of(value, st.sampled_from(["k" * 36, "k" * 300])),
            "HTTP_HOST": st.sampled_from(["testserver", "evil.example", "a b", "testserver:99999", "[::1"]),
            "CONTENT_LENGTH": st.sampled_from(["", "abc", "-1", "0", "99999999", "٣"]),
            "HTTP_ACCESS_CONTROL_REQUEST_METHOD": st.sampled_from(["POST", "GET", "\x00"]),
        },
    )

"""What a person reads on a page: its texts, and what is read out to them, without what comes from data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# Names, addresses and codes are the same in every language.
# What is English in every language says so: `lang="en"`.
_DATA = {"bdi", "code", "pre", "script", "style", "textarea"}
_VOID = {"input", "meta", "link", "br", "img", "hr", "path", "rect", "circle", "use", "line", "source"}
_READ_OUT = ("title", "aria-label", "alt", "placeholder", "data-copied", "summary")
_SPACE = re.compile(r"\s+")


@dataclass
class _Reader(HTMLParser):
    texts: list[str] = field(default_factory=list)
    open_tags: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        is_button = tag == "input" and named.get("type") in {"submit", "button"}
        spoken = [named.get(name) for name in (*_READ_OUT, *(("value",) if is_button else ()))]
        if tag not in {"time", "code", "option"}:
            self.texts.extend(text for text in spoken if text)
        if tag not in _VOID:
            self.open_tags.append((tag, tag in _DATA or named.get("lang") == "en"))

    def handle_endtag(self, tag: str) -> None:
        while self.open_tags:
            if self.open_tags.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        text = _SPACE.sub(" ", data).strip()
        if text and not any(is_data for _tag, is_data in self.open_tags):
            self.texts.append(text)


def read(page: str) -> list[str]:
    """The texts of a page, in their order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.texts

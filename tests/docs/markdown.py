"""Reading the project's Markdown: fenced blocks, links, headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block and where it stands."""

    page: Path
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """The lines of a console block behind the prompt, without the remark at their end."""
        lines = [line.removeprefix("$ ") for line in self.code.splitlines() if line.startswith("$ ")]
        return [re.sub(r"\s{2,}#.*$", "", line) for line in lines]


def blocks(page: Path, *, text: str | None = None) -> list[Block]:
    """Every fenced block of the page, or of a part of it."""
    source = page.read_text(encoding="utf-8") if text is None else text
    return [
        Block(page, source.count("\n", 0, found.start()) + 1, found["language"], found["code"])
        for found in _FENCE.finditer(source)
    ]


def section(page: Path, title: str) -> str:
    """The text under a second-level heading."""
    text = page.read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def links(page: Path) -> list[str]:
    """Targets of the page's links, code left out."""
    prose = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text(encoding="utf-8")))
    return [found["target"] for found in _LINK.finditer(prose)]


def anchors(page: Path) -> set[str]:
    """Anchors of the page's headings, made as the usual renderers make them."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = [re.sub(r"[`*]", "", found["title"]).strip().lower() for found in _HEADING.finditer(prose)]
    named = set(re.findall(r'<a (?:id|name)="([^"]+)"', prose))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles} | named

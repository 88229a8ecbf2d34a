"""The fenced blocks and the commands of the documentation."""

from __future__ import annotations

import functools
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`((?:convai|make|rasa|python|pip) [^`]+)`")


@dataclass(frozen=True)
class Snippet:
    """A block of code on a page."""

    page: str
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def snippets(*languages: str) -> list[Snippet]:
    """Return all blocks in one of the languages, in the order of the pages."""
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for block in _FENCE.finditer(text):
            if block[1] in languages:
                line = text.count("\n", 0, block.start()) + 1
                found.append(Snippet(path.relative_to(ROOT).as_posix(), line, block[1], block[2]))
    return found


def languages() -> set[str]:
    """Return the languages of all blocks; the empty name is for drawings and output."""
    return {block[1] for path in PAGES for block in _FENCE.finditer(path.read_text(encoding="utf-8"))}


@functools.cache
def commands() -> list[tuple[str, list[str]]]:
    """Return every command line with the place it stands at, as words."""
    found = [
        (str(snippet), line) for snippet in snippets("bash") for line in snippet.code.replace("\\\n", " ").splitlines()
    ]
    for path in PAGES:
        text = re.sub(_FENCE, "", path.read_text(encoding="utf-8"))
        found += [(path.relative_to(ROOT).as_posix(), " ".join(match[1].split())) for match in _INLINE.finditer(text)]
    return [
        (place, words)
        for place, line in found
        for part in re.split(r"\s(?:&&|&)(?:\s|$)", line)
        if (words := shlex.split(part, comments=True))
    ]

"""Tables of words in a yml file beside the code that reads with them: a restaurant edits words, not code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from phrases import read_tables


class Tables:
    """The tables of one file: each a list of words, or groups of words by their names.

    A plural, a hyphen or a gap is understood by itself: "tree nut" is also "tree-nuts" and "treenuts".
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.words = cache(self._words)
        self.pattern = cache(self._pattern)
        self.groups = cache(self._groups)

    def __getitem__(self, name: str) -> Any:
        """Return a table as it is written."""
        return self._tables[name]

    def alternatives(self, name: str) -> str:
        """Return a pattern that matches every word of a table, in whatever group it is; the longest first."""
        return any_of(self.words(name))

    def group_in(self, name: str, text: str) -> str | None:
        """Return the first group of a table of which a word is in a text in lower case."""
        return next((group for group, pattern in self.groups(name).items() if pattern.search(text)), None)

    @cached_property
    def _tables(self) -> dict[str, Any]:
        return read_tables(self._path)

    def _words(self, name: str) -> frozenset[str]:
        """Return the words of a table, of all its groups."""
        groups = self[name].values() if isinstance(self[name], dict) else [self[name]]
        return frozenset(word for group in groups for word in group)

    def _pattern(self, name: str) -> re.Pattern[str]:
        """Return what finds a whole word of a table."""
        return re.compile(rf"\b(?:{self.alternatives(name)})\b")

    def _groups(self, name: str) -> dict[str, re.Pattern[str]]:
        """Return what finds the words of each group of a table."""
        return {group: re.compile(rf"\b(?:{any_of(words)})\b") for group, words in self[name].items()}


def any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches each of the words, its plural and its spellings; the longest first."""
    return "|".join(_forms(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _forms(word: str) -> str:
    stem, ending = (word[:-1], "(?:y|ies)") if re.search(r"[^aeiou]y$", word) else (word, "(?:e?s)?")
    return "[- ]?".join(re.escape(part) for part in stem.split()) + ending

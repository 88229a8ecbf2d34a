"""What may be a name, and how one is announced; the words that tell are in names.yml."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from phrases import Phrases, read_tables

from convai_rasa.nlu.values import find_name

from .headcount import RELATIVE

_TABLES = read_tables(Path(__file__).with_name("names.yml"))
_NO_NAME, _FINITE, _REFERS, NO_ANSWER = (
    frozenset(_TABLES[table].split()) for table in ("not_names", "verbs", "refers", "no_answer")
)
_ALIKE = 0.6  # of difflib: "Johnston" corrects "Johnson"
SAID = Phrases(__file__, relative=RELATIVE)
WRITTEN = SAID.written
CORRECTING = SAID.correcting
SOMEBODYS = SAID.somebodys
PUT_DOWN = SAID.put_down


def plausible(text: str, *, asked: bool, people: Sequence[str] = (), cut: bool = False) -> str | None:
    """Return the name that a text gives, unless it is made of words that no name has."""
    found = find_name(f"it's {text}" if cut else text, asked=asked, people=people)
    if found is None or re.search(r"\d", str(found.value)):
        return None
    kept: list[str] = []
    for word in str(found.value).split():
        if word.lower() in _FINITE and text.lower().split()[: len(kept) + 1] == [*map(str.lower, kept), word.lower()]:
            return None  # "Dave might come" is a sentence
        if word.lower() in _REFERS and kept:
            return None
        if (
            word.lower() in _NO_NAME
            or SAID.adverb.fullmatch(word)
            or re.search(r"'(?:ll|d|ve|m|re)$|n't$", word)
            or word.lower() in _FINITE
            or re.search(rf"\b(?:am|is|are|be|'m|'s|'re) {word}\b(?<=ing)", text, re.I)
        ):
            break  # "I'm working" is no name, though Fleming is one
        kept.append(word)
    first = next(iter(kept), "")
    if not kept or re.fullmatch(rf"(?:{RELATIVE})(?:'s)?", first, re.I):
        return None
    return " ".join(kept)


def alike(one: str, other: str) -> bool:
    """Say whether a name may correct another, because it is written nearly the same."""
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= _ALIKE

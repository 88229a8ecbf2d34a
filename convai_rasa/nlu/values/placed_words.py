"""A text as words that remember their place: lower case, without accents, digits and signs apart from letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

# Letters, a run of digits, or one sign.
_WORD = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
_SIGNS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "‑": "-"})
_PAUSES = frozenset(',;!?…()[]{}"“”„«»¿¡:')


@dataclass(frozen=True)
class Word:
    """One word of a text.

    Attributes:
        text: lower case, without accents; "," for whatever separates parts of a sentence.
        start, end: its place in the text.
        glued: no space before it.
    """

    text: str
    start: int
    end: int
    glued: bool


def split(text: str) -> list[Word]:
    """Return the words of a text; hyphens inside words and full stops of abbreviations are left out."""
    found = [
        Word(fold(match[0]), match.start(), match.end(), match.start() > 0 and not text[match.start() - 1].isspace())
        for match in _WORD.finditer(text)
    ]
    return [
        replace(word, text=",") if word.text in _PAUSES or _ends_sentence(word, found, place) else word
        for place, word in enumerate(found)
        if not _is_silent(word, found, place)
    ]


def covered(words: Sequence[Word], start: int, end: int) -> tuple[int, int] | None:
    """Return which words are the text from one place to another, the end not included; None where it cuts one."""
    first = next((place for place, word in enumerate(words) if word.start == start), None)
    last = next((place for place, word in enumerate(words) if word.end == end), None)
    return None if first is None or last is None else (first, last + 1)


@lru_cache(4096)
def fold(word: str) -> str:
    """Return a word as it is compared: "Mañana" and "manana" are one."""
    signs = unicodedata.normalize("NFKD", word.translate(_SIGNS)) if len(word) > 1 or word.isalpha() else word
    signs = signs.translate(_SIGNS)
    return "".join(sign for sign in signs if not unicodedata.combining(sign)).casefold()


def _is_silent(word: Word, words: list[Word], place: int) -> bool:
    before = words[place - 1].text if place else ""
    if word.text == "-":  # twenty-third
        after = words[place + 1 : place + 2]
        return word.glued and before.isalpha() and any(other.text.isalpha() and other.glued for other in after)
    return word.text == "." and word.glued and before.isalpha() and len(before) <= 4  # p.m., Dec. 3


def _ends_sentence(word: Word, words: list[Word], place: int) -> bool:
    after_number = place > 0 and words[place - 1].text.isdecimal()
    return word.text == "." and (not after_number or place + 1 == len(words))

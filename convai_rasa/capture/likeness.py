"""How much a word sounds like another one, by their letters: "Foxtrat" is Foxtrot, "Health" is Golf, "Anti" is Yankee.

A recognizer that does not expect a word writes another one that sounds like it, so what counts is which sounds are
taken for each other. A weighted edit distance over letters that stand for sounds in most languages of Europe.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

_SOUNDS = (
    *(("tsch", "C"), ("sch", "S"), ("ph", "f"), ("th", "T"), ("sh", "S"), ("ch", "C"), ("ck", "k"), ("qu", "kw")),
    *(("x", "ks"), ("ee", "i"), ("ea", "i"), ("ey", "i"), ("ie", "i"), ("oo", "u"), ("ou", "u"), ("q", "k")),
)
_VOWELS = frozenset("aeiou")
_GROUPS = ("pb", "tdT", "kgC", "fvT", "szS", "mn", "lr", "wv")  # taken for each other often ...
_MANNERS = ("ptkbdgC", "fvszSTh", "mnlrw", "ghkr")  # ... and now and then: golf becomes Ralph
_OFTEN, _SOMETIMES, _VOWEL = 0.3, 0.5, 0.3
_LOST, _LOST_VOWEL, _LOST_WEAK = 0.7, 0.5, 0.35  # a sound that one of the words does not have


def nearest(word: str, known: Iterable[str], *, most: float) -> tuple[str, float] | None:
    """Return the known word that sounds most like one, and how far it is: at ``most``, from 0 (the same) to 1.

    All words are in lower case, without accents.
    """
    found = min(((distance(word, one), one) for one in known), default=None)
    return (found[1], found[0]) if found is not None and found[0] <= most else None


def distance(one: str, other: str) -> float:
    """Return how different two words sound, from 0 to 1."""
    left, right = _sounds(one), _sounds(other)
    row = [0.0]
    for sound in right:
        row.append(row[-1] + _lost(sound))
    for first in left:
        above, row = row, [row[0] + _lost(first)]
        for place, second in enumerate(right):
            row.append(
                min(above[place] + _exchanged(first, second), above[place + 1] + _lost(first), row[-1] + _lost(second))
            )
    return min(1.0, row[-1] / max(len(left), len(right), 1))


@functools.lru_cache(4096)
def _sounds(word: str) -> str:
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    word = re.sub(r"c(?=[eiy])", "s", word).replace("c", "k")
    word = re.sub(r"(?<=.)y", "i", word)
    word = re.sub(r"(.)\1+", r"\1", word)
    return re.sub(r"(?<=[^aeiou])e$", "", word) if len(word) > 3 else word


def _lost(sound: str) -> float:
    return _LOST_VOWEL if sound in _VOWELS else _LOST_WEAK if sound in "hyw" else _LOST


def _exchanged(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _VOWELS and other in _VOWELS:
        return _VOWEL
    if any(one in group and other in group for group in _GROUPS):
        return _OFTEN
    return _SOMETIMES if any(one in group and other in group for group in _MANNERS) else 1.0

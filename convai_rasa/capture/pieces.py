"""What was said, piece by piece: a letter, a digit, a sign, or a word that is none of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# Letters that sound alike, in English and mostly elsewhere.
ALIKE = ("bdegptvcz3", "fsx", "mn5", "ajkh8", "iy5", "qu2", "lo", "o0")


class Sort(Enum):
    """What a piece is."""

    LETTER = "letter"
    ALPHABET = "alphabet"  # a word for a letter, and perhaps only a word
    SOUND = "sound"  # the same for "bee"
    DIGIT = "digit"
    DOUBTFUL = "doubtful"  # a number word that may mean something else
    SIGN = "sign"
    WORD = "word"
    AGAIN = "again"  # "that's": what follows says the same once more
    NOTHING = "nothing"


@dataclass(frozen=True)
class Piece:
    """A piece.

    Attributes:
        sort: what it is.
        text: the characters it stands for, letters in lower case unless a capital was asked for.
        said: the word as written, which it is if it turns out to be no letter.
        other: for a doubtful number word, the letter of the same sound.
    """

    sort: Sort
    text: str
    said: str
    other: str = ""


def alike(one: str, other: str) -> bool:
    """Whether two characters are taken for each other."""
    return one == other or any(one in group and other in group for group in ALIKE)


def fold_one(letter: str) -> str:
    """Return the basic letter of one with an accent."""
    return {"ä": "a", "ö": "o", "ü": "u", "ß": "s", "ñ": "n"}.get(letter, letter)

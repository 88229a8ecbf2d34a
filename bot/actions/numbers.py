"""Numbers as people say them and as a speech recogniser writes them."""

from __future__ import annotations

import re

_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_ORDINALS = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth",
]  # fmt: skip
_CARDINAL = {word: value for value, word in enumerate(_UNITS)} | _TENS
_ORDINAL = {word: value for value, word in enumerate(_ORDINALS)} | {"twentieth": 20, "thirtieth": 30}
_TENS_AND_UNIT = re.compile(
    rf"\b({'|'.join(_TENS)})[ -]({'|'.join(_UNITS[1:10] + _ORDINALS[1:10])})\b",
)
_WORD = re.compile(rf"\b({'|'.join([*_CARDINAL, *_ORDINAL])})\b")


def to_digits(text: str) -> str:
    """Write number words as digits: "the twenty third at seven thirty" becomes "the 23rd at 7 30".

    Args:
        text: lower-case words.

    Returns:
        The same words; cardinals below 60 are digits, ordinals below 60 digits with "th" (or st, nd, rd).
    """
    # "second" and "third" are only numbers here when they end a date; "just a second" is not
    text = re.sub(r"\b(just a|one|a) second\b", " ", text)
    text = _TENS_AND_UNIT.sub(lambda match: _joined(match[1], match[2]), text)
    return _WORD.sub(lambda match: _number(match[1]), text)


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th, …"""
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _joined(tens: str, unit: str) -> str:
    if unit in _ORDINAL:
        return ordinal(_TENS[tens] + _ORDINAL[unit])
    return str(_TENS[tens] + _CARDINAL[unit])


def _number(word: str) -> str:
    return str(_CARDINAL[word]) if word in _CARDINAL else ordinal(_ORDINAL[word])

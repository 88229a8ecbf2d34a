"""Written English in words, each kind of thing in a module of its own.

Rules run in order, from the most particular to plain numbers: what one of them has put into words, no later one sees.
"""

from __future__ import annotations

import functools
import re
from typing import Tuple

from convai_rasa.tts.text.english import abbreviations, codes, dates, measures, money, numerals, regnal, times
from convai_rasa.tts.text.english.measures import feet_and_inches
from convai_rasa.tts.text.english.numbers import English, digits
from convai_rasa.tts.text.english.web_addresses import ADDRESSES, TELEPHONES
from convai_rasa.tts.text.markup import Rule, apply, rule

__all__ = ["English", "feet_and_inches", "in_english"]


def in_english(text: str, *, british: bool = False) -> str:
    """Return a text, without its marks for the eye, in English words.

    Args:
        text: after ``feet_and_inches`` and ``without_marks``.
        british: how numbers, dates and times are read.
    """
    return apply(numerals.SIGNS, codes.acronyms(apply(_rules(british), text)))


@functools.lru_cache(maxsize=2)
def _rules(british: bool) -> Tuple[Rule, ...]:
    say = English(british)
    return (
        rule(r"\d{31,}", lambda m: digits(m[0])),  # no number; and no later rule is slow over it
        *ADDRESSES,
        rule(r"^[ \t]*\(?(?P<letter>[a-h])\)[ \t]+(?=\S)", lambda m: f"{m['letter'].upper()}, ", re.MULTILINE),
        *abbreviations.BEFORE_NUMBERS,
        *regnal.rules(say),
        *codes.told_apart(say),
        *dates.rules(say),
        *times.rules(say),
        *measures.ovens(say),
        *codes.rules(say),
        *money.rules(say),
        *TELEPHONES,
        *measures.rules(say),
        *abbreviations.rules(say),
        *numerals.rules(say),
    )

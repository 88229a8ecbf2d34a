"""Numbers in words and in digits: "two hundred and fifty", "1.299,50", "twenty third", "neunundneunzig".

A language gives its words in ``NumberWords``; how they add up is the same everywhere. The values are exact fractions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from convai_rasa.nlu.values.chart import Node
from convai_rasa.nlu.values.placed_words import Word, covered

_DIGITS = 15  # what has more is a number of a card or an account, and no float holds it exactly
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:([., \u00a0\u202f'’])\d{3})(?:\1\d{3})*(?:[.,]\d+)?(?!\d|[.,]\d)")
_DECIMAL = re.compile(r"(?<![\d.,:/])\d+[.,]\d+(?!\d|[.,:/]\d)")
_FRACTION = re.compile(r"(?<![\d.,/])(?:(\d{1,4})[ -])?(\d{1,3})/(\d{1,3})(?![\d/]|[.,]\d)")


@dataclass(frozen=True)
class NumberWords:
    """The number words of a language, folded as ``words.fold`` does.

    Attributes:
        small: 0 to 99, and what adds to a thousand as a whole ("doscientos").
        joins: between which words stand inside a number ("and"); these are tens to units in "vingt et un".
        hundred, scales: words that multiply what stands before.
        ordinals: last words of ordinals.
        one: words that are 1 before a hundred or a scale ("a hundred").
        point: words between a number and its decimals.
        zeros: words for 0 among decimals.
        decimal: the sign before decimals.
        twenties: words that make 80 of a 4 ("quatre vingt").
        after_ten: what adds to ten, in French 7 to 9.
        compound: reads numbers that are one word ("zweihundertzehn").
    """

    small: Mapping[str, int]
    hundred: Mapping[str, int]
    scales: Mapping[str, int]
    ordinals: Mapping[str, int]
    one: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    point: frozenset[str] = frozenset()
    zeros: frozenset[str] = frozenset()
    decimal: str = "."
    twenties: frozenset[str] = frozenset()
    after_ten: frozenset[int] = frozenset()
    compound: Callable[[str], int | None] = lambda _word: None


_COMPOUND = r"(?:(?P<thousands>\w*?){})?(?:(?P<hundreds>\w*?){})?(?:{})?(?P<rest>\w*)"


def in_one_word(numbers: NumberWords, joint: str, endings: Sequence[str]) -> NumberWords:
    """Return number words of a language that writes a number as one: "neunundneunzig", "zweihundertzehn".

    Args:
        numbers: words for units, tens, hundreds and thousands, the usual one of each number first, and for ordinals
            below ten without their endings.
        joint: between units and tens.
        endings: of ordinals.
    """
    usual: dict[int, str] = {}
    for word, number in numbers.small.items():
        usual.setdefault(number, word)
    tens = {n: word for n, word in usual.items() if n >= 20}
    joined = {usual[unit] + joint + word: n + unit for n, word in tens.items() for unit in range(1, 10)}
    small = {**numbers.small, **joined}
    stems = {**numbers.ordinals, **{word + ("t" if n < 20 else "st"): n for word, n in small.items() if n >= 10}}
    thousand = next(word for word, n in numbers.scales.items() if n == 1000)
    (hundred,) = numbers.hundred
    values = {"": 0, **small}
    pattern = re.compile(_COMPOUND.format(thousand, hundred, joint))

    def compound(word: str) -> int | None:
        """Read "zweitausendfünfhundertzehn"."""
        match = pattern.fullmatch(word)
        if not match or not (thousand in word or hundred in word):
            return None
        many, more = ("" if part is None else part or usual[1] for part in (match["thousands"], match["hundreds"]))
        thousands = compound(many) or values.get(many)
        hundreds, rest = values.get(more), values.get(match["rest"])
        if thousands is None or hundreds is None or hundreds > 99 or rest is None:
            return None
        return 1000 * thousands + 100 * hundreds + rest

    ordinals = {stem + ending: n for stem, n in stems.items() for ending in endings}
    return replace(numbers, small=small, ordinals=ordinals, compound=compound)


def numbers_in(text: str, words: Sequence[Word], language: NumberWords) -> list[Node]:
    """Return every number of a text: categories ``n`` (whole), ``num`` (with a fraction) and ``ord``."""
    nodes = [*_literals(text, words, language)]
    for start, word in enumerate(words):
        if word.text.isdecimal():
            if len(word.text) <= _DIGITS:
                nodes.append(Node("n", start, start + 1, int(word.text)))
        else:
            nodes += _spoken(words, start, language)
            compound = language.compound(word.text)
            if compound is not None:
                nodes.append(Node("n", start, start + 1, compound))
            if len(word.text) == 1 and unicodedata.category(text[word.start]) == "No":
                value = Fraction(unicodedata.numeric(text[word.start])).limit_denominator(100)
                nodes.append(Node("frac", start, start + 1, value))
    return nodes


def _literals(text: str, words: Sequence[Word], language: NumberWords) -> Iterator[Node]:
    for pattern in (_GROUPED, _DECIMAL):
        for match in pattern.finditer(text):
            value = _literal(match[0], language.decimal)
            place = covered(words, *match.span())
            if value is not None and place:
                yield Node("num", *place, value)
    for match in _FRACTION.finditer(text):
        whole, above, below = int(match[1] or 0), int(match[2]), int(match[3])
        place = covered(words, *match.span())
        if 0 < above < below and place:
            # "1/4" may be a day, so a date costs less where a day is wanted
            yield Node("num", *place, whole + Fraction(above, below), cost=1)


def _literal(text: str, decimal: str) -> Fraction | None:
    signs = [sign for sign in text if not sign.isdecimal()]
    if sum(sign.isdecimal() for sign in text) > _DIGITS:
        return None
    if len(set(signs)) == 2:  # 1,299.50 and 1.299,50: the last one stands before the decimals
        decimal = signs[-1]
    elif len(signs) > 1 or signs[0] not in ".,":
        decimal = ""
    elif signs[0] != decimal and not re.fullmatch(r"\d{1,3}[.,]\d{3}", text):
        decimal = signs[0]  # 12,50 is no thousands
    whole, _, rest = text.partition(decimal) if decimal else (text, "", "")
    digits = re.sub(r"\D", "", whole)
    return Fraction(f"{digits}.{rest or 0}")


def _spoken(words: Sequence[Word], start: int, language: NumberWords) -> Iterator[Node]:
    """Yield the numbers that begin at a word, one for each word they may end with."""
    total = current = 0
    limit = 10**15  # scales fall: "two thousand three million" are two numbers
    last: int | None = None  # what was added last; None after a hundred or a scale
    place, joined = start, False
    after = words[start + 1].text if start + 1 < len(words) else ""
    if words[start].text in language.one and (after in language.hundred or after in language.scales):  # "a hundred"
        place, current, last = start + 1, 1, 1
    first = place == start
    while place < len(words):
        word = words[place].text
        small, nth = language.small.get(word), language.ordinals.get(word)
        if nth is not None and (first or _adds(current, last, nth, language)):
            yield Node("ord", start, place + 1, total + current + nth)
        if word in language.twenties and last == 4 and current % 100 == 4:
            current, last = current + 76, 80
        elif small is not None and (first or _adds(current, last, small, language)):
            current, last = current + small, small
        elif word in language.hundred and (first or (last is not None and 0 < current < 100)):
            current, last = (current or 1) * 100, None
        elif language.scales.get(word, limit) < limit and (first or current):
            limit = language.scales[word]
            total, current, last = total + (current or 1) * limit, 0, None
        elif word in language.joins and not first and not joined:
            place, joined = place + 1, True
            continue
        elif word in language.point and not first and not joined:
            yield from _decimals(words, start, place + 1, total + current, language)
            return
        else:
            return
        first, joined, place = False, False, place + 1
        yield Node("n", start, place, total + current)


def _adds(current: int, last: int | None, more: int, language: NumberWords) -> bool:
    """Say whether a small number goes on with what was said: "twenty" "three", "hundred" "five"."""
    if last is None:
        return 0 < more < 1000 if not current else 0 < more < 100
    if last == 10:
        return more in language.after_ten
    if last in (60, 80) and 10 <= more < 20:  # soixante-dix, quatre-vingt-dix
        return True
    if 100 <= last < 1000 and last % 100 == 0:  # doscientos treinta
        return 0 < more < 100
    return last % 10 == 0 and 20 <= last < 100 and 0 < more < 10


def _decimals(words: Sequence[Word], start: int, place: int, whole: int, language: NumberWords) -> Iterator[Node]:
    digits = ""
    while place < len(words) and len(digits) < _DIGITS:
        word = words[place].text
        digit = word if word.isdecimal() else "0" if word in language.zeros else str(language.small.get(word, "x"))
        if not digit.isdecimal() or (len(digit) > 1 and digits):
            return
        digits, place = digits + digit, place + 1
        yield Node("num", start, place, Fraction(f"{whole}.{digits}"))

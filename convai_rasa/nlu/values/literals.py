"""Dates and times that are written with digits and signs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from convai_rasa.nlu.values.chart import Node
from convai_rasa.nlu.values.moments.clock import certain, clock
from convai_rasa.nlu.values.moments.days import date_of_year, next_date
from convai_rasa.nlu.values.moments.when import Context, When
from convai_rasa.nlu.values.placed_words import Word, covered

_ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d|-)")
_FULL = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/]|[.-]\d)")
_SHORT = re.compile(r"(?<![\d./])(\d{1,2})/(\d{1,2})(?![\d/])")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(?!\d)")
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]0+)?)?(?![\d:])")
_DOT_CLOCK = re.compile(r"(?<![\d:.,])(\d{1,2})\. ?(\d{2})(?![\d.,:]\d|\d)")
_FOUR = re.compile(r"(?<![\d.,:/-])([01]\d|2[0-3])([0-5]\d)(?![\d.,:/-]*\d)")


def literals_in(text: str, words: Sequence[Word], style: Collection[str], context: Context) -> Iterator[Node]:
    """Yield what digits and signs say: ``date``, ``tod``, ``hm``, and ``four`` for 1930, which may be no time.

    ``style`` is that of the ``Language``.
    """
    month_first = "month_first" in style

    def node(match: re.Match[str], category: str, meaning: When | None, cost: int = 0) -> Iterator[Node]:
        start, end = match.span()
        unended = start + len(match[0].rstrip("."))  # the full stop that ends a sentence is no word
        place = covered(words, start, end) or covered(words, start, unended)
        if meaning is not None and place:
            yield Node(category, *place, meaning, cost)

    for match in _ISO.finditer(text):
        yield from node(match, "date", date_of_year((int(match[3]), int(match[4])), int(match[1])))
    for match in _FULL.finditer(text):
        md = _month_and_day(match[1], match[3], month_first and match[2] != ".")
        yield from node(match, "date", date_of_year(md, int(match[4])))
    for match in _SHORT.finditer(text):
        md = _month_and_day(match[1], match[2], month_first)
        if md[0] <= 12:  # 20/20 is no day, and nobody means it as one
            yield from node(match, "date", next_date(context, md))
    for match in _DOTTED.finditer(text) if "dotted_days" in style else ():
        yield from node(match, "date", next_date(context, (int(match[2]), int(match[1]))))
    for match in _CLOCK.finditer(text):
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        written = certain if len(match[1]) == 2 and match[1][0] == "0" else clock
        yield from node(match, "tod", written(hour, minute, second))
        yield from node(match, "hm", clock(hour, minute))
    for match in _DOT_CLOCK.finditer(text):
        yield from node(match, "tod", clock(int(match[1]), int(match[2])), cost=1)
        yield from node(match, "hm", clock(int(match[1]), int(match[2])), cost=1)
    for place, word in enumerate(words):
        if len(word.text) <= 2 and word.text.isdecimal() and int(word.text) <= 24:
            yield Node("written_hour", place, place + 1, clock(int(word.text)))
        if len(word.text) == 2 and word.text.isdecimal() and int(word.text) < 60:
            yield Node("minutes", place, place + 1, int(word.text))
    for match in _FOUR.finditer(text):
        yield from node(match, "four", clock(int(match[1]), int(match[2])))


def _month_and_day(first: str, second: str, month_first: bool) -> tuple[int, int]:
    month, day = (int(first), int(second)) if month_first else (int(second), int(first))
    return (day, month) if month > 12 >= day else (month, day)

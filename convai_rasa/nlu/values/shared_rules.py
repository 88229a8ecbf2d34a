"""Rules that are the same in every language, and dates and times that are written.

Categories: ``n`` whole number, ``num`` number, ``frac`` fraction and ``share`` its word ("half"), ``ord`` ordinal,
``scale`` what multiplies; ``unit`` and ``dur`` of time, ``ahead`` a moment that lies so far away; ``wd`` weekday (0 is
Monday) and ``wday`` the one that is meant, ``mon`` month, ``md`` month and day; ``day``, ``span`` of days, ``part`` of
the day (``at_part`` where it stands behind a time), ``pd`` (part of a day), ``tod`` and ``clock`` (time of day, and as
a clock shows it), ``trng`` and ``otod`` (a range of them, and one that is open), ``dt`` (day and time), ``rng``;
``when`` is any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from convai_rasa.nlu.values import moments as m
from convai_rasa.nlu.values.chart import Grammar, Node
from convai_rasa.nlu.values.words import Word


def add_shared_rules(grammar: Grammar) -> None:
    """Add what needs no word of a language."""
    rule = grammar.rule
    rule("num", "<n>", lambda _c, n: Fraction(n))
    rule("num", "<n> <frac>", lambda _c, n, frac: n + frac if n >= 1 and isinstance(frac, Fraction) else None)
    rule("num", "<frac>", lambda _c, frac: frac)
    rule("num", "<n> <share>", lambda _c, n, share: n * share if n * share < 1 else None)
    rule("num", "<num> <scale>", lambda _c, num, scale: num * scale if num < 10**6 else None)
    rule("num", "- <num>", lambda _c, num: -num)
    rule("dur", "<num> <unit>", lambda _c, num, unit: m.duration(num, unit))
    rule("dur", "<dur> <dur>", lambda _c, one, other: m.plus(one, other))
    rule("dt", "<day> ,? <tod>", lambda _c, day, tod: m.together(day, tod))
    rule("dt", "<tod> ,? <day>", lambda _c, tod, day: m.together(day, tod))
    rule("dt", "<pd> ,? <tod>", lambda _c, day, tod: m.together(day, tod))
    rule("dt", "<tod> ,? <pd>", lambda _c, tod, day: m.together(day, tod))
    rule("dt", "<day> t <tod>", lambda _c, day, tod: m.together(day, tod))
    rule("dt", "<day> ,? <trng>", lambda _c, day, tod: m.together(day, tod))
    rule("dt", "<trng> ,? <day>", lambda _c, tod, day: m.together(day, tod))
    rule("dt", "<pd> ,? <trng>", lambda _c, day, tod: m.together(day, tod))
    rule("dt", "<trng> ,? <pd>", lambda _c, tod, day: m.together(day, tod))
    rule("day", "<ahead>", lambda _c, when: None if when.times else when)
    rule("dt", "<ahead>", lambda _c, when: when if when.times else None)
    rule("pd", "<day> <part>", lambda _c, day, part: m.part_of(day, part))
    rule("day", "<wd> ,? <date>", lambda c, weekday, day: m.with_weekday(c, day, weekday))
    rule("day", "<date> ,? <wd>", lambda c, day, weekday: m.with_weekday(c, day, weekday))
    rule("day", "<date>", lambda _c, day: day)
    rule("day", "<wday>", lambda _c, day: day)
    rule("nth", "<ord>", lambda _c, n: n if 1 <= n <= 31 else None)
    rule("date", "<md>", lambda c, md: m.month_day(c, *md))
    rule("year", "<n>", lambda _c, n: n if 1000 <= n <= 2999 else None)
    rule("year", "<n>", lambda _c, n: m.full_year(n) if n < 100 else None, cost=3)
    rule("day_number", "<n>", m.day_of_month, cost=3)
    rule("written_year", "<year>", lambda _c, n: m.year_of(n) if 1900 <= n <= 2100 else None)
    rule("hour", "<n>", lambda _c, n: m.clock(n) if n <= 24 else None)
    rule("time_number", "<hour>", lambda _c, when: when, cost=2)
    rule("tod", "<clock>", lambda _c, when: when)
    rule("tod", "<tod> <at_part>", lambda _c, when, part: m.in_part(when, part))
    rule("trng", "<trng> <at_part>", lambda _c, when, part: m.in_part(when, part))
    rule("rng", "<day> - <day>", m.span)
    rule("rng", "<dt> - <dt>", m.span)
    rule("trng", "<tod> - <tod>", m.span)
    for category in ("day", "span", "pd", "tod", "trng", "dt", "rng"):
        rule("when", f"<{category}>", lambda _c, when: when)


@dataclass(frozen=True)
class Literals:
    """How a language writes dates and times.

    Attributes:
        month_first: 12/3 is the third of December.
        dotted_days: "24.12." is a day.
    """

    month_first: bool = False
    dotted_days: bool = False


_ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d|-)")
_FULL = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/]|[.-]\d)")
_SHORT = re.compile(r"(?<![\d./])(\d{1,2})/(\d{1,2})(?![\d/])")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(?!\d)")
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]0+)?)?(?![\d:])")
_DOT_CLOCK = re.compile(r"(?<![\d:.,])(\d{1,2})\. ?(\d{2})(?![\d.,:]\d|\d)")
_FOUR = re.compile(r"(?<![\d.,:/-])([01]\d|2[0-3])([0-5]\d)(?![\d.,:/-]*\d)")


def literals_in(text: str, words: Sequence[Word], style: Literals, context: m.Context) -> Iterator[Node]:
    """Yield what digits and signs say: ``date``, ``tod``, ``hm``, and ``four`` for 1930, which may be no time."""
    starts = {word.start: place for place, word in enumerate(words)}
    ends = {word.end: place + 1 for place, word in enumerate(words)}

    def node(match: re.Match[str], category: str, meaning: m.When | None, cost: int = 0) -> Iterator[Node]:
        end = match.end()
        if meaning is not None and match.start() in starts:
            while end not in ends and text[end - 1 : end] in ".":  # the full stop that ends a sentence is no word
                end -= 1
            if end in ends:
                yield Node(category, starts[match.start()], ends[end], meaning, cost)

    for match in _ISO.finditer(text):
        yield from node(match, "date", m.full_date(int(match[1]), int(match[3]), int(match[4])))
    for match in _FULL.finditer(text):
        yield from node(match, "date", _written(int(match[1]), int(match[3]), int(match[4]), match[2], style))
    for match in _SHORT.finditer(text):
        yield from node(match, "date", _written_short(int(match[1]), int(match[2]), style, context))
    for match in _DOTTED.finditer(text) if style.dotted_days else ():
        yield from node(match, "date", m.month_day(context, int(match[2]), int(match[1])))
    for match in _CLOCK.finditer(text):
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        written = m.certain if len(match[1]) == 2 and match[1][0] == "0" else m.clock
        yield from node(match, "tod", written(hour, minute, second))
        yield from node(match, "hm", m.clock(hour, minute))
    for match in _DOT_CLOCK.finditer(text):
        yield from node(match, "tod", m.clock(int(match[1]), int(match[2])), cost=1)
        yield from node(match, "hm", m.clock(int(match[1]), int(match[2])), cost=1)
    for place, word in enumerate(words):
        if len(word.text) <= 2 and word.text.isdecimal() and int(word.text) <= 24:
            yield Node("written_hour", place, place + 1, m.clock(int(word.text)))
        if len(word.text) == 2 and word.text.isdecimal() and int(word.text) < 60:
            yield Node("minutes", place, place + 1, int(word.text))
    for match in _FOUR.finditer(text):
        yield from node(match, "four", m.clock(int(match[1]), int(match[2])))


def _written(first: int, second: int, year: int, sign: str, style: Literals) -> m.When:
    month, day = (first, second) if style.month_first and sign != "." else (second, first)
    if month > 12 >= day:
        month, day = day, month
    return m.full_date(year, month, day)


def _written_short(first: int, second: int, style: Literals, context: m.Context) -> m.When | None:
    month, day = (first, second) if style.month_first else (second, first)
    if month > 12 >= day:
        month, day = day, month
    if month > 12:
        return None  # 20/20 is no day, and nobody means it as one
    return m.month_day(context, month, day)

"""Days as people say them: "tomorrow", "next Friday", "Friday week", "the twenty third", "in two weeks".

Calendar dates and distances are read by dateparser; weekdays, days of the month and feast days, which it does not
know or reads as past, are read here. Today is always given, never taken from the clock.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import dateparser

from .restaurant import WEEKDAYS
from .words import taken_back

RECENT = dt.timedelta(days=60)  # "November 20th" said on November 24th is a slip, not next year

_DAY = rf"(?P<day>{'|'.join(WEEKDAYS)})"
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_NUMBER = r"(?P<number>\d{1,2})"
_TH = r"(?:st|nd|rd|th)"
_FEASTS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26),
    "new year's eve": (12, 31), "new year's day": (1, 1), "new year's": (1, 1), "valentine's day": (2, 14),
    "valentine's": (2, 14), "halloween": (10, 31),
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """A day somebody named.

    Attributes:
        start, end: where it stands in the prepared text.
        date: None when no calendar has it ("February the thirtieth").
    """

    start: int
    end: int
    date: dt.date | None


def find_day(text: str, today: dt.date, *, bare: bool = False) -> Day | None:
    """Find the day named in a prepared text, skipping one that was taken back ("not Friday, Saturday").

    Args:
        text: the result of ``words.prepare``.
        today: days without a year or a week are the next such day from here on.
        bare: the speaker was asked for a day, so a naked number is a day of the month.
    """
    for pattern, read in _READERS if not bare else (*_READERS, _BARE_NUMBER):
        for match in pattern.finditer(text):
            if not taken_back(text, match.start()):
                return Day(match.start(), match.end(), read(match, today))
    return None


Reader = Callable[["re.Match[str]", dt.date], dt.date | None]


def _days_ahead(days: int) -> Reader:
    return lambda _match, today: today + dt.timedelta(days=days)


def _feast(match: re.Match[str], today: dt.date) -> dt.date | None:
    month, number = next(date for name, date in _FEASTS.items() if name.replace("'", "") == match[0].replace("'", ""))
    day = dt.date(today.year, month, number)
    return day if day >= today else day.replace(year=today.year + 1)


def _calendar_date(match: re.Match[str], today: dt.date) -> dt.date | None:
    words = re.sub(rf"\b(?:the|of)\b|(?<=\d){_TH}\b", " ", match[0])
    day = _parsed(words, today)
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    if day is None or day.day not in numbers:  # dateparser moves February 30th to some other day
        return None
    if day.year == today.year and not re.search(r"\d{4}", words) and day < today - RECENT:
        return _date(day.year + 1, day.month, day.day)
    return day


def _distance(match: re.Match[str], today: dt.date) -> dt.date | None:
    words = match[0].replace("a couple of", "2").replace("'s time", "").replace("fortnight", "2 weeks")
    words = re.sub(r"\b(?:in|from now|from today)\b", " ", words)
    return _parsed("in " + re.sub(r"\ban?\b", "1", words.replace("a 2", "2")).strip(), today)


def _parsed(words: str, today: dt.date) -> dt.date | None:
    parsed = dateparser.parse(
        re.sub(r"\s+", " ", words).strip(),
        languages=["en"],
        settings={"RELATIVE_BASE": dt.datetime.combine(today, dt.time()), "RETURN_AS_TIMEZONE_AWARE": False},
    )
    return parsed.date() if parsed else None


def _weekday(match: re.Match[str], today: dt.date) -> dt.date | None:
    """Read a weekday: alone or with "this" the nearest to come (today counts), with "next" the one of next week."""
    wanted, said = WEEKDAYS.index(match["day"]), match[0]
    nearest = today + dt.timedelta(days=(wanted - today.weekday()) % 7)
    of_next_week = today + dt.timedelta(days=7 + wanted - today.weekday())
    if "last" in said.split():
        return nearest - dt.timedelta(days=7)
    if "next week" in said or ("next" in said.split() and "after" not in said):
        return of_next_week
    if "week" in said or "after next" in said:
        return nearest + dt.timedelta(days=7)
    return nearest


def _day_of_month(match: re.Match[str], today: dt.date) -> dt.date | None:
    """Return the next day with that number; a month that lacks it is passed over."""
    number = int(match["number"])
    year, month = today.year, today.month
    if "next month" in match[0]:
        return _date(*_next_month(year, month), number)
    for _ in range(3):
        day = _date(year, month, number)
        if day is not None and day >= today:
            return day
        year, month = _next_month(year, month)
    return None


def _saturday(_match: re.Match[str], today: dt.date) -> dt.date | None:
    return today + dt.timedelta(days=(5 - today.weekday()) % 7)


def _next_month(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _date(year: int, month: int, number: int) -> dt.date | None:
    return dt.date(year, month, number) if 1 <= number <= calendar.monthrange(year, month)[1] else None


def _reader(pattern: str, read: Reader) -> tuple[re.Pattern[str], Reader]:
    return re.compile(rf"\b(?:{pattern})\b"), read


# The first pattern that matches wins, so the longer way of saying something stands before the shorter.
_READERS = (
    _reader(r"(?:the )?day after tomorrow", _days_ahead(2)),
    _reader(r"(?:a )?week (?:from )?tomorrow|tomorrow week", _days_ahead(8)),
    _reader(r"(?:a )?week today|today week", _days_ahead(7)),
    _reader("|".join(sorted((name.replace("'", "'?") for name in _FEASTS), key=len, reverse=True)), _feast),
    _reader(
        rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?"
        rf"|(?:the )?\d{{1,2}}{_TH}?(?: of)? (?:{_MONTHS})(?: \d{{4}})?"
        rf"|(?:{_MONTHS}) (?:the )?\d{{1,2}}{_TH}?(?!:)(?: \d{{4}})?",
        _calendar_date,
    ),
    _reader(r"in (?:an?|\d{1,2}|a couple of) (?:day|week|month|fortnight)s?(?:'s time)?", _distance),
    _reader(r"(?:an?|\d{1,2}|a couple of) (?:day|week|month|fortnight)s? from (?:now|today)", _distance),
    _reader(rf"{_DAY} (?:the )?{_NUMBER}{_TH}", _day_of_month),
    _reader(rf"(?:(?:a )?week on|next week(?: on)?) {_DAY}", _weekday),
    _reader(rf"{_DAY} (?:week|(?:of )?next week|after next)", _weekday),
    _reader(
        rf"(?:on |for )?the {_NUMBER}{_TH}(?: of next month)?"
        r"(?! (?:time|one|thing|floor|table|name|available|free|possible))",
        _day_of_month,
    ),
    _reader(r"tomorrow|tmrw", _days_ahead(1)),
    _reader(r"yesterday|last night", _days_ahead(-1)),
    _reader(r"today|tonight|this (?:evening|afternoon)", _days_ahead(0)),
    _reader(rf"(?:this |next |coming |last )*{_DAY}s?", _weekday),
    _reader(r"(?:this|the) weekend", _saturday),
)
_BARE_NUMBER = _reader(rf"(?<!at ){_NUMBER}{_TH}?(?! ?(?:am|pm|o'clock|people|persons|guests|:))", _day_of_month)

"""Days and times of day as people say them.

Calendar dates and distances ("the third of December", "in two weeks", "12/24") are read by dateparser. What speech
adds is read here: weekdays ("next Friday", "Friday week"), days of the month ("the twenty third"), the clock ("a
quarter to eight", "half seven", "7.30", "eight o'clock"), and words such as "tonight" or "noon". The present moment
is always given, never taken from the clock.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Callable, Optional

import dateparser

from .numbers import to_digits
from .restaurant import WEEKDAYS

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DAY = "|".join(WEEKDAYS)
_MONTH = "|".join((*MONTHS, "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec"))
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)"
_MERIDIEM = r"(?:\s*(?P<meridiem>a\.?m\b\.?|p\.?m\b\.?))"
_PART = r"(?P<part>in the morning|in the afternoon|in the evening|at night|this evening|this afternoon|tonight)"
_SPOKEN_MINUTES = {"half": 30, "quarter": 15, "a quarter": 15}
_LEAD = r"\b(?:(?P<lead>at|by|around|about|for|from|to|say|maybe|like|until)\s+)?"


@dataclass(frozen=True)
class Found:
    """Something understood, and the words it came from.

    Attributes:
        start, end: where the words are in the prepared text.
    """

    start: int
    end: int


@dataclass(frozen=True)
class Day(Found):
    """A day somebody named; ``date`` is None when no calendar has it ("February the thirtieth")."""

    date: Optional[dt.date]
    words: str


@dataclass(frozen=True)
class Clock(Found):
    """A time of day.

    Attributes:
        hour, minute: as said, so "half past seven" is 7 and 30.
        certain: the half of the day was said too ("19:30", "7 pm", "noon"); otherwise 7 may mean 19.
    """

    hour: int
    minute: int
    certain: bool

    def candidates(self) -> list[dt.time]:
        """Return the times it may mean, the likelier for a restaurant first."""
        said = dt.time(self.hour, self.minute)
        if self.certain or self.hour > 12:
            return [said]
        other = dt.time((self.hour + 12) % 24, self.minute)
        return [said, other] if self.hour == 12 else [other, said]


def prepare(text: str) -> str:
    """Bring an utterance into the form the finders of this package read.

    Lower case, digits for numbers, no punctuation but the marks inside a time or a date.
    """
    text = text.lower().replace("\u2019", "'").replace("\u2013", "-")
    text = re.sub(r"\bo'? ?clock\b|\bo' clock\b", "o'clock", text)
    text = to_digits(text)
    text = re.sub(r"(?<=\d)\s*[.:]\s*(?=\d\d\b)", ":", text)  # Whisper writes "7.30" and "7. 30"
    text = re.sub(r"(?<!\d)([.,:;!?]+)|([.,:;!?]+)(?=\s|$)|,", " ", text.replace("a.m", "am").replace("p.m", "pm"))
    return re.sub(r"\s+", " ", text).strip()


def find_day(text: str, now: dt.datetime, *, bare: bool = False) -> Optional[Day]:
    """Find the day named in a prepared text.

    Args:
        text: the result of ``prepare``.
        now: local time; days without a year or week are the next such day from today on.
        bare: the speaker was asked for a day, so a naked number is a day of the month.

    Returns:
        The last day named when the first one was taken back ("not Friday, Saturday"), else the first.
    """
    for pattern, reader in _DAY_READERS:
        matches = [match for match in pattern.finditer(text) if not _negated(text, match.start())]
        for match in matches:
            day = reader(match, now.date())
            if day is not None:
                return Day(match.start(), match.end(), day or None, match[0])
        if matches and reader is not _bare_weekday:
            match = matches[0]
            return Day(match.start(), match.end(), None, match[0])
    if bare:
        number = re.search(r"\b(\d{1,2})\b(?!\s*(?:am|pm|o'clock|:|people|persons|guests))", text)
        if number and not re.search(r"\d:\d", text):
            return Day(number.start(), number.end(), _day_of_month(number, now.date()), number[0])
    return None


def find_clock(text: str, *, bare: bool = False) -> Optional[Clock]:
    """Find the time of day in a prepared text.

    Args:
        text: the result of ``prepare``, best without the words of the day.
        bare: the speaker was asked for a time, so a naked "8" or "7 30" is one.
    """
    for pattern, reader in _CLOCK_READERS if not bare else (*_CLOCK_READERS, *_BARE_CLOCK_READERS):
        for match in pattern.finditer(text):
            if _negated(text, match.start()):
                continue
            hour_minute = reader(match)
            if hour_minute is None:
                continue
            hour, minute = hour_minute
            meridiem = _half_of_day(match.groupdict().get("meridiem"), text)
            named = bool(re.search(r"noon|midday|lunch|midnight", match[0]))
            if meridiem and hour <= 12 and not named:
                return Clock(match.start(), match.end(), hour % 12 + (12 if meridiem == "pm" else 0), minute, True)
            # twelve at night is midnight; a bare 12 is noon unless the night was named
            return Clock(match.start(), match.end(), hour, minute, named or hour > 12 or hour == 0)
    return None


def _negated(text: str, start: int) -> bool:
    """Say whether the words before a match take it back: "not Friday", "instead of Friday"."""
    return bool(re.search(r"\b(?:not|instead of|rather than)(?: on| at| the| next| this)*\s*$", text[:start]))


def _half_of_day(meridiem: Optional[str], text: str) -> Optional[str]:
    if meridiem:
        return meridiem[0] + "m"
    if re.search(r"\b(in the morning|this morning|morning)\b", text):
        return "am"
    if re.search(r"\b(afternoon|evening|night|tonight|dinner|supper)\b", text):
        return "pm"
    return None


# --- days -------------------------------------------------------------------------------------------------------


def _in_days(days: int) -> Callable[[re.Match[str], dt.date], Optional[dt.date]]:
    return lambda _match, today: today + dt.timedelta(days=days)


def _calendar_date(match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    words = re.sub(r"\b(the|of|on)\b|(?<=\d)(?:st|nd|rd|th)\b", " ", match[0])
    parsed = dateparser.parse(
        re.sub(r"\s+", " ", words).strip(),
        languages=["en"],
        settings={
            "RELATIVE_BASE": dt.datetime.combine(today, dt.time()),
            "PREFER_DATES_FROM": "current_period",
            "REQUIRE_PARTS": ["day"],
        },
    )
    if parsed is None:
        return None
    day = parsed.date()
    if day < today and not re.search(r"\d{4}", match[0]):
        return _safe_date(day.year + 1, day.month, day.day)
    return day


def _distance(match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    words = re.sub(r"\b(?:an?|one)\b", "1", match[0].replace("a couple of", "2").replace("'s time", ""))
    parsed = dateparser.parse(
        words if words.startswith("in ") else f"in {words.removesuffix(' from now').removesuffix(' from today')}",
        languages=["en"],
        settings={"RELATIVE_BASE": dt.datetime.combine(today, dt.time())},
    )
    return parsed.date() if parsed else None


def _weekday(match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    """Read "Friday", "this Friday", "next Friday", "Friday week", "a week on Friday".

    "Next Friday" said on a Monday to Thursday is heard as next week's Friday; a weekday alone is the nearest one to
    come. Today's own name means today when it stands alone.
    """
    ahead = (WEEKDAYS.index(match["day"]) - today.weekday()) % 7
    how = match[0]
    if "next week" in how:
        return today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7 + WEEKDAYS.index(match["day"]))
    if "week" in how:
        return today + dt.timedelta(days=ahead + 7)
    if "after next" in how:
        return today + dt.timedelta(days=(ahead or 7) + 7)
    if "next" in how:
        monday = today - dt.timedelta(days=today.weekday())
        return monday + dt.timedelta(days=7 + WEEKDAYS.index(match["day"]))
    return today + dt.timedelta(days=ahead)


def _bare_weekday(match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    return _weekday(match, today)


def _weekday_and_ordinal(match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    return _day_of_month(match, today)


def _day_of_month(match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    """Return the next day with that number, skipping months that have none."""
    number = int(match[1])
    if not 1 <= number <= 31:
        return None
    year, month = today.year, today.month
    if "next month" in match[0]:
        year, month = year + month // 12, month % 12 + 1
        return _safe_date(year, month, number)
    if "this month" in match[0]:
        return _safe_date(year, month, number)
    for _ in range(4):
        day = _safe_date(year, month, number)
        if day is not None and day >= today:
            return day
        year, month = year + month // 12, month % 12 + 1
    return None


def _holiday(match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    month, number = _HOLIDAYS[match[1].replace("'", "")]
    this_year = dt.date(today.year, month, number)
    return this_year if this_year >= today else dt.date(today.year + 1, month, number)


def _saturday(_match: re.Match[str], today: dt.date) -> Optional[dt.date]:
    return today + dt.timedelta(days=(5 - today.weekday()) % 7)


def _safe_date(year: int, month: int, day: int) -> Optional[dt.date]:
    return dt.date(year, month, day) if day <= calendar.monthrange(year, month)[1] else None


_HOLIDAYS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26),
    "new years eve": (12, 31), "new years day": (1, 1), "new years": (1, 1), "valentines day": (2, 14),
    "valentines": (2, 14), "halloween": (10, 31),
}  # fmt: skip
_HOLIDAY_NAMES = "|".join(sorted((name.replace("years", "year'?s").replace("valentines", "valentine'?s")
                                  for name in _HOLIDAYS), key=len, reverse=True))  # fmt: skip

_DAY_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], Optional[dt.date]]], ...] = (
    (re.compile(r"\b(?:the )?day after (?:tomorrow|tmrw)\b"), _in_days(2)),
    (re.compile(r"\b(?:a )?week (?:from )?(?:tomorrow)\b|\btomorrow week\b"), _in_days(8)),
    (re.compile(r"\b(?:a )?week (?:from )?(?:today|now)\b"), _in_days(7)),
    (re.compile(rf"\b({_HOLIDAY_NAMES})\b"), _holiday),
    (
        re.compile(
            rf"\b(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})\b(?: \d{{4}})?"
            rf"|\b(?:{_MONTH}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?!:)(?: \d{{4}}\b)?"
            r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b"
        ),
        _calendar_date,
    ),
    (re.compile(r"\bin (?:an?|\d{1,2}|a couple of) (?:day|week|month)s?(?:'s time)?\b"), _distance),
    (re.compile(r"\b(?:an?|\d{1,2}|a couple of) (?:day|week|month)s? from (?:now|today)\b"), _distance),
    (re.compile(rf"\b(?:{_DAY}),? (?:the )?{_ORDINAL}\b"), _weekday_and_ordinal),
    (
        re.compile(
            rf"\b(?:a )?week on (?P<day>{_DAY})\b|\b(?P<day2>{_DAY})\b".replace("(?P<day2>", "(?P<_d>") + r"(?!)"
            rf"|\b(?:(?:this|next|the|coming|on|this coming) )*(?P<day3>{_DAY})s? (?:week|next week|after next)\b"
        ),
        lambda match, today: _named(match, today),
    ),
    (re.compile(rf"\bthe {_ORDINAL}\b(?: of (?:this|next) month)?|\b{_ORDINAL}\b"), lambda m, t: _first_group(m, t)),
    (re.compile(r"\b(?:tomorrow|tmrw|tomorow)\b"), _in_days(1)),
    (re.compile(r"\b(?:today|tonight|this evening|this afternoon|this noon)\b"), _in_days(0)),
    (re.compile(rf"\b(?:(?:this|next|coming) )*(?P<day>{_DAY})s?\b"), _bare_weekday),
    (re.compile(r"\b(?:at |on |over )?(?:this|the) weekend\b"), _saturday),
)

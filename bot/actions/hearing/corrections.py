"""A value that takes the place of another: "next Friday … no wait, Saturday instead", "actually five people"."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from ..house.restaurant import WEEKDAYS

_BARE_WEEKDAY = re.compile(
    rf"(?:on |that |the )*(?P<day>{'|'.join(WEEKDAYS)})"
    r"(?:,?(?: (?:instead|then|morning|evening|night|lunch|at|around)\b.*)?)"
)
_BARE_NUMBER = re.compile(
    r"(?:on |for |that )*(?:the )?(?:\d{1,2}(?:st|nd|rd|th)|(?:(?:twenty|thirty)[ -])?(?:first|second|third|"
    r"[a-z]+th))"
)
_NUMBER = (
    r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty)"
)
_OF = r"(?: (?:people|persons|guests|of us|o'clock))?"
_REPLACED = (
    re.compile(rf"\bnot (?:at |for )?(?P<old>{_NUMBER}){_OF}[\s,]+(?:(?:but|it's|at|for) )*(?P<new>{_NUMBER})\b"),
    re.compile(
        rf"\b(?P<new>{_NUMBER}){_OF},? (?:and )?(?:instead of|rather than|not) (?:at |for )?(?P<old>{_NUMBER})\b"
    ),
    re.compile(rf"\bfrom (?P<old>{_NUMBER}){_OF} to (?P<new>{_NUMBER})\b"),
)


def day_in_context(day: dt.date, words: str, noted: dt.date | None, today: dt.date) -> dt.date:
    """Return the day that is meant where another was noted before.

    Args:
        day: the coming one, as it reads without context.
        words: how it was said; only a bare "Saturday" or "the 28th" depends on what was noted.
        noted: the day that was noted.
        today: nothing before it is meant.

    Returns:
        After "next Friday", "Saturday" is the one nearest to that Friday, and "the 28th" is of the same month.
    """
    if noted is None:
        return day
    words = words.lower().strip()
    weekday, number = _BARE_WEEKDAY.fullmatch(words), _BARE_NUMBER.fullmatch(words)
    if weekday:
        ahead = (WEEKDAYS.index(weekday["day"]) - noted.weekday() + 3) % 7 - 3
        near = noted + dt.timedelta(days=ahead)
        return near if near >= today else near + dt.timedelta(days=7)
    if number and day.day <= calendar.monthrange(noted.year, noted.month)[1]:
        same_month = noted.replace(day=day.day)
        return same_month if same_month >= today else day
    return day


def replaced_number(text: str) -> tuple[str, str] | None:
    """Return the old and the new number of "not seven, eight" and "eight instead of seven", as digits or words."""
    found = (pattern.search(text.lower()) for pattern in _REPLACED)
    match = next((match for match in found if match), None)
    return (match["old"], match["new"]) if match else None

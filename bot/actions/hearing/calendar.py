"""Questions about the calendar: which days and times a text asks about, and which day of the week a date is."""

from __future__ import annotations

import datetime as dt
import re

from ..house.restaurant import WEEKDAYS
from ..spoken import ordinal
from .utterance import hear

_WEEKDAY_ASKED = re.compile(
    rf"\b(?:is|was|are|isn't) (?P<day>(?:the )?[\w ]*?\d*\w+) an? (?P<guess>{'|'.join(WEEKDAYS)})\b"
    r"|\b(?:what|which) (?:day|weekday)(?: of the week)? (?:is|was|does) (?P<day2>the \w+(?: \w+){0,3})",
    re.I,
)
_IS_IT_A = re.compile(rf"\b(?:that|it)(?:'s| is|'d be| would be)? an? (?P<guess>{'|'.join(WEEKDAYS)})\b", re.I)
_WHICH_WEEKDAY = re.compile(r"\b(?:what|which) (?:day of the week|weekday) (?:is|was|would) (?:that|it)\b", re.I)


def days_and_times(text: str, now: dt.datetime) -> tuple[list[dt.date], list[dt.time]]:
    """Return the days a question names, and what its time may mean."""
    heard = [hear(part, now=now) for part in re.split(r"\b(?:and|or)\b|,", text)]
    days = dict.fromkeys(day for one in heard for day in one.days)
    return list(days), next((list(one.times) for one in heard if one.times), [])


def weekday_asked(text: str, now: dt.datetime, noted: dt.date | None = None) -> str | None:
    """Answer a question about the calendar, "is the fifth a Saturday?"; None where there is none.

    Args:
        text: as typed or recognized.
        now: the restaurant's time.
        noted: the day that "that's a Thursday, isn't it?" is about.
    """
    asked = _WEEKDAY_ASKED.search(text)
    heard = hear(asked["day"] or asked["day2"], now=now).day if asked else None
    day, guess = heard.date if heard else None, (asked["guess"] or "") if asked else ""
    if day is None and noted is not None and (about_it := _IS_IT_A.search(text) or _WHICH_WEEKDAY.search(text)):
        day, guess = noted, about_it.groupdict().get("guess") or ""
    if day is None:
        return None
    weekday = f"{day:%A}"
    begin = "" if not guess else "Yes, " if guess.capitalize() == weekday else "No, "
    return f"{begin}{ordinal_day(day)} is a {weekday}.".replace("the", "The", 0 if begin else 1)


def ordinal_day(day: dt.date) -> str:
    """Say a day without its weekday: "the 5th of December"."""
    return f"the {ordinal(day.day)} of {day:%B}"

"""Times of day as people say them: "half past seven", "a quarter to eight", "7.30", "eight o'clock", "noon"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from .words import taken_back

_HOUR = r"(?P<hour>[01]?\d|2[0-3])"
_MINUTE = r"(?P<minute>[0-5]\d)"
_HALF = r"(?: ?(?P<half>am|pm)\b)?"
_NOT_PEOPLE = (
    r"(?! ?(?:people|persons?|guests?|adults?|of us|kids|children|seats|diners|minutes?|hours?|days?|weeks?|"
    r"[:/.]\d|st\b|nd\b|rd\b|th\b))"
)
_NAMED_HOURS = {"noon": 12, "midday": 12, "midnight": 0}


@dataclass(frozen=True)
class Clock:
    """A time of day somebody named.

    Attributes:
        start, end: where it stands in the prepared text.
        hour, minute: as said: "half past seven" is 7 and 30.
        certain: the half of the day was said too ("19:30", "7 pm", "noon"); otherwise 7 may mean 19.
    """

    start: int
    end: int
    hour: int
    minute: int
    certain: bool

    def candidates(self) -> list[dt.time]:
        """Return the times it may mean, the likelier one at a restaurant first."""
        said = dt.time(self.hour, self.minute)
        if self.certain or self.hour > 12 or self.hour == 0:
            return [said]
        other = dt.time((self.hour + 12) % 24, self.minute)
        return [said, other] if self.hour == 12 else [other, said]


def find_clock(text: str, *, context: str | None = None, bare: bool = False) -> Clock | None:
    """Find the time of day named in a prepared text, skipping one that was taken back ("not at eight").

    Args:
        text: the result of ``words.prepare``, with the words of the day masked.
        context: the text before masking: "tonight" names a day, and also tells 8 in the evening from 8 in the morning.
        bare: the speaker was asked for a time, so a naked "8" is one.
    """
    for pattern, read in _READERS if not bare else (*_READERS, _BARE):
        for match in pattern.finditer(text):
            if taken_back(text, match.start()):
                continue
            hour, minute, certain = read(match)
            half = match.groupdict().get("half") or _half_of_day(context or text)
            if half and not certain and 1 <= hour <= 12:
                at_night = hour == 12 and bool(re.search(r"\bat night\b", context or text))
                hour = 0 if at_night else hour % 12 + (12 if half == "pm" else 0)
                certain = True
            return Clock(match.start(), match.end(), hour, minute, certain)
    return None


def _half_of_day(text: str) -> str | None:
    if re.search(r"\bmorning\b", text):
        return "am"
    if re.search(r"\b(?:afternoon|evening|night|tonight|dinner|supper)\b", text):
        return "pm"
    return None


Reading = Callable[["re.Match[str]"], tuple[int, int, bool]]


def _plain(match: re.Match[str]) -> tuple[int, int, bool]:
    hour = int(match["hour"])
    return hour, int(match.groupdict().get("minute") or 0), hour > 12 or hour == 0


def _relative(match: re.Match[str]) -> tuple[int, int, bool]:
    """Read "half past 7", "a quarter to 8", "10 to 9", "5 past noon"."""
    hour = _NAMED_HOURS.get(match["hour"])
    certain = hour is not None or int(match["hour"]) > 12
    hour = int(match["hour"]) if hour is None else hour
    minutes = {"half": 30, "quarter": 15}.get(match["minutes"]) or int(match["minutes"])
    if match["way"] in ("past", "after"):
        return hour, minutes, certain
    return (hour - 1) % 24 if hour > 1 or certain else 12, 60 - minutes, certain


def _half_seven(match: re.Match[str]) -> tuple[int, int, bool]:
    return int(match["hour"]), 30, False


def _named(match: re.Match[str]) -> tuple[int, int, bool]:
    return _NAMED_HOURS[match["name"]], 0, True


# The first pattern that matches wins, so the longer way of saying something stands before the shorter.
_READERS: tuple[tuple[re.Pattern[str], Reading], ...] = (
    (
        re.compile(
            r"\b(?:at )?(?:a )?(?P<minutes>half|quarter|[1-5]?\d)(?: minutes?)? (?P<way>past|after|to|before|till|of) "
            rf"(?P<hour>noon|midday|midnight|1?\d|2[0-3])\b(?: o'clock)?{_HALF}"
        ),
        _relative,
    ),
    (re.compile(rf"\b(?:at )?(?P<name>{'|'.join(_NAMED_HOURS)})\b"), _named),
    (re.compile(rf"\b(?:at )?{_HOUR}(?::| )?{_MINUTE} ?(?P<half>am|pm)\b"), _plain),
    (re.compile(rf"\b(?:at )?{_HOUR}:{_MINUTE}\b"), _plain),
    (re.compile(rf"\b(?:at )?{_HOUR} ?(?P<half>am|pm)\b"), _plain),
    (re.compile(rf"\b(?:at )?{_HOUR} o'clock\b"), _plain),
    (re.compile(r"\b(?:at )?half (?P<hour>1?\d)\b"), _half_seven),
    (
        re.compile(
            rf"\b(?:at|around|about|by|for|from|until|to|say|say at) {_HOUR} ?(?P<minute>[0-5][05])\b{_NOT_PEOPLE}"
        ),
        _plain,
    ),
    (re.compile(rf"(?<![\d#] )(?<!\d)\b{_HOUR} (?P<minute>[0-5][05])\b(?! ?\d){_NOT_PEOPLE}"), _plain),
    (re.compile(rf"\b(?:at|around|at around|at about|by|from|until|say) {_HOUR}\b{_NOT_PEOPLE}"), _plain),
    (re.compile(rf"\b{_HOUR}(?= (?:in the (?:morning|afternoon|evening)|at night|tonight|this evening|#))\b"), _plain),
)
_BARE: tuple[re.Pattern[str], Reading] = (re.compile(rf"\b{_HOUR}\b{_NOT_PEOPLE}"), _plain)

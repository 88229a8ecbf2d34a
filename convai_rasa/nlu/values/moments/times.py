"""Times of day, and parts of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from convai_rasa.nlu.values.moments.when import DAY, IMPOSSIBLE, Part, When

# From and to which hour a part of the day lasts; the night goes on until the day ends.
PARTS = {"morning": (6, 12), "noon": (12, 14), "afternoon": (12, 18), "evening": (18, 24), "night": (20, 24)}
# The hours somebody may add a part to: "one in the morning", "five in the evening", "two at night".
_HOURS = {"morning": range(0, 12), "noon": range(11, 15), "afternoon": range(12, 20), "evening": range(16, 24)}


def clock(hour: int, minute: int = 0, second: int = 0, half: str | None = None) -> When | None:
    """Return a time of day; without ``half`` ("am", "pm") 1 to 12 may be in either half."""
    if not (0 <= hour <= 24 and 0 <= minute < 60 and 0 <= second < 60) or (hour == 24 and (minute or second)):
        return None
    if half:
        if not 1 <= hour <= 12:
            return clock(hour, minute, second) if half == "pm" and 12 <= hour < 24 else None
        hour = hour % 12 + (12 if half == "pm" else 0)
        times: tuple[dt.time, ...] = (dt.time(hour, minute, second),)
    elif 1 <= hour <= 12:
        times = (dt.time(hour % 12, minute, second), dt.time(hour % 12 + 12, minute, second))
    else:
        times = (dt.time(hour % 24, minute, second),)
    return When(times=times, clock=True, grain="second" if second else "minute" if minute else "hour")


def certain(hour: int, minute: int = 0, second: int = 0) -> When | None:
    """Return a time of the 24-hour clock: 07:30 is in the morning."""
    found = clock(hour, minute, second)
    return found and replace(found, times=(dt.time(hour % 24, minute, second),))


def past(hour: When, minutes: int) -> When | None:
    """Return so many minutes after (before, where negative) a full hour."""
    if hour.days or hour.until or not hour.clock or hour.times[0].minute or not -60 < minutes < 60:
        return None
    moved = tuple((dt.datetime.combine(dt.date(2000, 1, 2), time) + minutes * dt.timedelta(minutes=1)).time()
                  for time in hour.times)  # fmt: skip
    return replace(hour, times=moved, grain="minute")


def in_part(when: When, part: Part) -> When | None:
    """Return "eight in the evening": of the times that may be meant the one in this part of the day."""
    if when.impossible:
        return when
    if not when.clock or when.part:
        return None
    times = tuple(time for time in when.times if _fits(time, part.name))
    until = tuple(time for time in when.until if _fits(time, part.name))
    if not times or (when.until and not until):
        return None
    return replace(when, times=_best(times, part.name)[:1], until=_best(until, part.name)[:1], part=part.name)


def _fits(time: dt.time, part: str) -> bool:
    if part == "night":
        return time.hour >= 17 or time.hour < 6
    return time.hour in _HOURS[part] or (part == "evening" and time == dt.time(0))


def _best(times: tuple[dt.time, ...], part: str) -> tuple[dt.time, ...]:
    if part == "night" and len(times) > 1:  # "twelve at night", "two at night", but "eight at night"
        return tuple(sorted(times, key=lambda time: 6 <= time.hour < 18))
    return times


def part_of(day: When | None, part: Part) -> When | None:
    """Return "tomorrow evening"; without a day the part alone."""
    if day is not None and (day.impossible or day.last or day.times or not day.days):
        return day if day.impossible else None
    first, end = PARTS[part.name]
    last = dt.time(23, 59, 59) if end == 24 else dt.time(end)
    base = day or When()
    return replace(base, times=(dt.time(first),), until=(last,), part=part.name, grain="hour")


def together(day: When, time: When) -> When | None:
    """Return a day with a time of that day."""
    if day.impossible or time.impossible:
        return IMPOSSIBLE
    if day.last or not day.days or time.days or not time.times or day.open:
        return None
    if day.part:  # "tomorrow evening" and "eight"
        if day.clock or not time.clock:
            return None
        found = time if time.part else in_part(time, Part(day.part))
        if found is None:
            return None
        late = day.part == "night" and found.times[0].hour < 6
        days = tuple(one + DAY for one in day.days) if late else day.days
        return replace(found, days=days, settled=day.settled, approximate=day.approximate or found.approximate)
    if day.times:
        return None
    return replace(time, days=day.days, settled=day.settled, approximate=day.approximate or time.approximate)

"""Times of day, and parts of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from convai_rasa.nlu.values.moments.days import coming, in_days, of_next_week
from convai_rasa.nlu.values.moments.when import DAY, IMPOSSIBLE, Context, When

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


def early(hour: int, minute: int) -> When | None:
    """Return "oh seven thirty"."""
    return certain(hour, minute) if hour < 10 else None


def only_time(when: When) -> When | None:
    """Return a time that is in one half of the day."""
    return when if len(when.times) == 1 else None


def halved(when: When, half: str) -> When | None:
    """Return a time with "am" or "pm"."""
    time = when.times[0]
    if len(when.times) == 2:
        return clock(time.hour or 12, time.minute, time.second, half)
    # "19:30 pm" is said, "13 pm" hardly
    return when if half == "pm" and time.hour >= 12 and when.grain != "hour" else None


def before(hour: When, minutes: int) -> When | None:
    """Return "ten to eight"; nobody says half to."""
    return past(hour, -minutes) if minutes != 30 else None


def past(hour: When, minutes: int, times: int = 1, more: int = 0) -> When | None:
    """Return so many minutes after a full hour; with -1 for ``times`` before it."""
    minutes = minutes * times + more
    if hour.days or hour.until or not hour.clock or hour.times[0].minute or not -60 < minutes < 60:
        return None
    moved = tuple((dt.datetime.combine(dt.date(2000, 1, 2), time) + minutes * dt.timedelta(minutes=1)).time()
                  for time in hour.times)  # fmt: skip
    return replace(hour, times=moved, grain="minute")


def in_part(when: When, part: str) -> When | None:
    """Return "eight in the evening": of the times that may be meant the one in this part of the day."""
    if when.impossible:
        return when
    if not when.clock or when.part:
        return None
    times = tuple(time for time in when.times if _fits(time, part))
    until = tuple(time for time in when.until if _fits(time, part))
    if not times or (when.until and not until):
        return None
    return replace(when, times=_best(times, part)[:1], until=_best(until, part)[:1], part=part)


def _fits(time: dt.time, part: str) -> bool:
    if part == "night":
        return time.hour >= 17 or time.hour < 6
    return time.hour in _HOURS[part] or (part == "evening" and time == dt.time(0))


def _best(times: tuple[dt.time, ...], part: str) -> tuple[dt.time, ...]:
    if part == "night" and len(times) > 1:  # "twelve at night", "two at night", but "eight at night"
        return tuple(sorted(times, key=lambda time: 6 <= time.hour < 18))
    return times


def part_of(day: When | None, part: str) -> When | None:
    """Return "tomorrow evening"; without a day the part alone."""
    if day is not None and (day.impossible or day.last or day.times or not day.days):
        return day if day.impossible else None
    first, end = PARTS[part]
    last = dt.time(23, 59, 59) if end == 24 else dt.time(end)
    base = day or When()
    return replace(base, times=(dt.time(first),), until=(last,), part=part, grain="hour")


def part_alone(part: str) -> When | None:
    """Return "in the evening"."""
    return part_of(None, part)


def part_of_today(context: Context, part: str, days: int = 0) -> When | None:
    """Return "this evening", or of so many days later."""
    return part_of(in_days(context, days), part)


def part_of_weekday(context: Context, said: tuple[int, str]) -> When | None:
    """Return "Freitagabend"."""
    return part_of(coming(context, said[0]), said[1])


def part_of_next_weekday(context: Context, said: tuple[int, str]) -> When | None:
    """Return "nächsten Freitagabend"."""
    return part_of(of_next_week(context, said[0]), said[1])


def together(day: When, time: When) -> When | None:
    """Return a day with a time of that day."""
    if day.impossible or time.impossible:
        return IMPOSSIBLE
    if day.last or not day.days or time.days or not time.times or day.open:
        return None
    if day.part:  # "tomorrow evening" and "eight"
        if day.clock or not time.clock:
            return None
        found = time if time.part else in_part(time, day.part)
        if found is None:
            return None
        late = day.part == "night" and found.times[0].hour < 6
        days = tuple(one + DAY for one in day.days) if late else day.days
        return replace(found, days=days, settled=day.settled, approximate=day.approximate or found.approximate)
    if day.times:
        return None
    return replace(time, days=day.days, settled=day.settled, approximate=day.approximate or time.approximate)

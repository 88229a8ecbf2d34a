"""Values written for the ear: "half past seven in the evening", "Friday the 27th of November", "a, b and c"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from .house.restaurant import Opening


def say_time(time: dt.time, *, part: bool = True) -> str:
    """Say a time of day: "7:30 in the evening", "noon", or with ``part=False`` only "7:30"."""
    if (time.hour, time.minute) == (12, 0):
        return "noon"
    if (time.hour, time.minute) == (0, 0):
        return "midnight"
    hour = time.hour % 12 or 12
    clock = f"{hour}:{time.minute:02d}" if time.minute else f"{hour}"
    return f"{clock} {_part(time)}" if part else clock


def _part(time: dt.time) -> str:
    if time.hour < 12:
        return "in the morning"
    if time.hour < 17:
        return "in the afternoon"
    return "in the evening" if time.hour < 23 else "at night"


def say_day(day: dt.date, today: dt.date) -> str:
    """Say a day: "today", "tomorrow", "Friday the 27th of November"."""
    if day == today:
        return "today"
    long = f"{day:%A} the {ordinal(day.day)} of {day:%B}"
    return f"tomorrow, {long}" if day == today + dt.timedelta(days=1) else long


def say_when(day: dt.date, time: dt.time, today: dt.date) -> str:
    """Say a day and a time: "tonight at 8", "tomorrow, Wednesday the 25th of November, at noon"."""
    if day == today and time.hour >= 17:
        return f"tonight at {say_time(time, part=False)}"
    if day == today:
        return f"today at {say_time(time)}"
    return f"{say_day(day, today)}, at {say_time(time)}"


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th, …"""
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def say_list(words: Sequence[str], last: str = "and") -> str:
    """Join words: "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def say_openings(openings: Sequence[Opening]) -> str:
    """Say opening hours: "from noon to 2:30 in the afternoon, and from 6 to 10:30 at night"."""
    return ", and ".join(f"from {_short_start(opening)} to {say_time(opening.end)}" for opening in openings)


def say_minutes(minutes: int) -> str:
    """Say how long something lasts: "2 hours", "an hour and 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    said = [f"{hours} hours" if hours > 1 else "an hour"] if hours else []
    return say_list([*said, *([f"{rest} minutes"] if rest else [])])


def say_guests(size: int) -> str:
    """Say a number of guests: "1 person", "4 people"."""
    return "1 person" if size == 1 else f"{size} people"


def say_phone(number: str) -> str:
    """Say a telephone number digit by digit, with a pause at each gap."""
    return ", ".join(" ".join(group) for group in number.split())


def _short_start(opening: Opening) -> str:
    same_half = _part(opening.start) == _part(opening.end) or opening.start.hour >= 17
    return say_time(opening.start, part=not same_half)
